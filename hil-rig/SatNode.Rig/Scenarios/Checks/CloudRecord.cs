namespace SatNode.Rig.Scenarios.Checks;

/// <summary>What is known of a flight's cluster once it is over. All times are the world's.</summary>
public sealed record CloudRecord
{
    /// <summary>The machine's time at which the world began.</summary>
    public DateTimeOffset Origin { get; init; }

    /// <summary>The share of requests that were fast enough, at each scrape of Prometheus.</summary>
    public IReadOnlyList<MetricSample> Share { get; init; } = [];

    /// <summary>What was written to the API server, by rising time, from its audit log.</summary>
    public IReadOnlyList<ClusterWrite> Writes { get; init; } = [];

    /// <summary>The telecommands that brought the function to satellites, by rising time.</summary>
    public IReadOnlyList<DeploymentTrace> Deployments { get; init; } = [];

    /// <summary>Requests that the front door took.</summary>
    public int RequestsTaken { get; init; }

    /// <summary>Requests that the front door refused.</summary>
    public int RequestsRefused { get; init; }

    /// <summary>How often Polaris' two controllers were started; 2 when none of them ended.</summary>
    public int ControllerStarts { get; init; }
}

/// <summary>A value that Prometheus scraped.</summary>
public readonly record struct MetricSample(DateTimeOffset Time, double Value);

/// <summary>Something that was written to the API server.</summary>
/// <param name="Time">When the API server had done it.</param>
/// <param name="User">The account.</param>
public abstract record ClusterWrite(DateTimeOffset Time, string User);

/// <summary>An elasticity strategy was written.</summary>
/// <param name="Time">When.</param>
/// <param name="User">By whom.</param>
/// <param name="CompliancePercent">100 is met, above it is violated.</param>
public sealed record StrategyWrite(DateTimeOffset Time, string User, int CompliancePercent) : ClusterWrite(Time, User);

/// <summary>The number of replicas was written through <c>/scale</c>.</summary>
/// <param name="Time">When.</param>
/// <param name="User">By whom.</param>
/// <param name="Replicas">The number.</param>
public sealed record ScaleWrite(DateTimeOffset Time, string User, int Replicas) : ClusterWrite(Time, User);

/// <summary>The function's status was written.</summary>
/// <param name="Time">When.</param>
/// <param name="User">By whom.</param>
/// <param name="ObservedGeneration">The generation of the spec that it is of.</param>
/// <param name="Replicas">Satellites that have the function or are about to.</param>
/// <param name="ReadyReplicas">Satellites that reported it as deployed.</param>
public sealed record StatusWrite(DateTimeOffset Time, string User, long ObservedGeneration, int Replicas, int ReadyReplicas) : ClusterWrite(Time, User)
{
    /// <summary>The message of the first condition that does not hold; "" when all hold.</summary>
    public string Waits { get; init; } = "";
}

/// <summary>A telecommand that brought the function to a satellite.</summary>
/// <param name="Satellite">The satellite.</param>
/// <param name="Id">The command's id.</param>
/// <param name="Stages">When each stage was reached: queued, released, accepted, started, completed, or a failure.</param>
public sealed record DeploymentTrace(string Satellite, string Id, IReadOnlyList<(string Stage, DateTimeOffset Time)> Stages)
{
    /// <summary>When a stage was reached first, or null.</summary>
    public DateTimeOffset? TimeOf(string stage) => Stages.FirstOrDefault(item => item.Stage == stage) is { Stage: not null } found ? found.Time : null;
}
