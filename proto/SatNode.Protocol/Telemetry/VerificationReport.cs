using System.Formats.Cbor;
using SatNode.Protocol.Cbor;

namespace SatNode.Protocol.Telemetry;

/// <summary>How far a telecommand got. Source: ECSS-E-ST-70-41C, service 1.</summary>
public enum VerificationStage
{
    /// <summary>Checked and taken, or refused.</summary>
    Acceptance = 1,

    /// <summary>Execution began.</summary>
    Start,

    /// <summary>Execution goes on.</summary>
    Progress,

    /// <summary>Execution ended.</summary>
    Completion,
}

/// <summary>Why a stage failed: a closed list.</summary>
public enum FailureReason
{
    /// <summary>It did not fail.</summary>
    None = 0,

    /// <summary>No such command in the dictionary.</summary>
    UnknownCommand,

    /// <summary>An argument is missing, of another type, out of range or not defined.</summary>
    InvalidArgument,

    /// <summary>Signed for another version of the dictionary.</summary>
    DictionaryMismatch,

    /// <summary>Valid only later.</summary>
    NotYetValid,

    /// <summary>No longer valid.</summary>
    Expired,

    /// <summary>Seen before, or older than the replay window.</summary>
    Replayed,

    /// <summary>The mode does not allow it.</summary>
    NotAllowedInMode,

    /// <summary>A queue or a store is full.</summary>
    ResourceExhausted,

    /// <summary>What was named does not exist on the node.</summary>
    NotFound,

    /// <summary>It was tried and failed; the detail says how.</summary>
    ExecutionFailed,
}

/// <summary>One stage of a telecommand, <c>[command: text, stage: uint, reason: uint, detail: text]</c>.</summary>
/// <param name="CommandId">The telecommand's id.</param>
/// <param name="Stage">The stage.</param>
/// <param name="Reason">Why it failed, or <see cref="FailureReason.None"/>.</param>
/// <param name="Detail">Words for people; may be empty.</param>
public sealed record VerificationReport(string CommandId, VerificationStage Stage, FailureReason Reason, string Detail) : ICborMessage<VerificationReport>
{
    private const int MaxId = 64;
    private const int MaxDetail = 1024;

    /// <summary>True when the stage succeeded.</summary>
    public bool IsSuccess => Reason == FailureReason.None;

    /// <inheritdoc/>
    public static string MessageName => "verification";

    /// <inheritdoc/>
    public static int MaxEncodedBytes => 8 * 1024;

    /// <inheritdoc/>
    public static VerificationReport Read(CborReader reader)
    {
        ArgumentNullException.ThrowIfNull(reader);
        reader.Expect(4);
        string id = reader.ReadTextUpTo(MaxId);
        var stage = (VerificationStage)reader.ReadInt32UpTo((int)VerificationStage.Completion);
        if (stage < VerificationStage.Acceptance)
            throw new WireFormatException("expected a stage of 1 to 4, found 0");
        var report = new VerificationReport(id, stage, (FailureReason)reader.ReadInt32UpTo((int)FailureReason.ExecutionFailed), reader.ReadTextUpTo(MaxDetail));
        reader.ReadEndArray();
        return report;
    }

    /// <inheritdoc/>
    public void Write(CborWriter writer)
    {
        ArgumentNullException.ThrowIfNull(writer);
        writer.WriteStartArray(4);
        writer.WriteTextString(WireText.Cut(CommandId, MaxId));
        writer.WriteInt32((int)Stage);
        writer.WriteInt32((int)Reason);
        writer.WriteTextString(WireText.Cut(Detail, MaxDetail));
        writer.WriteEndArray();
    }
}
