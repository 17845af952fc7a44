using System.Buffers;

namespace SatNode.Protocol.Telemetry;

/// <summary>The streams of telemetry; each has its own sequence.</summary>
public enum TelemetryStream
{
    /// <summary>Housekeeping: samples of parameters.</summary>
    Housekeeping = 1,

    /// <summary>Events.</summary>
    Event,

    /// <summary>Verification of telecommands.</summary>
    Verification,

    /// <summary>Reports of invocations.</summary>
    Function,

    /// <summary>Reports of links.</summary>
    Link,

    /// <summary>Profiles of functions.</summary>
    Profile,
}

/// <summary>The MQTT topics, <c>satnode/v1/{node}/…</c>, and their limits.</summary>
public static class Topics
{
    /// <summary>The content type of every payload but the status and those of <see cref="SequenceContentType"/>.</summary>
    public const string ContentType = "application/cbor";

    /// <summary>The content type of a payload with several records (RFC 8742, section 5).</summary>
    public const string SequenceContentType = "application/cbor-seq";

    /// <summary>The status while a node is in contact.</summary>
    public const string Online = "online";

    /// <summary>The status when it is not; the last will.</summary>
    public const string Offline = "offline";

    /// <summary>The filter that a ground station subscribes to for all telemetry.</summary>
    public const string AllTelemetry = Prefix + "+/tm/+";

    /// <summary>The filter for the status of all nodes.</summary>
    public const string AllStatus = Prefix + "+/status";

    private const string Prefix = "satnode/v1/";
    private const int MaxNodeLength = 32;
    private static readonly SearchValues<char> NodeNameCharacters = SearchValues.Create("abcdefghijklmnopqrstuvwxyz0123456789-");

    /// <summary>The topic of a node's stream.</summary>
    public static string Telemetry(string node, TelemetryStream stream) => $"{Prefix}{node}/tm/{Name(stream)}";

    /// <summary>The topic of a node's telecommands.</summary>
    public static string Telecommands(string node) => $"{Prefix}{node}/tc";

    /// <summary>The topic of a node's status.</summary>
    public static string Status(string node) => $"{Prefix}{node}/status";

    /// <summary>The last part of a stream's topic.</summary>
    public static string Name(TelemetryStream stream) => stream switch
    {
        TelemetryStream.Housekeeping => "hk",
        TelemetryStream.Event => "event",
        TelemetryStream.Verification => "verification",
        TelemetryStream.Function => "function",
        TelemetryStream.Link => "link",
        TelemetryStream.Profile => "profile",
        _ => throw new ArgumentOutOfRangeException(nameof(stream), stream, "expected a stream"),
    };

    /// <summary>Reads node and stream from a telemetry topic.</summary>
    public static bool TryParseTelemetry(string topic, out string node, out TelemetryStream stream)
    {
        ArgumentNullException.ThrowIfNull(topic);
        string[] parts = topic.Split('/');
        node = parts.Length > 2 ? parts[2] : "";
        stream = default;
        if (parts.Length != 5 || !topic.StartsWith(Prefix, StringComparison.Ordinal) || parts[3] is not "tm" || !IsNodeName(node))
            return false;
        foreach (TelemetryStream candidate in (ReadOnlySpan<TelemetryStream>)[TelemetryStream.Housekeeping, TelemetryStream.Event,
            TelemetryStream.Verification, TelemetryStream.Function, TelemetryStream.Link, TelemetryStream.Profile])
        {
            if (string.Equals(Name(candidate), parts[4], StringComparison.Ordinal))
            {
                stream = candidate;
                return true;
            }
        }
        return false;
    }

    /// <summary>Reads the node from a status topic.</summary>
    public static bool TryParseStatus(string topic, out string node)
    {
        ArgumentNullException.ThrowIfNull(topic);
        string[] parts = topic.Split('/');
        node = parts.Length > 2 ? parts[2] : "";
        return parts.Length == 4 && topic.StartsWith(Prefix, StringComparison.Ordinal) && parts[3] is "status" && IsNodeName(node);
    }

    /// <summary>True for a node's name: 1 to 32 of a to z, 0 to 9 and hyphen.</summary>
    public static bool IsNodeName(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        return name.Length is > 0 and <= MaxNodeLength && !name.AsSpan().ContainsAnyExcept(NodeNameCharacters);
    }
}
