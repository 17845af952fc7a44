using SatNode.Protocol.Telemetry;

namespace SatNode.Ground.Twins;

/// <summary>What one version of a function did on a satellite. Times are the world's; a null duration means that nothing ran yet.</summary>
[GenerateSerializer, Immutable]
public sealed record ProfileState
{
    /// <summary>The function's name.</summary>
    [Id(0)] public string Function { get; init; } = "";

    /// <summary>Its version.</summary>
    [Id(1)] public string Version { get; init; } = "";

    /// <summary>When counting began, DTN time in ms.</summary>
    [Id(2)] public long Since { get; init; }

    /// <summary>When the satellite told of it, DTN time in ms.</summary>
    [Id(3)] public long Reported { get; init; }

    /// <summary>Invocations that completed.</summary>
    [Id(4)] public long Completed { get; init; }

    /// <summary>Invocations that ran and did not complete, by the number of their <see cref="InvocationFault"/>.</summary>
    [Id(5)] public IReadOnlyList<long> Failed { get; init; } = Array.Empty<long>();

    /// <summary>Invocations that never began.</summary>
    [Id(6)] public long Refused { get; init; }

    /// <summary>Of those that ran, how many another function called.</summary>
    [Id(7)] public long Called { get; init; }

    /// <summary>Invocations that had to load the machine code first.</summary>
    [Id(8)] public long ColdStarts { get; init; }

    /// <summary>Invocations in a fresh instance.</summary>
    [Id(9)] public long FreshStarts { get; init; }

    /// <summary>Invocations in an instance that had served before.</summary>
    [Id(10)] public long WarmStarts { get; init; }

    /// <summary>Median of the CPU time.</summary>
    [Id(11)] public TimeSpan? CpuMedian { get; init; }

    /// <summary>What 99 of 100 do not exceed in CPU time.</summary>
    [Id(12)] public TimeSpan? CpuP99 { get; init; }

    /// <summary>Median of the time from start to end.</summary>
    [Id(13)] public TimeSpan? WallMedian { get; init; }

    /// <summary>What 99 of 100 do not exceed from start to end.</summary>
    [Id(14)] public TimeSpan? WallP99 { get; init; }

    /// <summary>The most linear memory that one held, in bytes.</summary>
    [Id(15)] public long MemoryBytesHighest { get; init; }

    /// <summary>Bytes that they got.</summary>
    [Id(16)] public long InputBytes { get; init; }

    /// <summary>Bytes that they gave.</summary>
    [Id(17)] public long OutputBytes { get; init; }

    /// <summary>The energy booked for them, in joules.</summary>
    [Id(18)] public double Joules { get; init; }

    /// <summary>Invocations that ran and did not complete.</summary>
    public long Failures => Failed.Sum();

    /// <summary>Invocations that ran.</summary>
    public long Runs => Completed + Failures;

    /// <summary>Takes what a satellite told.</summary>
    public static ProfileState Of(TelemetryRecord<FunctionProfile> record)
    {
        ArgumentNullException.ThrowIfNull(record);
        FunctionProfile profile = record.Body;
        return new()
        {
            Function = profile.Function,
            Version = profile.Version,
            Since = (long)profile.Since.Milliseconds,
            Reported = (long)record.Time.Milliseconds,
            Completed = (long)profile.Completed,
            Failed = profile.Failed.Select(count => (long)count).ToArray(),
            Refused = (long)profile.Refused,
            Called = (long)profile.Called,
            ColdStarts = (long)profile.ColdStarts,
            FreshStarts = (long)profile.FreshStarts,
            WarmStarts = (long)profile.WarmStarts,
            CpuMedian = profile.CpuTime.Quantile(0.5),
            CpuP99 = profile.CpuTime.Quantile(0.99),
            WallMedian = profile.WallTime.Quantile(0.5),
            WallP99 = profile.WallTime.Quantile(0.99),
            MemoryBytesHighest = (long)profile.MemoryBytesHighest,
            InputBytes = (long)profile.Bytes.In,
            OutputBytes = (long)profile.Bytes.Out,
            Joules = profile.Energy.Joules,
        };
    }
}
