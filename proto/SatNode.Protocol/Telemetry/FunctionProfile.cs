using System.Formats.Cbor;
using SatNode.Protocol.Cbor;
using SatNode.Protocol.Quantities;
using SatNode.Protocol.Time;

namespace SatNode.Protocol.Telemetry;

/// <summary>What one version of a function did on a node since it was first seen there, a CBOR array in the order of the properties. Times are the world's.</summary>
public sealed record FunctionProfile : ICborMessage<FunctionProfile>
{
    /// <summary>The number of <see cref="InvocationFault"/>s.</summary>
    public const int Faults = (int)InvocationFault.Node + 1;

    private const int Fields = 15;
    private const int MaxName = 200;

    /// <summary>The function's name.</summary>
    public required string Function { get; init; }

    /// <summary>The function's version.</summary>
    public required string Version { get; init; }

    /// <summary>When counting began.</summary>
    public required DtnTime Since { get; init; }

    /// <summary>Invocations that completed.</summary>
    public ulong Completed { get; init; }

    /// <summary>Invocations that ran and did not complete, by <see cref="InvocationFault"/>; always <see cref="Faults"/> numbers.</summary>
    public IReadOnlyList<ulong> Failed { get; init; } = new ulong[Faults];

    /// <summary>Invocations that never began.</summary>
    public ulong Refused { get; init; }

    /// <summary>Of those that ran, how many another function called.</summary>
    public ulong Called { get; init; }

    /// <summary>Invocations that had to load the machine code first.</summary>
    public ulong ColdStarts { get; init; }

    /// <summary>Invocations in a fresh instance.</summary>
    public ulong FreshStarts { get; init; }

    /// <summary>Invocations in an instance that had served before.</summary>
    public ulong WarmStarts { get; init; }

    /// <summary>CPU time of those that ran; that of functions they called is in it.</summary>
    public required DurationHistogram CpuTime { get; init; }

    /// <summary>Time from start to end of those that ran.</summary>
    public required DurationHistogram WallTime { get; init; }

    /// <summary>The most linear memory that one held, in bytes.</summary>
    public ulong MemoryBytesHighest { get; init; }

    /// <summary>Bytes that they got, and bytes that they gave.</summary>
    public (ulong In, ulong Out) Bytes { get; init; }

    /// <summary>The energy booked for them; what a called one took is its caller's.</summary>
    public Energy Energy { get; init; }

    /// <summary>Invocations that ran.</summary>
    public ulong Runs => Completed + Failures;

    /// <summary>Invocations that ran and did not complete.</summary>
    public ulong Failures
    {
        get
        {
            ulong sum = 0;
            foreach (ulong count in Failed)
                sum += count;
            return sum;
        }
    }

    /// <inheritdoc/>
    public static string MessageName => "function-profile";

    /// <summary>Two names of 600 bytes, two histograms of 64 pairs of 7 bytes, and numbers.</summary>
    public static int MaxEncodedBytes => 4096;

    /// <inheritdoc/>
    public static FunctionProfile Read(CborReader reader)
    {
        ArgumentNullException.ThrowIfNull(reader);
        reader.Expect(Fields);
        var profile = new FunctionProfile
        {
            Function = reader.ReadTextUpTo(MaxName),
            Version = reader.ReadTextUpTo(MaxName),
            Since = new(reader.ReadUpTo(DtnTime.Max.Milliseconds)),
            Completed = reader.ReadUpTo(long.MaxValue),
            Failed = ReadFailed(reader),
            Refused = reader.ReadUpTo(long.MaxValue),
            Called = reader.ReadUpTo(long.MaxValue),
            ColdStarts = reader.ReadUpTo(long.MaxValue),
            FreshStarts = reader.ReadUpTo(long.MaxValue),
            WarmStarts = reader.ReadUpTo(long.MaxValue),
            CpuTime = DurationHistogram.Read(reader),
            WallTime = DurationHistogram.Read(reader),
            MemoryBytesHighest = reader.ReadUpTo(uint.MaxValue),
            Bytes = ReadBytes(reader),
            Energy = new(reader.ReadFinite()),
        };
        reader.ReadEndArray();
        return profile;
    }

    /// <inheritdoc/>
    public void Write(CborWriter writer)
    {
        ArgumentNullException.ThrowIfNull(writer);
        writer.WriteStartArray(Fields);
        writer.WriteTextString(Function);
        writer.WriteTextString(Version);
        writer.WriteUInt64(Since.Milliseconds);
        writer.WriteUInt64(Completed);
        writer.WriteStartArray(Faults);
        foreach (ulong count in Failed)
            writer.WriteUInt64(count);
        writer.WriteEndArray();
        writer.WriteUInt64(Refused);
        writer.WriteUInt64(Called);
        writer.WriteUInt64(ColdStarts);
        writer.WriteUInt64(FreshStarts);
        writer.WriteUInt64(WarmStarts);
        CpuTime.Write(writer);
        WallTime.Write(writer);
        writer.WriteUInt64(MemoryBytesHighest);
        writer.WriteStartArray(2);
        writer.WriteUInt64(Bytes.In);
        writer.WriteUInt64(Bytes.Out);
        writer.WriteEndArray();
        writer.WriteDouble(Energy.Joules);
        writer.WriteEndArray();
    }

    private static ulong[] ReadFailed(CborReader reader)
    {
        reader.Expect(Faults);
        var counts = new ulong[Faults];
        for (int i = 0; i < Faults; i++)
            counts[i] = reader.ReadUpTo(uint.MaxValue);
        reader.ReadEndArray();
        return counts;
    }

    private static (ulong In, ulong Out) ReadBytes(CborReader reader)
    {
        reader.Expect(2);
        var bytes = (reader.ReadUpTo(long.MaxValue), reader.ReadUpTo(long.MaxValue));
        reader.ReadEndArray();
        return bytes;
    }
}
