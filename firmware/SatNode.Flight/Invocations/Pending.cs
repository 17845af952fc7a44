using SatNode.Protocol.Quantities;
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

    /// <summary>How often it was stopped and put back.</summary>
    public int Suspensions { get; set; }

    /// <summary>What it used before it was put back, world seconds of a core.</summary>
    public TimeSpan SpentTime { get; set; }

    /// <summary>What was booked for that.</summary>
    public Energy SpentEnergy { get; set; }

    public bool IsReady => Preparation is { IsCompletedSuccessfully: true, Result: not null };
}
