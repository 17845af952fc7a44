using System.Formats.Cbor;
using SatNode.Protocol.Cbor;

namespace SatNode.Protocol.Functions;

/// <summary>Makes a function an actor: addressed by function and actor name, with a short-term memory of its own and one message at a time.
/// CDDL: <c>actor = [memory-ms: uint, mailbox: 1..1024, memory-bytes: 0..65536]</c>.</summary>
public sealed record FunctionActor
{
    /// <summary>The shortest life of an unused memory.</summary>
    public static readonly TimeSpan MemoryLifetimeFloor = TimeSpan.FromSeconds(1);

    /// <summary>The longest life of an unused memory.</summary>
    public static readonly TimeSpan MemoryLifetimeCeiling = TimeSpan.FromHours(24);

    /// <summary>The largest mailbox.</summary>
    public const int MailboxCeiling = 1024;

    /// <summary>The largest memory of an actor.</summary>
    public const int MemoryBytesCeiling = 64 * 1024;

    /// <summary>How long an actor's memory stays in RAM after its last message before it is put to disk, 1 s to 24 h; 10 min unless told.</summary>
    public TimeSpan MemoryLifetime { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>Messages that wait for one actor, 1 to 1,024; 32 unless told. More are refused.</summary>
    public int MailboxMax { get; init; } = 32;

    /// <summary>What one actor keeps in its short-term memory, 0 to 65,536 bytes; 4,096 unless told.</summary>
    public int MemoryBytesMax { get; init; } = 4096;

    internal IEnumerable<string> Faults()
    {
        if (MemoryLifetime < MemoryLifetimeFloor || MemoryLifetime > MemoryLifetimeCeiling)
            yield return $"actor.memoryLifetime: expected 1 s to 24 h, found {MemoryLifetime.TotalMilliseconds} ms";
        if (MailboxMax is < 1 or > MailboxCeiling)
            yield return $"actor.mailboxMax: expected 1 to {MailboxCeiling}, found {MailboxMax}";
        if (MemoryBytesMax is < 0 or > MemoryBytesCeiling)
            yield return $"actor.memoryBytesMax: expected 0 to {MemoryBytesCeiling}, found {MemoryBytesMax}";
    }

    internal static FunctionActor Read(CborReader reader)
    {
        reader.Expect(3);
        var actor = new FunctionActor
        {
            MemoryLifetime = TimeSpan.FromMilliseconds((long)reader.ReadUpTo((ulong)MemoryLifetimeCeiling.TotalMilliseconds)),
            MailboxMax = reader.ReadInt32UpTo(int.MaxValue),
            MemoryBytesMax = reader.ReadInt32UpTo(int.MaxValue),
        };
        reader.ReadEndArray();
        return actor;
    }

    internal void Write(CborWriter writer)
    {
        writer.WriteStartArray(3);
        writer.WriteUInt64((ulong)MemoryLifetime.TotalMilliseconds);
        writer.WriteInt32(MailboxMax);
        writer.WriteInt32(MemoryBytesMax);
        writer.WriteEndArray();
    }
}
