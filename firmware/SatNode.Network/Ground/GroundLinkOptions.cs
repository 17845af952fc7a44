using System.Security.Cryptography.X509Certificates;

namespace SatNode.Network.Ground;

/// <summary>What a <see cref="GroundLink"/> needs to know.</summary>
public sealed record GroundLinkOptions
{
    /// <summary>This node's name: the MQTT client id, and the common name of <see cref="Certificate"/>.</summary>
    public required string Node { get; init; }

    /// <summary>Where the broker is reached.</summary>
    public required string Host { get; init; }

    /// <summary>The broker's port, 1 to 65,535.</summary>
    public required int Port { get; init; }

    /// <summary>The name in the broker's certificate.</summary>
    public required string ServerName { get; init; }

    /// <summary>The only authority whose certificates are trusted.</summary>
    public required X509Certificate2 CertificateAuthority { get; init; }

    /// <summary>This node's certificate with its private key.</summary>
    public required X509Certificate2 Certificate { get; init; }

    /// <summary>How long to wait between attempts to connect while a station is in sight, in the world's time. Default 5 s.</summary>
    public TimeSpan RetryInterval { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>How often to look for records in the outbox, in the world's time. Default 1 s.</summary>
    public TimeSpan PollInterval { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>The longest wait for the broker's answer, in the machine's time, because sockets live in it. Default 2 s.</summary>
    public TimeSpan AnswerTimeout { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>The MQTT keep-alive, in the machine's time. Default 5 s.</summary>
    public TimeSpan KeepAlive { get; init; } = TimeSpan.FromSeconds(5);
}
