using SatNode.Ground.Cloud.Resources;
using SatNode.Ground.Placement;

namespace SatNode.Ground.Cloud;

/// <summary>The status of a function in the words of Kubernetes: conditions with a reason for machines and a message that a person can act on.</summary>
internal static class FunctionConditions
{
    /// <summary>The image is known and its limits are good.</summary>
    public const string ImageResolved = "ImageResolved";

    /// <summary>There is a satellite for each replica.</summary>
    public const string Scheduled = "Scheduled";

    /// <summary>Something is on its way.</summary>
    public const string Progressing = "Progressing";

    /// <summary>Every replica is deployed on a fit satellite.</summary>
    public const string Ready = "Ready";

    private const int MessageCharsMax = 8192;

    /// <summary>The status.</summary>
    public static SatelliteFunctionStatus StatusOf(ReconcileInput input, IReadOnlyList<PlacementStatus> placements, PlacementTally tally)
    {
        SatelliteFunctionObject wanted = input.Object;
        Finding image = Image(input);
        Finding scheduled = Schedule(input, tally);
        Finding progressing = Progress(tally, scheduled);
        Finding ready = Judge(input, tally, image, scheduled, progressing);
        return new()
        {
            ObservedGeneration = wanted.Metadata.Generation ?? 0,
            Function = input.Image.Function,
            Image = input.Image.Digest ?? wanted.Status?.Image,
            Replicas = tally.Placed,
            ReadyReplicas = tally[PlacementState.Deployed],
            Selector = input.Image.Function is { } function ? $"satnode.dev/function={function}" : null,
            Placements = placements,
            Conditions = [.. new[] { image, scheduled, progressing, ready }.Select(finding => Stamp(input, finding))],
        };
    }

    private static Finding Image(ReconcileInput input) => new(ImageResolved, input.Image.Digest is not null, input.Image.Reason, input.Image.Message);

    private static Finding Schedule(ReconcileInput input, PlacementTally tally)
    {
        int wanted = input.Object.Spec.Replicas;
        if (input.Object.IsDeleting)
            return new(Scheduled, false, "Deleted", "the object was deleted; the function is taken off all satellites");
        if (input.NameTakenBy is { } other)
            return new(Scheduled, false, "FunctionNameTaken", $"function {input.Image.Function} belongs to SatelliteFunction {other}, which is older; delete one of the two, or use an image with another function name");
        if (input.Image.Digest is null)
            return new(Scheduled, false, input.Image.Reason, "nothing is placed or taken off without an image");
        if (tally.Placed >= wanted)
            return new(Scheduled, true, "Placed", $"{tally.Placed} of {wanted} replicas have a satellite");
        if (wanted > input.Fleet.Count)
            return new(Scheduled, false, "NotEnoughSatellites", $"{tally.Placed} of {wanted} replicas have a satellite; the station has {input.Fleet.Count}{Further(tally)}");
        return new(Scheduled, false, "NoSatelliteFits", $"{tally.Placed} of {wanted} replicas have a satellite{Further(tally)}");
    }

    private static string Further(PlacementTally tally) => tally.Refused.Count == 0 ? "" : $"; 0 of {tally.Refused.Count} further fit: {PlacementVerdict.Words(tally.Refused)}";

    private static Finding Progress(PlacementTally tally, Finding scheduled)
    {
        if (tally[PlacementState.Deploying] > 0)
            return new(Progressing, true, "Deploying", $"on its way to {tally.Explained(PlacementState.Deploying)}");
        if (tally[PlacementState.Waiting] > 0)
            return new(Progressing, true, "WaitingForPass", tally.Explained(PlacementState.Waiting));
        if (tally[PlacementState.Removing] > 0)
            return new(Progressing, true, "Removing", $"taken off {tally.Explained(PlacementState.Removing)}");
        if (tally[PlacementState.Failed] > 0)
            return new(Progressing, false, "CommandFailed", tally.Explained(PlacementState.Failed));
        return scheduled.IsTrue ? new(Progressing, false, "Complete", "nothing is on its way") : new(Progressing, false, scheduled.Reason, scheduled.Message);
    }

    private static Finding Judge(ReconcileInput input, PlacementTally tally, Finding image, Finding scheduled, Finding progressing)
    {
        int wanted = input.Object.Spec.Replicas;
        int ready = tally[PlacementState.Deployed];
        if (input.Object.IsDeleting)
            return new(Ready, false, "Removing", progressing.Message);
        if (!image.IsTrue)
            return new(Ready, false, image.Reason, image.Message);
        if (input.NameTakenBy is not null)
            return new(Ready, false, scheduled.Reason, scheduled.Message);
        if (ready >= wanted)
            return wanted == 0 ? new(Ready, true, "ScaledToZero", "no replica is wanted") : new(Ready, true, "AllReplicasReady", $"{ready} of {wanted} on {string.Join(", ", tally.Named(PlacementState.Deployed))}");
        Finding cause = Cause(tally, scheduled, progressing);
        return new(Ready, false, cause.Reason, $"{ready} of {wanted} ready; {cause.Message}");
    }

    /// <summary>What a person should look at first.</summary>
    private static Finding Cause(PlacementTally tally, Finding scheduled, Finding progressing)
    {
        if (tally[PlacementState.Failed] > 0)
            return new(Ready, false, "CommandFailed", tally.Explained(PlacementState.Failed));
        if (!scheduled.IsTrue)
            return scheduled;
        return progressing.IsTrue ? progressing : new(Ready, false, "ReplicasUnfit", tally.Explained(PlacementState.Unfit));
    }

    /// <summary>Keeps the time of a condition that did not change.</summary>
    private static ConditionStatus Stamp(ReconcileInput input, Finding finding)
    {
        string status = finding.IsTrue ? "True" : "False";
        ConditionStatus? before = input.Object.Status?.Conditions.FirstOrDefault(condition => condition.Type == finding.Type);
        DateTimeOffset since = before?.Status == status ? before.LastTransitionTime : WholeSecond(input.ClusterNow);
        string message = finding.Message.Length <= MessageCharsMax ? finding.Message : string.Concat(finding.Message.AsSpan(0, MessageCharsMax - 1), "…");
        return new(finding.Type, status, input.Object.Metadata.Generation ?? 0, since, finding.Reason, message);
    }

    private static DateTimeOffset WholeSecond(DateTimeOffset time) => new(time.UtcTicks - (time.UtcTicks % TimeSpan.TicksPerSecond), TimeSpan.Zero);

    private readonly record struct Finding(string Type, bool IsTrue, string Reason, string Message);
}
