using System.Net;
using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using MQTTnet;
using MQTTnet.Exceptions;
using MQTTnet.Formatter;
using SatNode.Ground.Configuration;

namespace SatNode.Ground.Broker;

/// <summary>Knocks at the broker's own door before the station says that it is ready: the way through TLS and MQTT works, and who is no satellite stays out.
/// The first satellite then finds a broker that has answered before.</summary>
internal static class BrokerSelfCheck
{
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(5);

    /// <summary>Connects with the station's own certificate, which names no satellite.</summary>
    /// <returns>Null when the broker refused, as it must; else what is wrong.</returns>
    public static async Task<string?> Run(MqttOptions options, IPEndPoint endPoint)
    {
        ArgumentNullException.ThrowIfNull(options);
        using var certificate = X509Certificate2.CreateFromPemFile(options.Certificate, options.Key);
        using IMqttClient client = new MqttClientFactory().CreateMqttClient();
        bool hasShaken = false;
        MqttClientOptions knock = new MqttClientOptionsBuilder()
            .WithProtocolVersion(MqttProtocolVersion.V500)
            .WithClientId("self-check")
            .WithEndPoint(endPoint)
            .WithTimeout(Timeout)
            .WithTlsOptions(tls => tls.UseTls().WithSslProtocols(SslProtocols.Tls13).WithTargetHost("localhost")
                .WithClientCertificates(new X509Certificate2Collection(certificate))
                .WithCertificateValidationHandler(check =>
                {
                    hasShaken = (check.SslPolicyErrors & SslPolicyErrors.RemoteCertificateNotAvailable) == 0;
                    return true; // It is our own door: that it opens to strangers or not is what is looked at.
                }))
            .Build();
        try
        {
            using var patience = new CancellationTokenSource(Timeout);
            MqttClientConnectResult answer = await client.ConnectAsync(knock, patience.Token);
            return answer.ResultCode == MqttClientConnectResultCode.Success ? "the broker let in a client that is no satellite" : null;
        }
        catch (Exception e) when (e is MqttCommunicationException or IOException or AuthenticationException or OperationCanceledException)
        {
            return hasShaken ? null : $"the broker does not answer: {e.GetBaseException().Message}";
        }
    }
}
