using System.Formats.Cbor;
using SatNode.Protocol.Cbor;

namespace SatNode.Protocol.Functions;

/// <summary>How many instances of a function a node may hold. CDDL: <c>instances = [keep-warm: 0..8, idle-ms: uint, concurrency: 1..16]</c>.</summary>
public sealed record FunctionInstances
{
    /// <summary>The most instances of a function that stay between invocations.</summary>
    public const int KeepWarmCeiling = 8;

    /// <summary>The most instances of a function that run at once.</summary>
    public const int ConcurrencyCeiling = 16;

    /// <summary>The longest time that an idle instance stays.</summary>
    public static readonly TimeSpan IdleTimeoutCeiling = TimeSpan.FromHours(24);

    /// <summary>The instances of a manifest that names none.</summary>
    public static FunctionInstances Default { get; } = new();

    /// <summary>Instances that stay after an invocation, to serve the next with what they hold in memory, 0 to 8; 0 unless told: every invocation then gets a fresh one.</summary>
    public int KeepWarmMax { get; init; }

    /// <summary>How long an idle instance, and the function's machine code, stay in memory, 0 to 24 h; 60 s unless told.</summary>
    public TimeSpan IdleTimeout { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>Invocations that run at once on a node, 1 to 16; 4 unless told. The node may allow fewer.</summary>
    public int ConcurrencyMax { get; init; } = 4;

    internal IEnumerable<string> Faults()
    {
        if (KeepWarmMax is < 0 or > KeepWarmCeiling)
            yield return $"instances.keepWarmMax: expected 0 to {KeepWarmCeiling}, found {KeepWarmMax}";
        if (IdleTimeout < TimeSpan.Zero || IdleTimeout > IdleTimeoutCeiling)
            yield return $"instances.idleTimeout: expected 0 to 24 h, found {IdleTimeout.TotalMilliseconds} ms";
        if (ConcurrencyMax is < 1 or > ConcurrencyCeiling)
            yield return $"instances.concurrencyMax: expected 1 to {ConcurrencyCeiling}, found {ConcurrencyMax}";
    }

    internal static FunctionInstances Read(CborReader reader)
    {
        reader.Expect(3);
        var instances = new FunctionInstances
        {
            KeepWarmMax = reader.ReadInt32UpTo(int.MaxValue),
            IdleTimeout = TimeSpan.FromMilliseconds((long)reader.ReadUpTo((ulong)IdleTimeoutCeiling.TotalMilliseconds)),
            ConcurrencyMax = reader.ReadInt32UpTo(int.MaxValue),
        };
        reader.ReadEndArray();
        return instances;
    }

    internal void Write(CborWriter writer)
    {
        writer.WriteStartArray(3);
        writer.WriteInt32(KeepWarmMax);
        writer.WriteUInt64((ulong)IdleTimeout.TotalMilliseconds);
        writer.WriteInt32(ConcurrencyMax);
        writer.WriteEndArray();
    }
}
