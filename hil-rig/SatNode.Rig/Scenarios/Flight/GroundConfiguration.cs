using System.Globalization;
using System.Text;
using SatNode.Orbit.Elements;
using SatNode.Protocol.Time;

namespace SatNode.Rig.Scenarios.Flight;

/// <summary>Writes the ground station's configuration, YAML.</summary>
internal static class GroundConfiguration
{
    /// <summary>The configuration of the ground station of a scenario; its keys and data are beside the file.</summary>
    /// <param name="scenario">The scenario.</param>
    /// <param name="clock">The world's clock.</param>
    /// <param name="orbits">The element sets by name.</param>
    /// <param name="kubeconfig">With what the station reaches the cluster of the scenario; null without one.</param>
    public static string Of(Scenario scenario, MissionClock clock, IReadOnlyDictionary<string, Tle> orbits, string? kubeconfig = null)
    {
        var text = new StringBuilder();
        text.Append("name: ground\n");
        text.Append(CultureInfo.InvariantCulture, $"clock: {{ epoch: \"{clock.Epoch:O}\", origin: \"{clock.Origin:O}\", rate: {clock.Rate} }}\n");
        text.Append(CultureInfo.InvariantCulture, $"mqtt: {{ port: {scenario.Ground.Mqtt.Port} }}\nhttp: {{ port: {scenario.Ground.Http.Port} }}\n");
        text.Append("dataFolder: data\nkeys: keys\nsatellites:\n");
        foreach (SatelliteSpec satellite in scenario.Satellites)
        {
            (string line1, string line2) = orbits[satellite.Name].ToLines();
            text.Append(CultureInfo.InvariantCulture, $"  - {{ name: {satellite.Name}, number: {satellite.Number}, tle: [\"{line1}\", \"{line2}\"] }}\n");
        }
        text.Append("stations:\n");
        foreach (StationSpec station in scenario.Stations)
        {
            text.Append(CultureInfo.InvariantCulture, $"  - {{ name: {station.Name}, latitude: {station.LatitudeDegrees}, longitude: {station.LongitudeDegrees}, ");
            text.Append(CultureInfo.InvariantCulture, $"altitudeMetres: {station.AltitudeMetres}, minElevationDegrees: {station.MinElevationDegrees} }}\n");
        }
        if (scenario.Cloud is { } cloud && kubeconfig is not null)
        {
            text.Append(CultureInfo.InvariantCulture, $"objectives: {{ windowSeconds: {cloud.Window.TotalSeconds}, functions: {{ {cloud.Function}: {cloud.Threshold.TotalSeconds} }} }}\n");
            text.Append(CultureInfo.InvariantCulture, $"cloud: {{ kubeconfig: \"{kubeconfig}\" }}\n");
        }
        return text.ToString();
    }
}
