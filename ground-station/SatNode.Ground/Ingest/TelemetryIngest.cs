using System.Threading.Channels;
using Microsoft.Data.Sqlite;
using SatNode.Ground.Archive;
using SatNode.Protocol;
using SatNode.Protocol.Cbor;
using SatNode.Protocol.Telemetry;
using SatNode.Protocol.Time;

namespace SatNode.Ground.Ingest;

/// <summary>Takes telemetry from the broker: decodes it by the one dictionary and hands it to the archive. What cannot be decoded is kept as a reject,
/// bounded, with the reason, and counted.</summary>
internal sealed partial class TelemetryIngest(ArchiveWriter archive, TelemetryStatistics statistics, TimeProvider clock, ILogger<TelemetryIngest> logger)
{
    /// <summary>Rejects that are kept, the latest: at 72 KB for the largest payload 72 MB.</summary>
    public const int RejectsMax = 1000;

    /// <summary>The longest payload that is looked at, in bytes: the largest report with its envelope.</summary>
    public static int PayloadBytesMax => TelemetryRecord<InvocationReport>.MaxEncodedBytes;

    /// <summary>Takes one payload, a record or a sequence of some; each that cannot be decoded is kept as a reject and the others are taken.</summary>
    /// <param name="node">The satellite, as its certificate says.</param>
    /// <param name="stream">The stream.</param>
    /// <param name="payload">The payload; kept, so it must not change any more.</param>
    /// <param name="durable">True to end only when the record is on the disk.</param>
    /// <param name="cancellation">Ends the wait.</param>
    /// <exception cref="SqliteException">It could not be stored: it must not be acknowledged.</exception>
    /// <exception cref="ChannelClosedException">The station is ending: it must not be acknowledged.</exception>
    public async Task ReceiveAsync(string node, TelemetryStream stream, byte[] payload, bool durable, CancellationToken cancellation)
    {
        DtnTime received = DtnTime.From(clock.GetUtcNow());
        List<Task> stored = [], rejected = [];
        foreach (ReadOnlyMemory<byte> slice in TelemetrySequence.Split(payload))
        {
            byte[] encoded = slice.Length == payload.Length ? payload : slice.ToArray();
            try
            {
                stored.Add(await archive.AppendAsync(Decode(node, stream, encoded, received), cancellation));
            }
            catch (WireFormatException e)
            {
                rejected.Add(RejectAsync(node, Topics.Telemetry(node, stream), encoded, e.Message, cancellation));
            }
        }
        await Task.WhenAll(rejected);
        if (durable)
            await Task.WhenAll(stored).WaitAsync(cancellation);
    }

    /// <summary>Keeps a payload that was refused, with the reason.</summary>
    public async Task RejectAsync(string node, string topic, byte[] payload, string fault, CancellationToken cancellation)
    {
        statistics.CountReject(node);
        LogRejected(logger, node, topic, fault);
        byte[] kept = payload.Length <= PayloadBytesMax ? payload : payload[..PayloadBytesMax];
        long received = (long)DtnTime.From(clock.GetUtcNow()).Milliseconds;
        await archive.ExecuteAsync(connection =>
        {
            connection.Run("INSERT INTO reject (node, topic, received, fault, payload) VALUES ($node, $topic, $received, $fault, $payload)",
                ("$node", node), ("$topic", topic), ("$received", received), ("$fault", fault), ("$payload", kept));
            return connection.Run("DELETE FROM reject WHERE id <= (SELECT max(id) FROM reject) - $max", ("$max", RejectsMax));
        }, cancellation);
    }

    private static IncomingRecord Decode(string node, TelemetryStream stream, byte[] payload, DtnTime received) => stream switch
    {
        TelemetryStream.Housekeeping => Decode<Housekeeping>(node, stream, payload, received),
        TelemetryStream.Event => Decode<EventReport>(node, stream, payload, received),
        TelemetryStream.Verification => Decode<VerificationReport>(node, stream, payload, received),
        TelemetryStream.Function => Decode<InvocationReport>(node, stream, payload, received),
        TelemetryStream.Link => Decode<LinkReport>(node, stream, payload, received),
        TelemetryStream.Profile => Decode<FunctionProfile>(node, stream, payload, received),
        _ => throw new WireFormatException($"expected a stream, found {stream}; dropped"),
    };

    private static IncomingRecord Decode<T>(string node, TelemetryStream stream, byte[] payload, DtnTime received) where T : ICborMessage<T>
    {
        TelemetryRecord<T> record = CborDecoder.Decode<TelemetryRecord<T>>(payload);
        if (record.Boot == 0 || record.Sequence == 0)
            throw new WireFormatException($"{T.MessageName}: expected boot and sequence from 1, found {record.Boot} and {record.Sequence}; dropped");
        return new(node, stream, record.Boot, record.Sequence, record.Time, received, payload, record.Body);
    }

    [LoggerMessage(LogLevel.Warning, "{node}: payload on {topic} refused: {fault}")]
    private static partial void LogRejected(ILogger logger, string node, string topic, string fault);
}
