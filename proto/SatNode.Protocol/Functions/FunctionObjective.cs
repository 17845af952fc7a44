using System.Formats.Cbor;
using SatNode.Protocol.Cbor;

namespace SatNode.Protocol.Functions;

/// <summary>The service level objective: by when an invocation must have ended, and who goes first.
/// CDDL: <c>slo = [deadline-ms: uint, priority: 0..9]</c>.</summary>
public sealed record FunctionObjective
{
    /// <summary>The longest deadline.</summary>
    public static readonly TimeSpan DeadlineCeiling = TimeSpan.FromHours(24);

    /// <summary>The objective of a manifest that names none.</summary>
    public static FunctionObjective Default { get; } = new();

    /// <summary>From trigger to output, on the mission clock, 1 ms to 24 h; 10 min unless told.</summary>
    public TimeSpan Deadline { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>0 (last) to 9 (first); 5 unless told.</summary>
    public int Priority { get; init; } = 5;

    internal IEnumerable<string> Faults()
    {
        if (Deadline < TimeSpan.FromMilliseconds(1) || Deadline > DeadlineCeiling)
            yield return $"slo.deadline: expected 1 ms to 24 h, found {Deadline.TotalMilliseconds} ms";
        if (Priority is < 0 or > 9)
            yield return $"slo.priority: expected 0 to 9, found {Priority}";
    }

    internal static FunctionObjective Read(CborReader reader)
    {
        reader.Expect(2);
        var objective = new FunctionObjective
        {
            Deadline = TimeSpan.FromMilliseconds((long)reader.ReadUpTo((ulong)DeadlineCeiling.TotalMilliseconds)),
            Priority = reader.ReadInt32UpTo(9),
        };
        reader.ReadEndArray();
        return objective;
    }

    internal void Write(CborWriter writer)
    {
        writer.WriteStartArray(2);
        writer.WriteUInt64((ulong)Deadline.TotalMilliseconds);
        writer.WriteInt32(Priority);
        writer.WriteEndArray();
    }
}
