using System.Formats.Cbor;
using SatNode.Protocol.Cbor;
using SatNode.Protocol.Time;

namespace SatNode.Protocol.Telemetry;

/// <summary>What every telemetry payload is: <c>[boot: uint, sequence: uint, time: uint, body]</c>. Node and stream are in the topic;
/// (node, stream, boot, sequence) identifies a record for ever.</summary>
/// <typeparam name="T">The stream's body.</typeparam>
/// <param name="Boot">The boot counter, from 1.</param>
/// <param name="Sequence">Counts a stream's records since boot, from 1, without gaps.</param>
/// <param name="Time">When the record was generated on board.</param>
/// <param name="Body">What is reported.</param>
public sealed record TelemetryRecord<T>(uint Boot, ulong Sequence, DtnTime Time, T Body) : ICborMessage<TelemetryRecord<T>> where T : ICborMessage<T>
{
    private const int EnvelopeBytes = 32;

    /// <inheritdoc/>
    public static string MessageName => T.MessageName;

    /// <inheritdoc/>
    public static int MaxEncodedBytes => T.MaxEncodedBytes + EnvelopeBytes;

    /// <inheritdoc/>
    public static TelemetryRecord<T> Read(CborReader reader)
    {
        ArgumentNullException.ThrowIfNull(reader);
        reader.Expect(4);
        var record = new TelemetryRecord<T>((uint)reader.ReadUpTo(uint.MaxValue), reader.ReadUpTo(long.MaxValue),
            new(reader.ReadUpTo(DtnTime.Max.Milliseconds)), T.Read(reader));
        reader.ReadEndArray();
        return record;
    }

    /// <inheritdoc/>
    public void Write(CborWriter writer)
    {
        ArgumentNullException.ThrowIfNull(writer);
        writer.WriteStartArray(4);
        writer.WriteUInt32(Boot);
        writer.WriteUInt64(Sequence);
        writer.WriteUInt64(Time.Milliseconds);
        Body.Write(writer);
        writer.WriteEndArray();
    }
}
