using SatNode.Protocol.Dictionary;

namespace SatNode.Rig.Scenarios.Checks;

/// <summary><c>state-crossed-two-hops</c>: some state came to a satellite over at least two links, and the link emulator carried at least its bytes on a
/// chain of that many links from its origin to there.</summary>
internal static class StateCheck
{
    public const string Name = "state-crossed-two-hops";

    private const int Hops = 2;

    public static CheckResult Run(FlightRecord flight)
    {
        string? fault = null;
        double mostHops = 0;
        foreach (SatelliteRecord satellite in flight.Satellites)
        {
            foreach (EventRecord received in satellite.Archive.Where(candidate => candidate.Name == Events.StateReceived.Name))
            {
                double hops = received.Number("hops"), bytes = received.Number("bytes");
                mostHops = hops > mostHops ? hops : mostHops;
                if (!(hops >= Hops))
                    continue;
                string origin = Origin(flight, received.Text("origin"));
                if (Chain(flight.Links, origin, satellite.Name, bytes) is { } chain)
                    return new(Name, Passed: true, $"{received.Text("key")}, {bytes:0} bytes: {string.Join(" → ", chain)}, {hops:0} hops; {Carried(flight.Links, chain)}");
                fault ??= $"{satellite.Name}: {received.Text("key")} came over {hops:0} hops from {origin}, but the emulator carried {bytes:0} bytes on no chain of two links between them";
            }
        }
        return new(Name, Passed: false, fault ?? (mostHops > 0 ? $"state came over {mostHops:0} hop at most" : "no state came over a link"));
    }

    /// <summary>The origin's name: an endpoint (ipn:NODE.SERVICE) is looked up by its number.</summary>
    private static string Origin(FlightRecord flight, string text)
    {
        string number = text.StartsWith("ipn:", StringComparison.Ordinal) ? text[4..].Split('.')[0] : text;
        return flight.Scenario.Satellites.FirstOrDefault(satellite => satellite.Number.ToString() == number)?.Name ?? text;
    }

    /// <summary>The shortest chain of at least two links that each carried the bytes; the direct link does not count.</summary>
    private static List<string>? Chain(IReadOnlyList<LinkRecord> links, string from, string to, double bytes)
    {
        Dictionary<string, string> before = new(StringComparer.Ordinal) { [from] = "" };
        Queue<string> open = new([from]);
        while (open.TryDequeue(out string? node) && !before.ContainsKey(to))
        {
            foreach (LinkRecord link in links.Where(link => link.From == node && link.Bytes >= bytes && !(node == from && link.To == to)))
            {
                if (before.TryAdd(link.To, node))
                    open.Enqueue(link.To);
            }
        }
        if (!before.ContainsKey(to) || from == to)
            return null;
        List<string> chain = [];
        for (string node = to; node.Length > 0; node = before[node])
            chain.Insert(0, node);
        return chain;
    }

    private static string Carried(IReadOnlyList<LinkRecord> links, List<string> chain) => "the emulator carried "
        + string.Join(" and ", chain.Zip(chain.Skip(1), (from, to) => $"{links.Where(link => link.From == from && link.To == to).Sum(link => link.Bytes)}")) + " bytes on these links";
}
