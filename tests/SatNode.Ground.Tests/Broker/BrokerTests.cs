using System.Security.Authentication;
using MQTTnet;
using MQTTnet.Formatter;
using SatNode.Ground.Keys;
using SatNode.Ground.Tests.Hosting;
using SatNode.Protocol.Dictionary;
using SatNode.Protocol.Telemetry;

namespace SatNode.Ground.Tests.Broker;

public sealed class BrokerTests
{
    [Fact]
    public async Task Refuses_to_publish_or_subscribe_for_another()
    {
        await using TestStation station = await TestStation.StartAsync();
        await using var satellite = new TestSatellite(station);
        await satellite.GoOnlineAsync();
        byte[] record = [1];
        Assert.Equal(MqttClientPublishReasonCode.NotAuthorized, (await satellite.PublishAsync(Topics.Telemetry(TestStation.OtherSat, TelemetryStream.Event), record)).ReasonCode);
        Assert.Equal(MqttClientPublishReasonCode.NotAuthorized, (await satellite.PublishAsync(Topics.Telecommands(TestStation.OtherSat), record)).ReasonCode);
        Assert.Equal(MqttClientPublishReasonCode.NotAuthorized, (await satellite.PublishAsync(Topics.Telecommands(TestStation.Sat), record)).ReasonCode);
        Assert.Equal(MqttClientPublishReasonCode.NotAuthorized, (await satellite.PublishAsync(Topics.Status(TestStation.OtherSat), "online"u8.ToArray())).ReasonCode);
        foreach (string topic in (string[])[Topics.Telecommands(TestStation.OtherSat), "#", "satnode/v1/+/tc", Topics.AllTelemetry, "$SYS/#"])
            Assert.Equal(MqttClientSubscribeResultCode.NotAuthorized, (await satellite.SubscribeAsync(topic)).Items.Single().ResultCode);

        Assert.Empty((await station.GetAsync($"api/v1/satellites/{TestStation.OtherSat}/events")).AsArray());
        Assert.False((bool)(await station.GetAsync($"api/v1/satellites/{TestStation.OtherSat}"))["reachable"]!);
        string metrics = await station.MetricsAsync();
        Assert.Contains("satnode_broker_refusals_total{reason=\"publish\"} 4\n", metrics, StringComparison.Ordinal);
        Assert.Contains("satnode_broker_refusals_total{reason=\"subscribe\"} 5\n", metrics, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Refuses_foreign_certificates_other_names_and_old_protocols()
    {
        await using TestStation station = await TestStation.StartAsync();
        string foreign = Path.Combine(station.Folder, "foreign");
        KeyFolder.Create(foreign, TimeProvider.System);
        await using (var stranger = new TestSatellite(station, TestStation.Sat, foreign))
        {
            await Assert.ThrowsAnyAsync<Exception>(() => stranger.ConnectAsync());
            Assert.False(stranger.IsConnected);
        }
        await using (var unknown = new TestSatellite(station, "p99-s99"))
            await RefusedAsync(unknown, MqttClientConnectResultCode.NotAuthorized);
        await using (var satellite = new TestSatellite(station))
        {
            await RefusedAsync(satellite, MqttClientConnectResultCode.ClientIdentifierNotValid, clientId: TestStation.OtherSat);
            await RefusedAsync(satellite, MqttClientConnectResultCode.UnsupportedProtocolVersion, version: MqttProtocolVersion.V311);
            await Assert.ThrowsAnyAsync<Exception>(() => satellite.ConnectAsync(protocol: SslProtocols.Tls12));
            await Assert.ThrowsAnyAsync<Exception>(() => satellite.ConnectAsync(withCertificate: false));
            await satellite.ConnectAsync();
            Assert.True(satellite.IsConnected);
            // The fourth is the station itself, which knocks at its own door before it says that it is ready.
            await TestStation.UntilAsync(station.MetricsAsync, text => text.Contains("satnode_broker_refusals_total{reason=\"connection\"} 4\n", StringComparison.Ordinal));
        }
    }

    [Fact]
    public async Task Ends_a_client_that_announces_a_packet_too_large_and_serves_the_others()
    {
        await using TestStation station = await TestStation.StartAsync();
        await using var greedy = new TestSatellite(station);
        await using var other = new TestSatellite(station, TestStation.OtherSat);
        await greedy.ConnectAsync();
        await other.GoOnlineAsync();
        await Assert.ThrowsAnyAsync<Exception>(() => greedy.PublishAsync(Topics.Telemetry(TestStation.Sat, TelemetryStream.Event), new byte[SatNode.Ground.Broker.BrokerLimits.PacketBytesMax + 1]));
        await other.SendEventAsync(Events.LinkUp, 1, "p10-s03");
        Assert.Single((await station.GetAsync($"api/v1/satellites/{TestStation.OtherSat}/events")).AsArray());
    }

    [Fact]
    public async Task Takes_the_last_will_as_the_end_of_contact()
    {
        await using TestStation station = await TestStation.StartAsync();
        await using var satellite = new TestSatellite(station);
        await satellite.GoOnlineAsync();
        await TestStation.UntilAsync(() => station.GetAsync($"api/v1/satellites/{TestStation.Sat}"), twin => (bool)twin["reachable"]!);
        Assert.Contains("satnode_up{satellite=\"p10-s03\"} 1\n", await station.MetricsAsync(), StringComparison.Ordinal);
        satellite.Vanish();
        await TestStation.UntilAsync(() => station.GetAsync($"api/v1/satellites/{TestStation.Sat}"), twin => !(bool)twin["reachable"]!);
        Assert.Contains("satnode_up{satellite=\"p10-s03\"} 0\n", await station.MetricsAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_satellite_that_comes_back_before_its_old_session_ended_is_in_contact()
    {
        await using TestStation station = await TestStation.StartAsync();
        await using var old = new TestSatellite(station);
        await old.GoOnlineAsync();
        await using var satellite = new TestSatellite(station);
        await satellite.GoOnlineAsync();
        await TestStation.UntilAsync(() => Task.FromResult(old.IsConnected), isConnected => !isConnected);
        await station.PostAsync($"api/v1/satellites/{TestStation.Sat}/commands", new System.Text.Json.Nodes.JsonObject { ["name"] = "ping" });
        Assert.Equal("ping", (await satellite.NextCommandAsync()).Command.Name);
        Assert.True((bool)(await station.GetAsync($"api/v1/satellites/{TestStation.Sat}"))["reachable"]!);
    }

    [Theory]
    [InlineData(new byte[] { 0x30, 0x80, 0x80, 0x08 }, true)] // 131,072: the limit itself
    [InlineData(new byte[] { 0x30, 0x81, 0x80, 0x08 }, false)] // one more
    [InlineData(new byte[] { 0x30, 0xFF, 0xFF, 0xFF, 0xFF, 0x01 }, false)] // five bytes of length
    public async Task Follows_the_packet_length(byte[] header, bool isTaken)
    {
        await using var stream = new SatNode.Ground.Broker.PacketBoundStream(new MemoryStream([0xC0, 0x00, .. header]), SatNode.Ground.Broker.BrokerLimits.PacketBytesMax);
        var buffer = new byte[64];
        Task<int> Read() => stream.ReadAsync(buffer, TestContext.Current.CancellationToken).AsTask();
        if (isTaken)
            Assert.Equal(2 + header.Length, await Read());
        else
            Assert.Contains("connection ended", (await Assert.ThrowsAsync<IOException>(Read)).Message, StringComparison.Ordinal);
    }

    private static async Task RefusedAsync(TestSatellite satellite, MqttClientConnectResultCode expected, string? clientId = null, MqttProtocolVersion version = MqttProtocolVersion.V500)
    {
        MqttClientConnectResultCode found;
        try
        {
            found = (await satellite.ConnectAsync(clientId, version: version)).ResultCode;
        }
        catch (MQTTnet.Exceptions.MqttCommunicationException) when (version != MqttProtocolVersion.V500)
        {
            found = expected; // the old protocol has no word for it: the connection ends
        }
        Assert.Equal(expected, found);
        Assert.False(satellite.IsConnected);
    }
}
