namespace SatNode.Ground.Broker;

/// <summary>What a client may take from the broker.</summary>
internal static class BrokerLimits
{
    /// <summary>The largest packet from a client: the largest telemetry payload (72 KB) with topic and properties.</summary>
    public const int PacketBytesMax = 128 * 1024;

    /// <summary>Messages that may wait for one client: far more than the commands that are released at once.</summary>
    public const int PendingMessagesMax = 64;

    /// <summary>Connections beyond one a satellite that may be open at a time: handshakes, and sessions that are being taken over.</summary>
    public const int SpareConnections = 64;

    /// <summary>How long TLS may take, in machine time.</summary>
    public static readonly TimeSpan HandshakeTimeout = TimeSpan.FromSeconds(10);
}
