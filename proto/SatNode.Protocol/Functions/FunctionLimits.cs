using System.Formats.Cbor;
using SatNode.Protocol.Cbor;
using SatNode.Protocol.Quantities;

namespace SatNode.Protocol.Functions;

/// <summary>What one function may use. Every limit has a default that is safe: a function with an empty manifest cannot run away.
/// CDDL: <c>limits = { ? 1: bytes, ? 2: fuel, ? 3: time-us, ? 4: millijoules, ? 5: per-orbit, ? 6: fan-out, ? 7: bytes, ? 8: bytes,
/// ? 9: bytes, ? 10: host-calls, ? 11: lines-per-minute, ? 12: per-second, ? 13: depth }</c>.</summary>
public sealed record FunctionLimits
{
    /// <summary>The longest key of a state value, in characters.</summary>
    public const int StateKeyCharsMax = 128;

    /// <summary>The smallest memory limit: one WebAssembly page.</summary>
    public const int MemoryBytesFloor = 64 * 1024;

    /// <summary>The largest memory limit: what a board of 1 GB can give to four functions beside everything else.</summary>
    public const int MemoryBytesCeiling = 64 * 1024 * 1024;

    /// <summary>The largest fuel limit.</summary>
    public const ulong FuelCeiling = 1_000_000_000_000;

    /// <summary>The shortest time limit: below it the measurement is coarser than the limit.</summary>
    public static readonly TimeSpan TimeFloor = TimeSpan.FromMilliseconds(1);

    /// <summary>The longest time limit.</summary>
    public static readonly TimeSpan TimeCeiling = TimeSpan.FromMinutes(10);

    /// <summary>The largest energy limit.</summary>
    public static readonly Energy EnergyCeiling = new(10_000);

    /// <summary>The most invocations an orbit that a manifest may ask for: one every 0.6 s.</summary>
    public const int InvocationsPerOrbitCeiling = 10_000;

    /// <summary>The most messages that one invocation may emit.</summary>
    public const int FanOutCeiling = 32;

    /// <summary>The longest input or output.</summary>
    public const int BytesCeiling = 16 * 1024 * 1024;

    /// <summary>The most state that a manifest may ask for.</summary>
    public const int StateBytesCeiling = 64 * 1024 * 1024;

    /// <summary>The most host calls that a manifest may ask for.</summary>
    public const int HostCallsCeiling = 1_000_000_000;

    /// <summary>The most log lines a minute that a manifest may ask for.</summary>
    public const int LogLinesPerMinuteCeiling = 6_000;

    /// <summary>The most invocations a second that a manifest may ask for.</summary>
    public const int InvocationsPerSecondCeiling = 1_000;

    /// <summary>The deepest ancestry that a manifest may ask for.</summary>
    public const int DepthCeiling = 16;

    /// <summary>The limits of a manifest that names none.</summary>
    public static FunctionLimits Default { get; } = new();

    /// <summary>Linear memory, 64 KiB to 64 MiB; 16 MiB unless told.</summary>
    public int MemoryBytesMax { get; init; } = 16 * 1024 * 1024;

    /// <summary>Units of fuel, about one a WebAssembly instruction, 1 to 10¹²; 2·10¹⁰ unless told: more than a core does in 2 s.</summary>
    public ulong FuelMax { get; init; } = 20_000_000_000;

