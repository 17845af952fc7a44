using System.Buffers.Binary;
using SatNode.Protocol.Functions;

namespace SatNode.Functions.Actors;

/// <summary>What is kept of an actor, in RAM and on disk, as bytes: a format, its policy, its value, and its short-term memory.</summary>
public static class ActorRecord
{
    private const byte Format = 1;
    private const int HeaderBytes = 2 + sizeof(int);

    /// <summary>The longest record.</summary>
    public const int BytesMax = HeaderBytes + FunctionActor.MemoryBytesCeiling;

    /// <summary>The actor's policy; the default for no record, and for one that is none.</summary>
    public static ActorPolicy PolicyOf(ReadOnlySpan<byte> record)
    {
        if (!IsRecord(record))
            return default;
        var policy = new ActorPolicy((ActorPolicyKind)record[1], BinaryPrimitives.ReadInt32LittleEndian(record[2..]));
        return policy.Fault() is null ? policy : default;
    }

    /// <summary>The actor's short-term memory; empty for no record, and for one that is none.</summary>
    public static ReadOnlyMemory<byte> MemoryOf(ReadOnlyMemory<byte> record) => IsRecord(record.Span) ? record[HeaderBytes..] : default;

    /// <summary>A record; empty when there is nothing to keep.</summary>
    public static byte[] Of(ActorPolicy policy, ReadOnlySpan<byte> memory)
    {
        if (memory.IsEmpty && policy == default)
            return [];
        byte[] record = new byte[HeaderBytes + memory.Length];
        record[0] = Format;
        record[1] = (byte)policy.Kind;
        BinaryPrimitives.WriteInt32LittleEndian(record.AsSpan(2), policy.Value);
        memory.CopyTo(record.AsSpan(HeaderBytes));
        return record;
    }

    private static bool IsRecord(ReadOnlySpan<byte> record) => record.Length >= HeaderBytes && record[0] == Format;
}
