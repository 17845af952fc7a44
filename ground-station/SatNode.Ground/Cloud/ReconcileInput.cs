using SatNode.Ground.Cloud.Resources;
using SatNode.Ground.Commanding;
using SatNode.Ground.Placement;

namespace SatNode.Ground.Cloud;

/// <summary>All that a decision about one function is made of.</summary>
internal sealed record ReconcileInput
{
    /// <summary>What is wanted, and the status that was written last.</summary>
    public required SatelliteFunctionObject Object { get; init; }

    /// <summary>What the image of spec means.</summary>
    public required ImageResolution Image { get; init; }

    /// <summary>The object that the function's name belongs to, when it is another.</summary>
    public string? NameTakenBy { get; init; }

    /// <summary>All satellites.</summary>
    public required IReadOnlyList<Candidate> Fleet { get; init; }

    /// <summary>By satellite the command that says most about the function there.</summary>
    public required IReadOnlyDictionary<string, DeploymentCommand> Commands { get; init; }

    /// <summary>The rules and scores of placement.</summary>
    public required PlacementPipeline Pipeline { get; init; }

    /// <summary>World time for which a placed satellite may break a rule.</summary>
    public required TimeSpan ReplaceAfter { get; init; }

    /// <summary>World time after the first failure before it is tried again.</summary>
    public required TimeSpan RetryAfter { get; init; }

    /// <summary>World time.</summary>
    public required DateTimeOffset Now { get; init; }

    /// <summary>The cluster's time, for conditions.</summary>
    public required DateTimeOffset ClusterNow { get; init; }
}

/// <summary>What is to be done, and the status as it stands before that.</summary>
/// <param name="Commands">Commands to queue.</param>
/// <param name="Status">The status.</param>
/// <param name="MayGo">True when a deleted function is off all satellites.</param>
internal sealed record ReconcilePlan(IReadOnlyList<PlannedCommand> Commands, SatelliteFunctionStatus Status, bool MayGo);

/// <summary>A deploy of the resolved image, or an undeploy.</summary>
internal readonly record struct PlannedCommand(string Satellite, bool IsDeploy);
