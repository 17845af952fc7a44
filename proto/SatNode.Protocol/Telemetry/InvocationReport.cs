using System.Formats.Cbor;
using SatNode.Protocol.Cbor;
using SatNode.Protocol.Quantities;
using SatNode.Protocol.Time;

namespace SatNode.Protocol.Telemetry;

/// <summary>How an invocation ended.</summary>
public enum InvocationResult
{
    /// <summary>With an output.</summary>
    Completed = 1,

    /// <summary>By a trap: a bad pointer, an unreachable instruction, a division by zero.</summary>
    Trapped,

    /// <summary>At a limit of time, fuel, memory or energy.</summary>
    LimitReached,

    /// <summary>Refused before its start.</summary>
    Refused,

    /// <summary>Moved to another node, where its own report is made.</summary>
    Offloaded,
}

/// <summary>Where an invocation found its state.</summary>
public enum StateOrigin
{
    /// <summary>It needs none.</summary>
    None = 0,

    /// <summary>On the node when it started.</summary>
    Local,

    /// <summary>Fetched from another node first.</summary>
    Remote,
}

/// <summary>The report of one invocation, a CBOR array in the order of the properties. Agents up to version 0.1 wrote the first 16; those after them are then unknown: 0 and empty.</summary>
public sealed record InvocationReport : ICborMessage<InvocationReport>
{
    /// <summary>The largest output that a report carries, in bytes; a larger one stays on the node as state.</summary>
    public const int MaxOutputBytes = 64 * 1024;

    private const int FieldsBefore = 16; // without what follows the output
    private const int Fields = 22;
    private const int MaxName = 200;
    private const int MaxLimit = 64;

    /// <summary>The function's name.</summary>
    public required string Function { get; init; }

    /// <summary>The function's version.</summary>
    public required string Version { get; init; }

    /// <summary>The invocation's id, unique in the constellation.</summary>
    public required string InvocationId { get; init; }

    /// <summary>The workflow, or empty.</summary>
    public string Workflow { get; init; } = "";

    /// <summary>The workflow's run; without a workflow the id of the telecommand that asked for it, or empty.</summary>
    public string Run { get; init; } = "";

    /// <summary>How it ended.</summary>
    public required InvocationResult Result { get; init; }

    /// <summary>Why, when it did not complete; else empty.</summary>
    public string Reason { get; init; } = "";

    /// <summary>When it was triggered.</summary>
    public required DtnTime Queued { get; init; }

    /// <summary>When it started; equal to <see cref="Ended"/> when it never did.</summary>
    public required DtnTime Started { get; init; }

    /// <summary>When it ended.</summary>
    public required DtnTime Ended { get; init; }

    /// <summary>The time by which it should have ended; zero when its manifest has no deadline.</summary>
    public DtnTime Deadline { get; init; }

    /// <summary>CPU time, in the world's seconds.</summary>
    public required TimeSpan CpuTime { get; init; }

    /// <summary>Energy booked.</summary>
    public required Energy Energy { get; init; }

    /// <summary>Fuel used (about one a wasm instruction).</summary>
    public required ulong Fuel { get; init; }

    /// <summary>Where it found its state.</summary>
    public required StateOrigin State { get; init; }

    /// <summary>The output when the function is the last of its workflow and it fits; else empty.</summary>
    public ReadOnlyMemory<byte> Output { get; init; }

    /// <summary>Time on the wall from its start to its end, in the world's seconds at the same rate as <see cref="CpuTime"/>.</summary>
    public TimeSpan WallTime { get; init; }

    /// <summary>The most linear memory it held, in bytes.</summary>
    public long MemoryBytesHighest { get; init; }

    /// <summary>The length of its input, in bytes.</summary>
    public int InputBytes { get; init; }

    /// <summary>The length of its output, in bytes, whether the report carries it or not.</summary>
    public int OutputBytes { get; init; }

    /// <summary>What it started from.</summary>
    public InvocationStart Start { get; init; }

    /// <summary>The limit that ended it, or that refused it something, as the manifest names it; empty when none did.</summary>
    public string Limit { get; init; } = "";

