using SatNode.Protocol.Telemetry;

namespace SatNode.Rig.Scenarios.Checks;

/// <summary>A step of the way from a missed objective to one that is met again.</summary>
/// <param name="Name">What happened, part of the report's contract.</param>
/// <param name="By">Who did it.</param>
/// <param name="Time">When, in the world; null when it did not happen.</param>
/// <param name="Detail">The numbers, for people.</param>
public sealed record CloudStep(string Name, string By, DateTimeOffset? Time, string Detail);

/// <summary>Finds the steps in what is known of a flight, each by the witness that is nearest to it: Prometheus' samples, the API server's audit log, the stages of the
/// telecommand, and the satellite's report.</summary>
public sealed class CloudSteps
{
    private const string Prometheus = "Prometheus";
    private const string Station = "ground station";
    private const string Bridge = "bridge";

    private readonly FlightRecord _flight;
    private readonly CloudRecord _cloud;
    private readonly CloudSpec _spec;

    private CloudSteps(FlightRecord flight, CloudRecord cloud, CloudSpec spec)
    {
        (_flight, _cloud, _spec) = (flight, cloud, spec);
        Before = FirstMissed() is { } missed ? [.. cloud.Share.TakeWhile(sample => sample.Time < missed.Time)] : cloud.Share;
        Missed = FirstMissed()?.Time;
        Strategy = After<StrategyWrite>(Missed, write => write.CompliancePercent > 100);
        Scale = After<ScaleWrite>(Strategy?.Time, write => write.Replicas > spec.Replicas);
        long generation = cloud.Writes.OfType<StatusWrite>().TakeWhile(write => write.Time < (Scale?.Time ?? DateTimeOffset.MaxValue)).Select(write => write.ObservedGeneration).DefaultIfEmpty().Max();
        Observed = After<StatusWrite>(Scale?.Time, write => write.ObservedGeneration > generation);
        Deployment = Scale is null ? null : cloud.Deployments.FirstOrDefault(trace => trace.TimeOf("queued") >= Scale.Time);
        Ready = After<StatusWrite>(Scale?.Time, write => write.ReadyReplicas > spec.Replicas);
        Served = Deployment is null ? null : FirstServed(Deployment.Satellite);
        Met = FirstMet();
        Steps = All();
    }

    /// <summary>The samples before the objective was missed.</summary>
    public IReadOnlyList<MetricSample> Before { get; }

    /// <summary>The first sample below the objective.</summary>
    public DateTimeOffset? Missed { get; }

    /// <summary>The first strategy after it that asks for more.</summary>
    public StrategyWrite? Strategy { get; }

    /// <summary>The first scale-out after that.</summary>
    public ScaleWrite? Scale { get; }

    /// <summary>The first status after that which is of the new number.</summary>
    public StatusWrite? Observed { get; }

    /// <summary>The telecommand that brought the replica.</summary>
    public DeploymentTrace? Deployment { get; }

    /// <summary>The first status that counts the replica as ready.</summary>
    public StatusWrite? Ready { get; }

    /// <summary>The first request that the new satellite answered.</summary>
    public InvocationReport? Served { get; }

    /// <summary>The first sample after the last one below the objective.</summary>
    public DateTimeOffset? Met { get; }

    /// <summary>All steps in the order in which they should happen.</summary>
    public IReadOnlyList<CloudStep> Steps { get; }

    /// <summary>The steps of a flight with a cluster; null without one.</summary>
    public static CloudSteps? Of(FlightRecord flight)
    {
        ArgumentNullException.ThrowIfNull(flight);
        return flight is { Cloud: { } cloud, Scenario.Cloud: { } spec } ? new(flight, cloud, spec) : null;
    }

    private IReadOnlyList<CloudStep> All() =>
    [
        new("objective-missed", Prometheus, Missed, FirstMissed() is { } missed ? $"{Percent(missed.Value)} of the requests were fast enough, {Percent(_spec.Share)} should be" : ""),
        new("strategy-written", Strategy?.User ?? "", Strategy?.Time, Strategy is null ? "" : $"compliance {Strategy.CompliancePercent} %, 100 % is met"),
        new("replicas-scaled", Scale?.User ?? "", Scale?.Time, Scale is null ? "" : $"{_spec.Replicas} → {Scale.Replicas} replicas"),
        new("deploy-queued", Bridge, Deployment?.TimeOf("queued"), Deployment is null ? "" : $"telecommand to {Deployment.Satellite}"),
        new("scale-observed", Observed?.User ?? "", Observed?.Time, Observed is null ? "" : $"status of generation {Observed.ObservedGeneration}: {Observed.Replicas} placed, {Observed.ReadyReplicas} ready"),
        new("deploy-released", Station, Deployment?.TimeOf("released"), "signed and sent"),
        new("deploy-accepted", Deployment?.Satellite ?? "", Deployment?.TimeOf("accepted"), "signature, sequence and dictionary checked on board"),
        new("deploy-completed", Deployment?.Satellite ?? "", Deployment?.TimeOf("completed"), "compiled and stored on board"),
        new("replica-ready", Ready?.User ?? "", Ready?.Time, Ready is null ? "" : $"status: {Ready.ReadyReplicas} ready"),
        new("first-request-served", Deployment?.Satellite ?? "", Served?.Ended.ToDateTimeOffset(), Served is null ? "" : string.Create(System.Globalization.CultureInfo.InvariantCulture,
            $"answered {Served.Ended.Since(Served.Queued).TotalSeconds:0.0} s after its trigger")),
        new("objective-met", Prometheus, Met, Met is { } met ? $"{Percent(_cloud.Share.First(sample => sample.Time == met).Value)} of the requests were fast enough, and stayed so" : ""),
    ];

    private MetricSample? FirstMissed()
    {
        // Before the first good sample nothing is missed: the function has only begun.
        IEnumerable<MetricSample> begun = _cloud.Share.SkipWhile(sample => !(sample.Value >= _spec.Share));
        return begun.FirstOrDefault(sample => !(sample.Value >= _spec.Share)) is { Time.Ticks: > 0 } found ? found : null;
    }

    private DateTimeOffset? FirstMet()
    {
        int last = -1;
        for (int i = 0; i < _cloud.Share.Count; i++)
        {
            if (!(_cloud.Share[i].Value >= _spec.Share))
                last = i;
        }
        return Missed is not null && last >= 0 && last + 1 < _cloud.Share.Count ? _cloud.Share[last + 1].Time : null;
    }

    private T? After<T>(DateTimeOffset? time, Func<T, bool> isSought) where T : ClusterWrite =>
        time is { } since ? _cloud.Writes.OfType<T>().FirstOrDefault(write => write.Time >= since && isSought(write)) : null;

    private InvocationReport? FirstServed(string satellite) => _flight.Find(satellite)?.Invocations
        .Where(report => report.Function == _spec.Function && report.Result == InvocationResult.Completed).MinBy(report => report.Ended.Milliseconds);

    private static string Percent(double share) => string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{share * 100:0} %");
}
