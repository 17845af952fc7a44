using k8s.Models;

namespace SatNode.Ground.Cloud.Resources;

/// <summary>A satellite as the cluster sees it: <c>satellites.satnode.dev/v1</c>, see <c>deploy/crds</c>.</summary>
internal sealed record SatelliteObject
{
    /// <summary>The resource's name in paths.</summary>
    public const string Plural = "satellites";

    public string ApiVersion { get; init; } = $"{ApiNames.Group}/{ApiNames.Version}";

    public string Kind { get; init; } = "Satellite";

    public V1ObjectMeta Metadata { get; init; } = new();

    public SatelliteSpec Spec { get; init; } = new(0, null);

    public SatelliteStatus? Status { get; init; }
}

/// <summary>What the station is configured with.</summary>
internal sealed record SatelliteSpec(int Number, IReadOnlyList<string>? Tle);

/// <summary>What the ground knows; null is unknown. Times are the world's.</summary>
internal sealed record SatelliteStatus(ContactStatus? Contact, PositionStatus? Position, double? StateOfCharge, double? BoardCelsius, string? Mode, string? AgentVersion,
    DateTimeOffset? HousekeepingTime, DateTimeOffset? LastSeen, IReadOnlyList<FunctionStatus>? Functions);

/// <summary>Whether telecommands reach it.</summary>
internal sealed record ContactStatus(string State, DateTimeOffset? Since, PassStatus? NextPass);

/// <summary>A pass over an antenna.</summary>
internal sealed record PassStatus(string Station, DateTimeOffset Start, DateTimeOffset End);

/// <summary>Where it was.</summary>
internal sealed record PositionStatus(double Latitude, double Longitude, double AltitudeMetres);

/// <summary>A function that is deployed.</summary>
internal sealed record FunctionStatus(string Name, string Version, string Image);
