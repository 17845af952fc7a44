using SatNode.Orbit.Constellations;
using SatNode.Orbit.Contacts;
using SatNode.Orbit.Topologies;
using SatNode.Rig.Scenarios.Yaml;

namespace SatNode.Rig.Scenarios;

/// <summary>Reads the links: which pairs of satellites have terminals for each other.</summary>
internal static class LinkReader
{
    private const int DefaultTerminals = 4;

    /// <summary>Reads them; nearest ones and trees are chosen at the scenario's epoch and stay chosen.</summary>
    public static LinkSpec Read(YamlMap map, IReadOnlyList<SatelliteSpec> satellites, DateTimeOffset epoch)
    {
        YamlValue? topology = map.Need("topology");
        string kind = topology?.AsOneOf("plus-grid", "pairs", "nearest", "spanning-tree") ?? "plus-grid";
        double maxRangeKm = map.Need("maxRangeKm")?.AsNumber(1, 10_000) ?? 1;
        var limits = new IslLimits { MaxRangeKm = maxRangeKm };
        YamlValue? listed = Of("pairs", "pairs"), count = Of("nearest", "nearest"), loops = Of("closeLoops", "spanning-tree"), terminals = Of("terminals", "nearest", "spanning-tree");
        int leastTerminals = kind is "spanning-tree" ? 2 : 1;
        int terminalsMax = (int)(terminals?.AsInteger(leastTerminals, Topology.TerminalsMax) ?? DefaultTerminals);
        int nearest = (int)(count?.AsInteger(1, Topology.TerminalsMax) ?? DefaultTerminals);
        bool closeLoops = loops?.AsBoolean() ?? false;
        List<(string From, string To)> pairs = kind switch
        {
            "pairs" => ReadPairs(listed ?? map.Need("pairs"), satellites),
            "nearest" => TopologyLinks.At(epoch, satellites, new NearestTopology(satellites.Count, nearest, terminalsMax, limits)),
            "spanning-tree" => TopologyLinks.At(epoch, satellites, new SpanningTreeTopology(satellites.Count, terminalsMax, limits, closeLoops)),
            _ => PlusGrid(satellites),
        };
        if (kind is "plus-grid" && topology is not null && satellites.Any(satellite => satellite.Orbit is TleOrbit))
            topology.Fault("expected 'pairs', 'nearest' or 'spanning-tree' for satellites that are not of the shell, found 'plus-grid'");
        var links = new LinkSpec(pairs, maxRangeKm,
            map.Need("rateBitsPerSecond")?.AsNumber(1000, 100e9) ?? 1000,
            map.Find("groundRateBitsPerSecond")?.AsNumber(1000, 100e9) ?? 50e6);
        map.Close();
        return links;

        YamlValue? Of(string key, params ReadOnlySpan<string> kinds)
        {
            YamlValue? value = map.Find(key);
            if (value is null || kinds.Contains(kind))
                return value;
            map.FaultAt(key, $"expected with topology {string.Join(" or ", kinds.ToArray().Select(one => $"'{one}'"))} only");
            return null;
        }
    }

    /// <summary>+Grid: each satellite to the next and the previous of its plane and to its neighbours in both planes beside it, as far as these fly.</summary>
    private static List<(string From, string To)> PlusGrid(IReadOnlyList<SatelliteSpec> satellites)
    {
        List<(string From, string To)> pairs = [];
        for (int i = 0; i < satellites.Count; i++)
        {
            if (satellites[i].Orbit is not ShellOrbit one)
                continue;
            PlusGridNeighbours around = SpecOrbits.ShellOf(one.Shell, default).NeighboursOf(one.Plane, one.Slot);
            ShellPlace?[] places = [around.Ahead, around.Behind, around.East, around.West];
            pairs.AddRange(satellites.Skip(i + 1)
                .Where(other => other.Orbit is ShellOrbit place && places.Contains(new ShellPlace(place.Plane, place.Slot)))
                .Select(other => (satellites[i].Name, other.Name)));
        }
        return pairs;
    }

    private static List<(string From, string To)> ReadPairs(YamlValue? list, IReadOnlyList<SatelliteSpec> satellites)
    {
        List<(string From, string To)> pairs = [];
        string[] names = [.. satellites.Select(satellite => satellite.Name)];
        foreach (YamlValue item in list?.AsList() ?? [])
        {
            IReadOnlyList<YamlValue> ends = item.AsList();
            if (ends.Count != 2)
            {
                item.Fault($"expected two names, found {ends.Count}");
                continue;
            }
            string from = SatelliteName.Read(ends[0], names), to = SatelliteName.Read(ends[1], names);
            if (from.Length == 0 || to.Length == 0)
                continue;
            if (from == to)
                item.Fault($"expected two satellites, found '{from}' twice");
            else if (pairs.Contains((from, to)) || pairs.Contains((to, from)))
                item.Fault($"'{from}' and '{to}' stand twice");
            else
                pairs.Add((from, to));
        }
        return pairs;
    }
}
