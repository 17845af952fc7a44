using SatNode.Orbit.Elements;
using SatNode.Orbit.Geometry;
using SatNode.Rig.Scenarios.Yaml;
using YamlDotNet.RepresentationModel;

namespace SatNode.Rig.Scenarios;

/// <summary>Reads a satellite's position and velocity at an instant, and makes the elements that it flies by.</summary>
internal static class StateReader
{
    private const double MaxKm = 1e6, MaxKmPerSecond = 100;

    /// <summary>The orbit; null and faults when there is none.</summary>
    /// <param name="value">The map of the state.</param>
    /// <param name="name">The satellite's name.</param>
    /// <param name="number">Its number.</param>
    /// <param name="epoch">The scenario's epoch, which is the state's unless that tells its own.</param>
    public static TleOrbit? Read(YamlValue value, string name, int number, DateTimeOffset epoch)
    {
        if (value.AsMap() is not { } map)
            return null;
        int before = map.File.Faults.Count;
        DateTimeOffset at = map.Find("epoch")?.AsElementEpoch() ?? epoch;
        Vector3d position = Vector(map.Need("positionKm"), MaxKm), velocity = Vector(map.Need("velocityKmPerSecond"), MaxKmPerSecond);
        _ = map.Need("frame")?.AsOneOf("teme");
        double bStar = map.Find("bStar")?.AsNumber(-1, 1) ?? 0;
        map.Close();
        if (map.File.Faults.Count > before)
            return null;
        try
        {
            return new(ElementFit.FromState(new(position, velocity), at, bStar) with { Name = name, CatalogNumber = number });
        }
        catch (ElementFitException fault)
        {
            value.Fault($"expected {fault.Expected}, found {fault.Found}");
            return null;
        }
    }

    private static Vector3d Vector(YamlValue? value, double max)
    {
        if (value is null)
            return default;
        IReadOnlyList<YamlValue> items = value.AsList();
        if (value.Node is YamlSequenceNode && items.Count != 3)
            value.Fault($"expected three numbers x, y, z, found {items.Count}");
        return items.Count == 3 ? new(items[0].AsNumber(-max, max), items[1].AsNumber(-max, max), items[2].AsNumber(-max, max)) : default;
    }
}
