using System.Net;
using SatNode.Ground.Cloud;
using SatNode.Ground.Metrics;
using SatNode.Ground.Placement;
using SatNode.Orbit;
using SatNode.Orbit.Contacts;
using SatNode.Orbit.Elements;
using SatNode.Orbit.Geometry;

namespace SatNode.Ground.Configuration;

/// <summary>The configuration of a ground station; all paths are absolute.</summary>
internal sealed record GroundOptions
{
    /// <summary>The file it was read from, for error texts.</summary>
    public required string File { get; init; }

    /// <summary>The station's name.</summary>
    public required string Name { get; init; }

    /// <summary>The world's clock.</summary>
    public required ClockOptions Clock { get; init; }

    /// <summary>The broker.</summary>
    public required MqttOptions Mqtt { get; init; }

    /// <summary>Where the HTTP API listens.</summary>
    public required IPEndPoint Http { get; init; }

    /// <summary>Where the archive is.</summary>
    public required string DataFolder { get; init; }

    /// <summary>Where the command signing key and the API token are.</summary>
    public required string KeysFolder { get; init; }

    /// <summary>The satellites; only these may connect.</summary>
    public required IReadOnlyList<SatelliteOptions> Satellites { get; init; }

    /// <summary>The antennas.</summary>
    public required IReadOnlyList<StationOptions> Stations { get; init; }

    /// <summary>Commanding.</summary>
    public required CommandingOptions Commanding { get; init; }

    /// <summary>What functions cost.</summary>
    public required CostOptions Costs { get; init; }

    /// <summary>What functions should achieve.</summary>
    public required ObjectiveOptions Objectives { get; init; }

    /// <summary>How old housekeeping may be before its series vanish from the metrics, in world time; 6,000 s (about an orbit) unless told.</summary>
    public required TimeSpan TelemetryMaxAge { get; init; }

    /// <summary>The rules by which satellites are chosen for functions.</summary>
    public required PlacementOptions Placement { get; init; }

    /// <summary>The cluster that steers the satellites; null when there is none.</summary>
    public required CloudOptions? Cloud { get; init; }

    /// <summary>Where the series are sent by OTLP; null for nowhere.</summary>
    public required OtlpOptions? Otlp { get; init; }

    /// <summary>The port of the twins' silo; 0 takes a free one.</summary>
    public required int SiloPort { get; init; }
}

/// <summary>The world's clock, see <see cref="Protocol.Time.MissionClock"/>.</summary>
internal sealed record ClockOptions(DateTimeOffset Epoch, DateTimeOffset Origin, double Rate);

/// <summary>Where the broker listens and its certificate.</summary>
internal sealed record MqttOptions(IPEndPoint EndPoint, string Certificate, string Key, string CertificateAuthority);

/// <summary>A satellite; its two lines are null when its orbit is not known here.</summary>
internal sealed record SatelliteOptions(string Name, int Number, IReadOnlyList<string>? Tle)
{
    /// <summary>Its orbit; null when it is not known here.</summary>
    public SatelliteOrbit? FindOrbit() => Tle is [{ } line1, { } line2] && TleParser.TryParse(line1, line2, out Tle? tle, out _) ? new(tle) : null;
}

/// <summary>An antenna.</summary>
internal sealed record StationOptions(string Name, double LatitudeDegrees, double LongitudeDegrees, double AltitudeMetres, double MinElevationDegrees)
{
    /// <summary>Where it stands and what it sees.</summary>
    public GroundSite Site => new(Geodetic.FromDegrees(LatitudeDegrees, LongitudeDegrees, AltitudeMetres / 1000), ElevationMask.Constant(MinElevationDegrees));
}

/// <summary>Commanding: how long a command is valid after it was queued, in world time, and how many may wait for one satellite.</summary>
internal sealed record CommandingOptions(TimeSpan Validity, int QueueMax);

/// <summary>The prices of a joule and of an hour of CPU, in the currency of the operator.</summary>
internal sealed record CostOptions(double PerJoule, double PerCpuHour);

/// <summary>The response time that functions should stay below, and the window over which they are judged, in world time.</summary>
internal sealed record ObjectiveOptions(TimeSpan Window, TimeSpan Threshold, IReadOnlyDictionary<string, double> ThresholdSecondsByFunction)
{
    /// <summary>The threshold of one function.</summary>
    public TimeSpan ThresholdOf(string function) =>
        ThresholdSecondsByFunction.TryGetValue(function, out double seconds) ? TimeSpan.FromSeconds(seconds) : Threshold;
}