    /// <summary>CPU time of the board for one invocation, 1 ms to 10 min; 2 s unless told.</summary>
    public TimeSpan TimeMax { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>Energy of one invocation, 1 mJ to 10 kJ; 10 J unless told: 2 s of a core at 5 W.</summary>
    public Energy EnergyPerInvocationMax { get; init; } = new(10);

    /// <summary>Invocations an orbit, 1 to 10,000; 100 unless told.</summary>
    public int InvocationsPerOrbitMax { get; init; } = 100;

    /// <summary>Messages that one invocation may emit, 0 to 32; 4 unless told.</summary>
    public int FanOutMax { get; init; } = 4;

    /// <summary>Input, 0 to 16 MiB; 2 MiB unless told.</summary>
    public int InputBytesMax { get; init; } = 2 * 1024 * 1024;

    /// <summary>Output, 0 to 16 MiB; 2 MiB unless told.</summary>
    public int OutputBytesMax { get; init; } = 2 * 1024 * 1024;

    /// <summary>All that the function keeps as state on a node, keys and values, 0 to 64 MiB; 4 MiB unless told.</summary>
    public int StateBytesMax { get; init; } = 4 * 1024 * 1024;

    /// <summary>Host calls of one invocation, 1 to 10⁹; 100,000 unless told.</summary>
    public int HostCallsMax { get; init; } = 100_000;

    /// <summary>Log lines a minute over all invocations, 0 to 6,000; 120 unless told. More are counted, not kept.</summary>
    public int LogLinesPerMinuteMax { get; init; } = 120;

    /// <summary>Invocations a second of the mission clock, 1 to 1,000; 10 unless told.</summary>
    public int InvocationsPerSecondMax { get; init; } = 10;

    /// <summary>How many invocations deep a chain of calls, emissions and messages may go below the one that began it, over all nodes, 0 to 16; 4 unless told.</summary>
    public int DepthMax { get; init; } = 4;

    internal IEnumerable<string> Faults()
    {
        if (MemoryBytesMax is < MemoryBytesFloor or > MemoryBytesCeiling)
            yield return $"limits.memoryBytesMax: expected {MemoryBytesFloor} to {MemoryBytesCeiling}, found {MemoryBytesMax}";
        if (FuelMax is < 1 or > FuelCeiling)
            yield return $"limits.fuelMax: expected 1 to {FuelCeiling}, found {FuelMax}";
        if (TimeMax < TimeFloor || TimeMax > TimeCeiling)
            yield return $"limits.timeMax: expected 1 ms to 10 min, found {TimeMax.TotalMilliseconds} ms";
        if (!(EnergyPerInvocationMax.Joules >= 0.001 && EnergyPerInvocationMax <= EnergyCeiling))
            yield return $"limits.energyPerInvocationMax: expected 0.001 J to 10000 J, found {EnergyPerInvocationMax}";
        if (InvocationsPerOrbitMax is < 1 or > InvocationsPerOrbitCeiling)
            yield return $"limits.invocationsPerOrbitMax: expected 1 to {InvocationsPerOrbitCeiling}, found {InvocationsPerOrbitMax}";
        if (FanOutMax is < 0 or > FanOutCeiling)
            yield return $"limits.fanOutMax: expected 0 to {FanOutCeiling}, found {FanOutMax}";
        if (InputBytesMax is < 0 or > BytesCeiling)
            yield return $"limits.inputBytesMax: expected 0 to {BytesCeiling}, found {InputBytesMax}";
        if (OutputBytesMax is < 0 or > BytesCeiling)
            yield return $"limits.outputBytesMax: expected 0 to {BytesCeiling}, found {OutputBytesMax}";
        if (StateBytesMax is < 0 or > StateBytesCeiling)
            yield return $"limits.stateBytesMax: expected 0 to {StateBytesCeiling}, found {StateBytesMax}";
        if (HostCallsMax is < 1 or > HostCallsCeiling)
            yield return $"limits.hostCallsMax: expected 1 to {HostCallsCeiling}, found {HostCallsMax}";
        if (LogLinesPerMinuteMax is < 0 or > LogLinesPerMinuteCeiling)
            yield return $"limits.logLinesPerMinuteMax: expected 0 to {LogLinesPerMinuteCeiling}, found {LogLinesPerMinuteMax}";
        if (InvocationsPerSecondMax is < 1 or > InvocationsPerSecondCeiling)
            yield return $"limits.invocationsPerSecondMax: expected 1 to {InvocationsPerSecondCeiling}, found {InvocationsPerSecondMax}";
        if (DepthMax is < 0 or > DepthCeiling)
            yield return $"limits.depthMax: expected 0 to {DepthCeiling}, found {DepthMax}";
    }

    internal static FunctionLimits Read(CborReader reader)
    {
        var limits = Default;
        int pairs = reader.ReadStartMapUpTo(13);
        for (int i = 0; i < pairs; i++)
        {
            ulong key = reader.ReadUpTo(13);
            limits = key switch
            {
                1 => limits with { MemoryBytesMax = reader.ReadInt32UpTo(int.MaxValue) },
                2 => limits with { FuelMax = reader.ReadUInt64() },
                3 => limits with { TimeMax = TimeSpan.FromMicroseconds((long)reader.ReadUpTo((ulong)TimeCeiling.TotalMicroseconds)) },
                4 => limits with { EnergyPerInvocationMax = new(reader.ReadUpTo(uint.MaxValue) / 1000.0) },
                5 => limits with { InvocationsPerOrbitMax = reader.ReadInt32UpTo(int.MaxValue) },
                6 => limits with { FanOutMax = reader.ReadInt32UpTo(int.MaxValue) },
                7 => limits with { InputBytesMax = reader.ReadInt32UpTo(int.MaxValue) },
                8 => limits with { OutputBytesMax = reader.ReadInt32UpTo(int.MaxValue) },
                9 => limits with { StateBytesMax = reader.ReadInt32UpTo(int.MaxValue) },
                10 => limits with { HostCallsMax = reader.ReadInt32UpTo(int.MaxValue) },
                11 => limits with { LogLinesPerMinuteMax = reader.ReadInt32UpTo(int.MaxValue) },
                12 => limits with { InvocationsPerSecondMax = reader.ReadInt32UpTo(int.MaxValue) },
                13 => limits with { DepthMax = reader.ReadInt32UpTo(int.MaxValue) },
                _ => throw new WireFormatException($"limits: expected a key of 1 to 13, found {key}"),
            };
        }
        reader.ReadEndMap();
        return limits;
    }

    internal void Write(CborWriter writer)
    {
        // What came after the first eight is written only where it differs from the default, so that images made before keep their digests.
        ReadOnlySpan<(uint Key, int Value, int Default)> later =
        [
            (9, StateBytesMax, Default.StateBytesMax), (10, HostCallsMax, Default.HostCallsMax), (11, LogLinesPerMinuteMax, Default.LogLinesPerMinuteMax),
            (12, InvocationsPerSecondMax, Default.InvocationsPerSecondMax), (13, DepthMax, Default.DepthMax),
        ];
        int pairs = 8;
        foreach ((_, int value, int unless) in later)
            pairs += value == unless ? 0 : 1;
        writer.WriteStartMap(pairs);
        Pair(1, (ulong)MemoryBytesMax);
        Pair(2, FuelMax);
        Pair(3, (ulong)TimeMax.TotalMicroseconds);
        Pair(4, (ulong)Math.Round(EnergyPerInvocationMax.Joules * 1000));
        Pair(5, (ulong)InvocationsPerOrbitMax);
        Pair(6, (ulong)FanOutMax);
        Pair(7, (ulong)InputBytesMax);
        Pair(8, (ulong)OutputBytesMax);
        foreach ((uint key, int value, int unless) in later)
        {
            if (value != unless)
                Pair(key, unchecked((ulong)value));
        }
        writer.WriteEndMap();

        void Pair(uint key, ulong value)
        {
            writer.WriteUInt32(key);
            writer.WriteUInt64(value);
        }
    }
}
