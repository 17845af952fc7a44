using System.Text.Json.Serialization;
using k8s.Models;

namespace SatNode.Ground.Cloud.Resources;

/// <summary>A function that should run on satellites: <c>satellitefunctions.satnode.dev/v1</c>, see <c>deploy/crds</c>.</summary>
internal sealed record SatelliteFunctionObject
{
    /// <summary>The resource's name in paths.</summary>
    public const string Plural = "satellitefunctions";

    /// <summary>Name, generation, finalizers.</summary>
    public V1ObjectMeta Metadata { get; init; } = new();

    /// <summary>What is wanted.</summary>
    public SatelliteFunctionSpec Spec { get; init; } = new();

    /// <summary>What is.</summary>
    public SatelliteFunctionStatus? Status { get; init; }

    /// <summary>True while it waits for its finalizers.</summary>
    [JsonIgnore]
    public bool IsDeleting => Metadata.DeletionTimestamp is not null;

    /// <summary>True when its deletion waits for the bridge.</summary>
    [JsonIgnore]
    public bool IsHeld => Metadata.Finalizers?.Contains(ApiNames.Finalizer) == true;
}

/// <summary>Names of the API.</summary>
internal static class ApiNames
{
    /// <summary>The group of all resources.</summary>
    public const string Group = "satnode.dev";

    /// <summary>Their version.</summary>
    public const string Version = "v1";

    /// <summary>Keeps a function's object until it is off the satellites.</summary>
    public const string Finalizer = "satnode.dev/undeploy";
}

/// <summary>What is wanted. What is null stays as the image's manifest has it.</summary>
internal sealed record SatelliteFunctionSpec
{
    public string Image { get; init; } = "";

    public int Replicas { get; init; } = 1;

    public LimitsSpec? Limits { get; init; }

    public ConstraintsSpec? Constraints { get; init; }

    public SloSpec? Slo { get; init; }

    public PlacementSpec? Placement { get; init; }
}

/// <summary>Limits of one invocation.</summary>
internal sealed record LimitsSpec(int? MemoryBytesMax, long? FuelMax, long? TimeMaxMs, double? EnergyPerInvocationMaxJoules, int? InvocationsPerOrbitMax,
    int? InvocationsPerSecondMax, int? FanOutMax, int? InputBytesMax, int? OutputBytesMax);

/// <summary>What must hold of the satellite.</summary>
internal sealed record ConstraintsSpec(double? BoardTemperatureMaxCelsius, double? StateOfChargeMinPercent);

/// <summary>By when, and how urgent.</summary>
internal sealed record SloSpec(long? DeadlineMs, int? Priority);

/// <summary>Where it may be placed.</summary>
internal sealed record PlacementSpec(IReadOnlyList<string>? Satellites, WeightsSpec? Weights);

/// <summary>What scores count.</summary>
internal sealed record WeightsSpec(int? Latency, int? Temperature, int? Charge, int? Spread);

/// <summary>What is.</summary>
internal sealed record SatelliteFunctionStatus
{
    public long ObservedGeneration { get; init; }

    public string? Function { get; init; }

    public string? Image { get; init; }

    public int Replicas { get; init; }

    public int ReadyReplicas { get; init; }

    public string? Selector { get; init; }

    public IReadOnlyList<PlacementStatus> Placements { get; init; } = [];

    public IReadOnlyList<ConditionStatus> Conditions { get; init; } = [];

    /// <summary>True when nothing but words and numbers for people differ.</summary>
    public bool SaysTheSameAs(SatelliteFunctionStatus other) =>
        (ObservedGeneration, Function, Image, Replicas, ReadyReplicas, Selector) == (other.ObservedGeneration, other.Function, other.Image, other.Replicas, other.ReadyReplicas, other.Selector)
        && Placements.Select(Gist).SequenceEqual(other.Placements.Select(Gist)) && Conditions.Select(Gist).SequenceEqual(other.Conditions.Select(Gist));

    private static (string, string, string?, string?, DateTimeOffset?) Gist(PlacementStatus placement) =>
        (placement.Satellite, placement.State, placement.Image, placement.Command, placement.UnfitSince);

    private static (string, string, string) Gist(ConditionStatus condition) => (condition.Type, condition.Status, condition.Reason);
}

/// <summary>A satellite that has the function, is about to, or could not take it.</summary>
internal sealed record PlacementStatus(string Satellite, string State, string? Image = null, string? Command = null, string? Reason = null, DateTimeOffset? UnfitSince = null);

/// <summary>A condition as Kubernetes has it.</summary>
internal sealed record ConditionStatus(string Type, string Status, long ObservedGeneration, DateTimeOffset LastTransitionTime, string Reason, string Message);

/// <summary>A list with the version at which it was taken.</summary>
internal sealed record ObjectList<T>(V1ListMeta Metadata, IReadOnlyList<T> Items);
