using SatNode.Flight.Commanding;
using SatNode.Flight.Telemetry;
using SatNode.Network.Ground;
using SatNode.Protocol.Dictionary;

namespace SatNode.Agent.Composition;

/// <summary>Gives the ground link the outbox and takes from it contacts and telecommands.</summary>
internal sealed class GroundAdapter(Outbox outbox, IEventSink events, TelecommandReceiver commands) : ITelemetryOutbox, IGroundLinkObserver
{
    private bool _hasSent;

    public IReadOnlyList<OutgoingRecord> Peek(int max) => [.. outbox.Peek(max).Select(record => new OutgoingRecord(record.Id, record.Stream, record.Payload))];

    public void Acknowledge(IReadOnlyList<OutgoingRecord> records) => outbox.Acknowledge([.. records.Select(record => record.Id)]);

    public void ContactGained()
    {
        events.Raise(Events.ContactGained, outbox.Depth, _hasSent ? 0 : ProcessFacts.MillisecondsSinceExec());
        _hasSent = true;
    }

    public void ContactLost(string reason) => events.Raise(Events.ContactLost, reason);

    public void TelecommandReceived(ReadOnlyMemory<byte> signed) => commands.Receive(signed);
}
