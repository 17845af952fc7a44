using SatNode.Protocol.Telemetry;

namespace SatNode.Flight.Invocations;

/// <summary>An invocation that waits for its turn.</summary>
internal sealed class Pending(Invocation invocation)
{
    public Invocation Invocation => invocation;

    /// <summary>Not judged before.</summary>
    public DateTimeOffset NotBefore { get; set; }

    /// <summary>Brings its states here; null until somebody looks at it.</summary>
    public Task<StateOrigin?>? Preparation { get; set; }

    /// <summary>The constraints that deferral was told of.</summary>
    public HashSet<string> DeferredFor { get; } = new(StringComparer.Ordinal);

    public bool IsReady => Preparation is { IsCompletedSuccessfully: true, Result: not null };
}
