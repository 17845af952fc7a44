using SatNode.Ground.Cloud.Resources;
using SatNode.Ground.Placement;
using SatNode.Protocol.Functions;

namespace SatNode.Ground.Cloud;

/// <summary>Decides what to do about one function: from what is wanted, what is, and what is on its way. Pure: the same input gives the same plan, and a plan whose
/// commands were queued gives none again.</summary>
internal sealed class FunctionReconciler
{
    /// <summary>Satellites on which an image may have failed before no further one is tried: an image that nobody takes is not sent to everybody.</summary>
    public const int FailuresMax = 3;

    /// <summary>Placements that the status lists.</summary>
    public const int PlacementsMax = 1000;

    private readonly ReconcileInput _input;
    private readonly FunctionSeat[] _seats;
    private readonly Dictionary<string, DateTimeOffset> _unfitSince;
    private readonly SortedDictionary<string, PlacementStatus> _placements = new(StringComparer.Ordinal);
    private readonly List<PlannedCommand> _commands = [];
    private readonly PlacementTally _tally = new();

    private FunctionReconciler(ReconcileInput input, string function)
    {
        _input = input;
        _seats = [.. input.Fleet.Select(satellite => FunctionSeat.Of(satellite, function, input.Commands.GetValueOrDefault(satellite.Name), input.Now, input.RetryAfter))];
        _unfitSince = (input.Object.Status?.Placements ?? []).Where(placement => placement.UnfitSince is not null)
            .ToDictionary(placement => placement.Satellite, placement => placement.UnfitSince!.Value, StringComparer.Ordinal);
    }

    /// <summary>Makes the plan.</summary>
    public static ReconcilePlan Plan(ReconcileInput input)
    {
        if (input.Image.Function is not { } function || input.NameTakenBy is not null)
            return new([], FunctionConditions.StatusOf(input, [], new PlacementTally()), MayGo: true); // nothing of it is on any satellite
        var reconciler = new FunctionReconciler(input, function);
        if (input.Object.IsDeleting)
            reconciler.RemoveFrom([.. reconciler._seats.Where(seat => seat.IsHolder)]);
        else if (input.Image is { Digest: { } digest, Manifest: { } manifest })
            reconciler.Place(digest, manifest);
        else
            reconciler.Watch();
        reconciler.ShowRemovals();
        return new(reconciler._commands, FunctionConditions.StatusOf(input, [.. reconciler._placements.Values.Take(PlacementsMax)], reconciler._tally),
            MayGo: reconciler._placements.Count == 0);
    }

    private void Place(string digest, FunctionManifest manifest)
    {
        SatelliteFunctionSpec spec = _input.Object.Spec;
        HashSet<string>? selected = spec.Placement?.Satellites is { Count: > 0 } names ? names.ToHashSet(StringComparer.Ordinal) : null;
        var request = new PlacementRequest(manifest, _input.Now, selected);
        WeightsSpec? weights = spec.Placement?.Weights;
        PlacementPipeline pipeline = _input.Pipeline.With(weights?.Latency, weights?.Temperature, weights?.Charge, weights?.Spread);
        Holder[] holders = [.. _seats.Where(seat => seat.IsHolder && selected?.Contains(seat.Satellite.Name) != false)
            .Select(seat => Judge(seat, request, pipeline, digest))
            .OrderBy(holder => holder.Refusal is not null).ThenByDescending(holder => holder.HasImage).ThenByDescending(holder => holder.Score)
            .ThenBy(holder => holder.Seat.Satellite.Name, StringComparer.Ordinal)];
        List<Holder> kept = [.. holders.Where(holder => !holder.IsLost).Take(spec.Replicas)];
        int missing = spec.Replicas - kept.Count;
        if (missing > 0)
        {
            PlacementVerdict verdict = Choose(request, pipeline, digest, [.. kept.Select(holder => holder.Seat.Satellite)], missing);
            foreach (ScoredCandidate chosen in verdict.Chosen)
                Deploy(Array.Find(_seats, seat => seat.Satellite.Name == chosen.Candidate.Name)!, digest);
            kept.AddRange(holders.Where(holder => holder.IsLost).Take(missing - verdict.Chosen.Count)); // better an unfit one than none
            _tally.Refused = verdict.Refused;
            _tally.Placed += verdict.Chosen.Count;
        }
        _tally.Placed += kept.Count;
        foreach (Holder holder in kept)
            Keep(holder, digest);
        RemoveFrom([.. _seats.Where(seat => seat.IsHolder && !kept.Exists(holder => holder.Seat == seat))]);
        foreach (FunctionSeat seat in _seats.Where(seat => seat.HoldsOff(digest) && !seat.IsHolder))
            Show(seat, PlacementState.Failed, digest, FailureOf(seat));
    }

