using SatNode.Protocol.Telemetry;
using SatNode.Protocol.Time;

namespace SatNode.Ground.Archive;

/// <summary>A telemetry record on its way into the archive: decoded, with the payload as it came.</summary>
/// <param name="Node">The satellite.</param>
/// <param name="Stream">The stream.</param>
/// <param name="Boot">The boot counter.</param>
/// <param name="Sequence">The number within (boot, stream).</param>
/// <param name="Time">When it was generated on board.</param>
/// <param name="Received">When it was received, in world time.</param>
/// <param name="Payload">The payload.</param>
/// <param name="Body">The decoded body: housekeeping or one of the reports.</param>
internal sealed record IncomingRecord(string Node, TelemetryStream Stream, uint Boot, ulong Sequence, DtnTime Time, DtnTime Received, byte[] Payload, object Body);

/// <summary>A record after it was committed. Its id rises with the order of storing and is 0 for a duplicate, which was not stored again.</summary>
internal sealed record ArchivedRecord(long Id, IncomingRecord Record)
{
    /// <summary>True when the archive had it already.</summary>
    public bool IsDuplicate => Id == 0;
}
