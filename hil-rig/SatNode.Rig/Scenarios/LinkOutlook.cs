using System.Globalization;
using SatNode.Orbit;
using SatNode.Orbit.Contacts;

namespace SatNode.Rig.Scenarios;

/// <summary>Says of a scenario's links when they can be up, and whether they hold the satellites together.</summary>
internal static class LinkOutlook
{
    /// <summary>One line a link, <see cref="Limits.MaxLinksTold"/> at most, and one if there are parts that no link joins.</summary>
    public static IEnumerable<string> Of(Scenario scenario)
    {
        Dictionary<string, SatelliteOrbit> orbits = scenario.Satellites.ToDictionary(
            satellite => satellite.Name, satellite => new SatelliteOrbit(SpecOrbits.ElementsOf(satellite.Orbit, scenario.Epoch)), StringComparer.Ordinal);
        var limits = new IslLimits { MaxRangeKm = scenario.Links.MaxRangeKm };
        foreach ((string from, string to) in scenario.Links.Pairs.Take(Limits.MaxLinksTold))
            yield return $"  {from} - {to}: {Shown(ContactWindows.IslWindows(orbits[from], orbits[to], limits, scenario.Epoch, scenario.End), scenario.Duration)}";
        if (scenario.Links.Pairs.Count > Limits.MaxLinksTold)
            yield return $"  and {scenario.Links.Pairs.Count - Limits.MaxLinksTold} more links";
        List<List<string>> parts = Parts(scenario);
        if (parts.Count > 1)
            yield return $"  no link joins the {parts.Count} parts {string.Join("; ", parts.Take(Limits.MaxFaults).Select(part => string.Join(", ", part)))}{(parts.Count > Limits.MaxFaults ? "; and more" : "")}";
    }

    private static string Shown(IReadOnlyList<IslWindow> windows, TimeSpan duration) => windows.Count == 0
        ? "never up"
        : string.Create(CultureInfo.InvariantCulture, $"up {100 * windows.Sum(window => window.Duration.TotalSeconds) / duration.TotalSeconds:0.#} % of the time, {windows.Min(window => window.MinRangeKm):0} to {windows.Max(window => window.MaxRangeKm):0} km");

    private static List<List<string>> Parts(Scenario scenario)
    {
        List<List<string>> parts = [.. scenario.Satellites.Select(satellite => new List<string> { satellite.Name })];
        foreach ((string from, string to) in scenario.Links.Pairs)
        {
            List<string> one = parts.First(part => part.Contains(from)), other = parts.First(part => part.Contains(to));
            if (one == other)
                continue;
            one.AddRange(other);
            parts.Remove(other);
        }

        return parts;
    }
}