    /// <summary>The best of the satellites that do not have it, judged after those that hold it.</summary>
    private PlacementVerdict Choose(PlacementRequest request, PlacementPipeline pipeline, string digest, IReadOnlyCollection<Candidate> taken, int count)
    {
        SortedDictionary<string, Refusal> refused = new(StringComparer.Ordinal);
        List<Candidate> free = [];
        FunctionSeat[] failed = [.. _seats.Where(seat => seat.HoldsOff(digest))];
        foreach (FunctionSeat seat in _seats.Where(seat => !seat.IsHolder))
        {
            if (seat.HoldsOff(digest))
                refused[seat.Satellite.Name] = new(RefusalReason.FailedBefore, Detail: seat.Failed!.Detail);
            else if (seat.OnItsWay is not null)
                refused[seat.Satellite.Name] = new(RefusalReason.BeingRemoved);
            else if (failed.Length >= FailuresMax)
                refused[seat.Satellite.Name] = new(RefusalReason.FailedElsewhere);
            else
                free.Add(seat.Satellite);
        }
        PlacementVerdict verdict = pipeline.Choose(request, free, taken, count);
        foreach ((string name, Refusal refusal) in verdict.Refused)
            refused[name] = refusal;
        return verdict with { Refused = refused };
    }

    private Holder Judge(FunctionSeat seat, PlacementRequest request, PlacementPipeline pipeline, string digest)
    {
        Refusal? refusal = pipeline.Judge(request, seat.Satellite);
        DateTimeOffset? since = refusal is null ? null : _unfitSince.TryGetValue(seat.Satellite.Name, out DateTimeOffset known) ? known : _input.Now;
        return new(seat, refusal, since, IsLost: since + _input.ReplaceAfter <= _input.Now, HasImage: seat.Image == digest, pipeline.Score(request, seat.Satellite, []));
    }

    private void Keep(Holder holder, string digest)
    {
        FunctionSeat seat = holder.Seat;
        if (seat.OnItsWay is not null)
            ShowOnItsWay(seat, digest);
        else if (seat.Image != digest && seat.HoldsOff(digest))
            Show(seat, PlacementState.Failed, seat.Image, FailureOf(seat));
        else if (seat.Image != digest)
            Deploy(seat, digest);
        else if (holder.Refusal is { } refusal)
            Show(seat, PlacementState.Unfit, digest, refusal.InWords(), holder.UnfitSince);
        else
            Show(seat, PlacementState.Deployed, digest);
    }

    private void Deploy(FunctionSeat seat, string digest)
    {
        _commands.Add(new(seat.Satellite.Name, IsDeploy: true));
        Show(seat, PlacementState.Waiting, digest, "the command queue of the satellite is full; tried again");
    }

    private void RemoveFrom(IReadOnlyList<FunctionSeat> holders)
    {
        foreach (FunctionSeat seat in holders)
        {
            if (seat.OnItsWay is { } deploy)
            {
                Show(seat, PlacementState.Removing, deploy.Image, "taken off after the deploy that is on its way", command: deploy.Id);
            }
            else if (seat.Failed is { IsDeploy: false })
            {
                Show(seat, PlacementState.Failed, seat.Image, FailureOf(seat));
            }
            else
            {
                _commands.Add(new(seat.Satellite.Name, IsDeploy: false));
                Show(seat, PlacementState.Removing, seat.Image, "the command queue of the satellite is full; tried again");
            }
        }
    }

    /// <summary>Satellites from which it is being taken off.</summary>
    private void ShowRemovals()
    {
        foreach (FunctionSeat seat in _seats.Where(seat => seat.OnItsWay is { IsDeploy: false }))
            Show(seat, PlacementState.Removing, seat.Image, WaitOf(seat), command: seat.OnItsWay!.Id);
    }

    /// <summary>Without an image nothing is changed: what is there is shown.</summary>
    private void Watch()
    {
        foreach (FunctionSeat seat in _seats.Where(seat => seat.IsHolder))
        {
            _tally.Placed++;
            if (seat.OnItsWay is { } command)
                ShowOnItsWay(seat, command.Image);
            else
                Show(seat, PlacementState.Deployed, seat.Image);
        }
    }

    private void ShowOnItsWay(FunctionSeat seat, string? digest)
    {
        string? wait = WaitOf(seat);
        string? reason = seat.OnItsWay!.Image == digest ? wait : $"another image is on its way and replaced after that{(wait is null ? "" : $"; {wait}")}";
        Show(seat, wait is null ? PlacementState.Deploying : PlacementState.Waiting, seat.OnItsWay.Image, reason, command: seat.OnItsWay.Id);
    }

    /// <summary>What a command on its way waits for; null when it is on board or about to be.</summary>
    private static string? WaitOf(FunctionSeat seat)
    {
        if (seat.OnItsWay is not { State: Commanding.CommandState.Queued or Commanding.CommandState.Released } || seat.Satellite.IsReachable)
            return null;
        return seat.Satellite.NextPass is { } pass
            ? $"waits for a pass until {Words.Time(pass.Start)} over {pass.Station}"
            : "waits for contact";
    }

    private static string FailureOf(FunctionSeat seat) =>
        $"{(seat.Failed!.IsDeploy ? "deploy" : "undeploy")} failed: {Words.Of(seat.Failed.Reason, seat.Failed.Detail)}; tried again after {Words.Time(seat.RetryAt)}";

    private void Show(FunctionSeat seat, PlacementState state, string? image, string? reason = null, DateTimeOffset? unfitSince = null, string? command = null)
    {
        _placements[seat.Satellite.Name] = new(seat.Satellite.Name, state.ToString(), image, command, reason is null ? null : Words.Cut(reason), unfitSince);
        _tally.Count(state, seat.Satellite.Name, reason);
    }

    /// <summary>A satellite that has it or is about to.</summary>
    private readonly record struct Holder(FunctionSeat Seat, Refusal? Refusal, DateTimeOffset? UnfitSince, bool IsLost, bool HasImage, double Score);
}
