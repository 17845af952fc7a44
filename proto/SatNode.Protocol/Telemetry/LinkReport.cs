using System.Formats.Cbor;
using SatNode.Protocol.Cbor;

namespace SatNode.Protocol.Telemetry;

/// <summary>Counters of one inter-satellite link since boot, <c>[peer: text, up: bool, bundles-sent, bundles-received, bytes-sent, bytes-received: uint]</c>.</summary>
/// <param name="Peer">The neighbour's node name.</param>
/// <param name="IsUp">True while there is a session.</param>
/// <param name="BundlesSent">Bundles sent and acknowledged.</param>
/// <param name="BundlesReceived">Bundles received.</param>
/// <param name="BytesSent">Bytes of the bundles sent.</param>
/// <param name="BytesReceived">Bytes of the bundles received.</param>
public sealed record LinkReport(string Peer, bool IsUp, ulong BundlesSent, ulong BundlesReceived, ulong BytesSent, ulong BytesReceived) : ICborMessage<LinkReport>
{
    /// <inheritdoc/>
    public static string MessageName => "link";

    /// <inheritdoc/>
    public static int MaxEncodedBytes => 256;

    /// <inheritdoc/>
    public static LinkReport Read(CborReader reader)
    {
        ArgumentNullException.ThrowIfNull(reader);
        reader.Expect(6);
        var report = new LinkReport(reader.ReadTextUpTo(32), reader.ReadBoolean(), reader.ReadUInt64(), reader.ReadUInt64(), reader.ReadUInt64(), reader.ReadUInt64());
        reader.ReadEndArray();
        return report;
    }

    /// <inheritdoc/>
    public void Write(CborWriter writer)
    {
        ArgumentNullException.ThrowIfNull(writer);
        writer.WriteStartArray(6);
        writer.WriteTextString(Peer);
        writer.WriteBoolean(IsUp);
        writer.WriteUInt64(BundlesSent);
        writer.WriteUInt64(BundlesReceived);
        writer.WriteUInt64(BytesSent);
        writer.WriteUInt64(BytesReceived);
        writer.WriteEndArray();
    }
}