    /// <inheritdoc/>
    public static string MessageName => "invocation";

    /// <inheritdoc/>
    public static int MaxEncodedBytes => MaxOutputBytes + 8192;

    /// <inheritdoc/>
    public static InvocationReport Read(CborReader reader)
    {
        ArgumentNullException.ThrowIfNull(reader);
        int fields = reader.ReadStartArrayUpTo(Fields);
        if (fields is not (FieldsBefore or Fields))
            throw new WireFormatException($"expected an array of {FieldsBefore} or {Fields}, found {fields}");
        var report = new InvocationReport
        {
            Function = reader.ReadTextUpTo(MaxName),
            Version = reader.ReadTextUpTo(MaxName),
            InvocationId = reader.ReadTextUpTo(MaxName),
            Workflow = reader.ReadTextUpTo(MaxName),
            Run = reader.ReadTextUpTo(MaxName),
            Result = (InvocationResult)reader.ReadInt32UpTo((int)InvocationResult.Offloaded),
            Reason = reader.ReadTextUpTo(1024),
            Queued = new(reader.ReadUpTo(DtnTime.Max.Milliseconds)),
            Started = new(reader.ReadUpTo(DtnTime.Max.Milliseconds)),
            Ended = new(reader.ReadUpTo(DtnTime.Max.Milliseconds)),
            Deadline = new(reader.ReadUpTo(DtnTime.Max.Milliseconds)),
            CpuTime = TimeSpan.FromMicroseconds(reader.ReadUpTo(1UL << 50)),
            Energy = new(reader.ReadFinite()),
            Fuel = reader.ReadUInt64(),
            State = (StateOrigin)reader.ReadInt32UpTo((int)StateOrigin.Remote),
            Output = reader.ReadBytesUpTo(MaxOutputBytes),
        };
        if (fields == Fields)
        {
            report = report with
            {
                WallTime = TimeSpan.FromMicroseconds(reader.ReadUpTo(1UL << 50)),
                MemoryBytesHighest = (long)reader.ReadUpTo(uint.MaxValue),
                InputBytes = reader.ReadInt32UpTo(int.MaxValue),
                OutputBytes = reader.ReadInt32UpTo(int.MaxValue),
                Start = (InvocationStart)reader.ReadInt32UpTo((int)InvocationStart.Warm),
                Limit = reader.ReadTextUpTo(MaxLimit),
            };
        }
        reader.ReadEndArray();
        return report.Result >= InvocationResult.Completed ? report : throw new WireFormatException("expected a result of 1 to 5, found 0");
    }

    /// <inheritdoc/>
    public void Write(CborWriter writer)
    {
        ArgumentNullException.ThrowIfNull(writer);
        writer.WriteStartArray(Fields);
        writer.WriteTextString(Function);
        writer.WriteTextString(Version);
        writer.WriteTextString(InvocationId);
        writer.WriteTextString(Workflow);
        writer.WriteTextString(Run);
        writer.WriteInt32((int)Result);
        writer.WriteTextString(WireText.Cut(Reason, 1024));
        writer.WriteUInt64(Queued.Milliseconds);
        writer.WriteUInt64(Started.Milliseconds);
        writer.WriteUInt64(Ended.Milliseconds);
        writer.WriteUInt64(Deadline.Milliseconds);
        writer.WriteUInt64((ulong)Math.Max(0, CpuTime.TotalMicroseconds));
        writer.WriteDouble(Energy.Joules);
        writer.WriteUInt64(Fuel);
        writer.WriteInt32((int)State);
        writer.WriteByteString(Output.Span);
        writer.WriteUInt64((ulong)Math.Max(0, WallTime.TotalMicroseconds));
        writer.WriteInt64(MemoryBytesHighest);
        writer.WriteInt32(InputBytes);
        writer.WriteInt32(OutputBytes);
        writer.WriteInt32((int)Start);
        writer.WriteTextString(WireText.Cut(Limit, MaxLimit));
        writer.WriteEndArray();
    }
}
