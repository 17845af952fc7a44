using SatNode.Orbit.Constellations;
using SatNode.Rig.Scenarios.Yaml;

namespace SatNode.Rig.Scenarios;

/// <summary>Reads the links: which pairs of satellites have terminals for each other.</summary>
internal static class LinkReader
{
    public static LinkSpec Read(YamlMap map, IReadOnlyList<SatelliteSpec> satellites)
    {
        YamlValue? topology = map.Need("topology");
        string kind = topology?.AsOneOf("plus-grid", "pairs") ?? "plus-grid";
        List<(string From, string To)> pairs = [];
        YamlValue? listed = kind is "pairs" ? map.Need("pairs") : map.Find("pairs");
        if (kind is "pairs")
            pairs = ReadPairs(listed, satellites);
        else if (listed is not null)
            map.FaultAt("pairs", "expected with topology 'pairs' only");
        else if (satellites.Any(satellite => satellite.Orbit is TleOrbit))
            topology!.Fault("expected 'pairs' for satellites of a TLE file, found 'plus-grid'");
        else
            pairs = PlusGrid(satellites);
        var links = new LinkSpec(pairs,
            map.Need("maxRangeKm")?.AsNumber(1, 10_000) ?? 1,
            map.Need("rateBitsPerSecond")?.AsNumber(1000, 100e9) ?? 1000,
            map.Find("groundRateBitsPerSecond")?.AsNumber(1000, 100e9) ?? 50e6);
        map.Close();
        return links;
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
