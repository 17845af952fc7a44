namespace SatNode.Protocol.Tcpcl;

/// <summary>What a TCPCL peer may claim at most.</summary>
public static class TcpclLimits
{
    /// <summary>The longest node id in a session initialisation, in bytes: an endpoint id and its scheme.</summary>
    public const int MaxNodeIdBytes = 260;

    /// <summary>The most bytes of extension items in one message; the one defined item takes 13.</summary>
    public const int MaxExtensionBytes = 1024;

    /// <summary>The most bytes a message takes before the data of a segment: a session initialisation with everything at its limit.</summary>
    public const int MaxHeaderBytes = 1 + 2 + 8 + 8 + 2 + MaxNodeIdBytes + 4 + MaxExtensionBytes;
}
