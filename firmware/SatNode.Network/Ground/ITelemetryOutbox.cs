using SatNode.Protocol.Telemetry;

namespace SatNode.Network.Ground;

/// <summary>A record that waits to be sent.</summary>
/// <param name="Id">Names the record to the outbox.</param>
/// <param name="Stream">The stream.</param>
/// <param name="Payload">The encoded record.</param>
public readonly record struct OutgoingRecord(long Id, TelemetryStream Stream, ReadOnlyMemory<byte> Payload);

/// <summary>Where the ground link takes telemetry from that must not be lost.</summary>
public interface ITelemetryOutbox
{
    /// <summary>The oldest records that wait, at most <paramref name="max"/>; they stay until acknowledged.</summary>
    IReadOnlyList<OutgoingRecord> Peek(int max);

    /// <summary>Forgets records that the ground has acknowledged.</summary>
    void Acknowledge(IReadOnlyList<OutgoingRecord> records);
}

/// <summary>Who hears of the ground link's state and of what comes up.</summary>
public interface IGroundLinkObserver
{
    /// <summary>The link is up; called before the first record is sent.</summary>
    void ContactGained();

    /// <summary>The link is gone.</summary>
    /// <param name="reason">Why, for people.</param>
    void ContactLost(string reason);

    /// <summary>A telecommand arrived, unchecked.</summary>
    void TelecommandReceived(ReadOnlyMemory<byte> signed);
}
