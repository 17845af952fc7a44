using System.Buffers.Binary;
using SatNode.Protocol.Bundles;

namespace SatNode.Protocol.Boards;

/// <summary>One copy of the boot state as bytes, big-endian, so small that a boot loader in any language reads it:
/// <code>
///  0  8  mark "SNBOOT" 00 01 (the last two: format version)
///  8  8  sequence
/// 16  1  confirmed slot: 0 a, 1 b
/// 17  1  trial slot, FF none
/// 18  1  trial boots left
/// 19  1  slot of the last rollback, FF none
/// 20  1  reason of the last rollback, 0 none
/// 21  7  0
/// 28  4  CRC-32C (RFC 4960 appendix B) of bytes 0 to 27
/// </code></summary>
/// <param name="Sequence">Rises with every write; the valid copy with the higher one counts.</param>
/// <param name="State">The state.</param>
internal readonly record struct BootStateRecord(ulong Sequence, BootState State)
{
    internal const int EncodedBytes = 32;

    private const int CrcOffset = 28;
    private const byte None = 0xFF;

    private static ReadOnlySpan<byte> Mark => "SNBOOT\0\u0001"u8;

    internal void Write(Span<byte> destination)
    {
        destination[..EncodedBytes].Clear();
        Mark.CopyTo(destination);
        BinaryPrimitives.WriteUInt64BigEndian(destination[8..], Sequence);
        destination[16] = (byte)State.Confirmed;
        destination[17] = State.Trial is { } trial ? (byte)trial.Slot : None;
        destination[18] = (byte)(State.Trial?.BootsLeft ?? 0);
        destination[19] = State.LastRollback is { } rollback ? (byte)rollback.Slot : None;
        destination[20] = (byte)(State.LastRollback?.Reason ?? 0);
        BinaryPrimitives.WriteUInt32BigEndian(destination[CrcOffset..], BundleCrc.Crc32C(destination[..CrcOffset]));
    }

    /// <summary>The record in <paramref name="bytes"/>, or null when it is torn, empty or of another format.</summary>
    internal static BootStateRecord? TryRead(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length < EncodedBytes || !bytes.StartsWith(Mark)
            || BinaryPrimitives.ReadUInt32BigEndian(bytes[CrcOffset..]) != BundleCrc.Crc32C(bytes[..CrcOffset]))
            return null;
        byte confirmed = bytes[16], trial = bytes[17], bootsLeft = bytes[18], rollback = bytes[19], reason = bytes[20];
        ulong sequence = BinaryPrimitives.ReadUInt64BigEndian(bytes[8..]);
        bool holds = sequence < ulong.MaxValue && confirmed <= 1
            && (trial == None ? bootsLeft == 0 : trial <= 1 && trial != confirmed && bootsLeft <= BootState.TrialBoots)
            && (rollback == None ? reason == 0 : rollback <= 1 && reason is >= (byte)RollbackReason.NotConfirmed and <= (byte)RollbackReason.BadImage)
            && !bytes[21..CrcOffset].ContainsAnyExcept((byte)0);
        return holds
            ? new(sequence, new(
                (BootSlot)confirmed,
                trial == None ? null : new BootTrial((BootSlot)trial, bootsLeft),
                rollback == None ? null : new BootRollback((BootSlot)rollback, (RollbackReason)reason)))
            : null;
    }
}
