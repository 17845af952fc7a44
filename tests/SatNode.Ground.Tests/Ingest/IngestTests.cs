using System.Text.Json.Nodes;
using Microsoft.Data.Sqlite;
using MQTTnet;
using MQTTnet.Protocol;
using SatNode.Ground.Tests.Hosting;
using SatNode.Protocol.Cbor;
using SatNode.Protocol.Dictionary;
using SatNode.Protocol.Quantities;
using SatNode.Protocol.Telemetry;

namespace SatNode.Ground.Tests.Ingest;

public sealed class IngestTests
{
    [Fact]
    public async Task Archives_each_record_once_and_finds_gaps()
    {
        await using TestStation station = await TestStation.StartAsync();
        await using var satellite = new TestSatellite(station);
        await satellite.GoOnlineAsync();
        await satellite.SendEventAsync(Events.AgentStarted, 1, "0.1.0", "power-on", 120L);
        await satellite.SendEventAsync(Events.LinkUp, 4, "p10-s04");
        await satellite.SendEventAsync(Events.LinkUp, 4, "p10-s04");
        await satellite.SendEventAsync(Events.LinkDown, 3, "p10-s04", "out of sight");

        JsonArray events = (await station.GetAsync($"api/v1/satellites/{TestStation.Sat}/events")).AsArray();
        Assert.Equal([1UL, 3UL, 4UL], events.Select(e => (ulong)e!["sequence"]!));
        Assert.Equal("link.down", (string?)events[1]!["name"]);
        Assert.Equal("out of sight", (string?)events[1]!["arguments"]!["reason"]);
        Assert.Equal("2026-06-21T12:00:00.000Z", (string?)events[1]!["time"]);
        JsonArray later = (await station.GetAsync($"api/v1/satellites/{TestStation.Sat}/events?after=1.3")).AsArray();
        Assert.Equal(4UL, (ulong)later.Single()!["sequence"]!);

        string metrics = await TestStation.UntilAsync(station.MetricsAsync, text => text.Contains("satnode_records_duplicate_total{satellite=\"p10-s03\",stream=\"event\"} 1\n", StringComparison.Ordinal));
        Assert.Contains("satnode_records_received_total{satellite=\"p10-s03\",stream=\"event\"} 3\n", await station.MetricsAsync(), StringComparison.Ordinal);
        metrics = await station.MetricsAsync();
        Assert.Contains("satnode_records_missing{satellite=\"p10-s03\",stream=\"event\"} 1\n", metrics, StringComparison.Ordinal); // sequence 2
        Assert.Contains("satnode_records_gaps_total{satellite=\"p10-s03\",stream=\"event\"} 1\n", metrics, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Acknowledges_only_what_a_restart_finds_again()
    {
        await using TestStation station = await TestStation.StartAsync();
        await using (var satellite = new TestSatellite(station))
        {
            await satellite.GoOnlineAsync();
            for (ulong i = 1; i <= 20; i++)
                await satellite.SendEventAsync(Events.TickSlipped, i, 1.5, (long)i);
            await satellite.SendAsync(TelemetryStream.Housekeeping, new Housekeeping([new(1, 300.15), new(999, 7)]));
            await satellite.SendEventAsync(Events.FunctionDeployed, 21, "ndvi", "1.0", "abc", 3.0);
        }
        await station.RestartAsync();

        Assert.Equal(21, (await station.GetAsync($"api/v1/satellites/{TestStation.Sat}/events")).AsArray().Count);
        JsonNode twin = await station.GetAsync($"api/v1/satellites/{TestStation.Sat}");
        Assert.Equal("ndvi", (string?)twin["functions"]![0]!["name"]);
        Assert.Equal(300.15, (double)twin["housekeeping"]!["values"]!["board.temperature"]!["value"]!);
        Assert.Equal(22, (long)twin["counters"]!["records"]!);
        JsonNode unknown = await station.GetAsync($"api/v1/satellites/{TestStation.Sat}/telemetry?parameter=parameter-999");
        Assert.Equal(7.0, (double)unknown[0]!["value"]!);

        await using var again = new TestSatellite(station);
        await again.GoOnlineAsync();
        await again.SendEventAsync(Events.TickSlipped, 20, 1.5, 20L);
        Assert.Equal(21, (await station.GetAsync($"api/v1/satellites/{TestStation.Sat}/events")).AsArray().Count);
    }

    [Fact]
    public async Task A_sequence_of_records_is_archived_whole_but_for_what_cannot_be_decoded()
    {
        await using TestStation station = await TestStation.StartAsync();
        await using var satellite = new TestSatellite(station);
        await satellite.GoOnlineAsync();
        byte[] Event(ulong sequence) => new TelemetryRecord<EventReport>(1, sequence, TestSatellite.Noon, new(Events.LinkUp.Id, Events.LinkUp.Severity, ["p10-s04"])).Encode();
        byte[] payload = [.. Event(1), 0x01, .. Event(2), .. Event(3), 0xff];

        MqttClientPublishResult answer = await satellite.PublishAsync(Topics.Telemetry(TestStation.Sat, TelemetryStream.Event), payload);

        Assert.True(answer.IsSuccess);
        JsonArray events = (await station.GetAsync($"api/v1/satellites/{TestStation.Sat}/events")).AsArray();
        Assert.Equal([1UL, 2UL, 3UL], events.Select(e => (ulong)e!["sequence"]!));
        Assert.Contains("satnode_payloads_rejected_total{satellite=\"p10-s03\"} 2\n", await station.MetricsAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Acknowledges_after_the_record_is_on_the_disk_and_not_before()
    {
        await using TestStation station = await TestStation.StartAsync();
        await using var satellite = new TestSatellite(station);
        await satellite.GoOnlineAsync();
        await using var other = new SqliteConnection($"Data Source={Path.Combine(station.Folder, "data", "archive.db")};Pooling=False");
        await other.OpenAsync(TestContext.Current.CancellationToken);
        Task sent;
        await using (SqliteTransaction held = other.BeginTransaction(deferred: false)) // nobody else can write
        {
            sent = satellite.SendEventAsync(Events.LinkUp, 1, "p10-s04");
            await Assert.ThrowsAsync<TimeoutException>(() => sent.WaitAsync(TimeSpan.FromMilliseconds(500), TimeProvider.System));
        }
        await sent;
        Assert.Single((await station.GetAsync($"api/v1/satellites/{TestStation.Sat}/events")).AsArray());
    }

    [Fact]
    public async Task What_cannot_be_stored_is_not_acknowledged_and_comes_again()
    {
        await using TestStation station = await TestStation.StartAsync();
        await using var other = new SqliteConnection($"Data Source={Path.Combine(station.Folder, "data", "archive.db")};Pooling=False");
        await other.OpenAsync(TestContext.Current.CancellationToken);
        await using (var satellite = new TestSatellite(station))
        {
            await satellite.GoOnlineAsync();
            Run("ALTER TABLE record RENAME TO taken");
            MqttClientPublishResult? result = null;
            try
            {
                result = await satellite.SendAsync(TelemetryStream.Event, new EventReport(Events.LinkUp.Id, Events.LinkUp.Severity, ["p10-s04"]));
            }
            catch (MQTTnet.Exceptions.MqttCommunicationException) // the connection ended without an acknowledgement
            {
            }
            Assert.False(result?.IsSuccess ?? false);
            await TestStation.UntilAsync(() => Task.FromResult(satellite.IsConnected), isConnected => !isConnected);
        }
        Run("ALTER TABLE taken RENAME TO record");
        await using var again = new TestSatellite(station);
        await again.GoOnlineAsync();
        await again.SendEventAsync(Events.LinkUp, 1, "p10-s04");
        Assert.Single((await station.GetAsync($"api/v1/satellites/{TestStation.Sat}/events")).AsArray());

        void Run(string sql)
        {
            using SqliteCommand command = other.CreateCommand();
#pragma warning disable CA2100 // two texts of this test
            command.CommandText = sql;
#pragma warning restore CA2100
            command.ExecuteNonQuery();
        }
    }

    [Fact]
    public async Task Keeps_a_payload_that_is_not_a_record_and_goes_on()
    {
        await using TestStation station = await TestStation.StartAsync();
        await using var satellite = new TestSatellite(station);
        await satellite.GoOnlineAsync();
        await satellite.PublishAsync(Topics.Telemetry(TestStation.Sat, TelemetryStream.Event), [0xFF, 0x00, 0x01]);
        await satellite.PublishAsync(Topics.Telemetry(TestStation.Sat, TelemetryStream.Function), []);
        await satellite.PublishAsync(Topics.Status(TestStation.Sat), "asleep"u8.ToArray());
        Assert.True(satellite.IsConnected);
        await satellite.SendEventAsync(Events.LinkUp, 1, "p10-s04");

        Assert.Single((await station.GetAsync($"api/v1/satellites/{TestStation.Sat}/events")).AsArray());
        Assert.Contains("satnode_payloads_rejected_total{satellite=\"p10-s03\"} 3\n", await station.MetricsAsync(), StringComparison.Ordinal);
        Assert.Equal(3, (long)(await station.GetAsync($"api/v1/satellites/{TestStation.Sat}"))["counters"]!["rejected"]!);
    }

    [Fact]
    public async Task Shows_samples_of_a_parameter_within_a_range_of_time()
    {
        await using TestStation station = await TestStation.StartAsync();
        await using var satellite = new TestSatellite(station);
        await satellite.GoOnlineAsync();
        for (int i = 0; i < 5; i++)
        {
            await satellite.SendAsync(TelemetryStream.Housekeeping, new Housekeeping([new(Parameters.BoardTemperature.Id, 300 + i)]),
                time: new(TestSatellite.Noon.Milliseconds + (ulong)(i * 10_000)), qos: MqttQualityOfServiceLevel.AtMostOnce);
        }
        string path = $"api/v1/satellites/{TestStation.Sat}/telemetry?parameter=board.temperature";
        await TestStation.UntilAsync(() => station.GetAsync(path), samples => samples.AsArray().Count == 5);
        JsonArray samples = (await station.GetAsync(path + "&from=2026-06-21T12:00:10Z&to=2026-06-21T12:00:30Z")).AsArray();
        Assert.Equal([301.0, 302.0, 303.0], samples.Select(sample => (double)sample!["value"]!));
        Assert.Equal([304.0], (await station.GetAsync(path + "&limit=1")).AsArray().Select(sample => (double)sample!["value"]!));
    }

    [Fact]
    public async Task Shows_invocations_with_their_output()
    {
        await using TestStation station = await TestStation.StartAsync();
        await using var satellite = new TestSatellite(station);
        await satellite.GoOnlineAsync();
        await satellite.SendEventAsync(Events.InvocationStarted, null, "object-det", "i-1", 320.0, 0.5);
        await TestStation.UntilAsync(() => station.GetAsync($"api/v1/satellites/{TestStation.Sat}"), twin => (string?)twin["running"]?.AsArray().FirstOrDefault()?["invocation"] == "i-1");
        await satellite.SendAsync(TelemetryStream.Function, Report("object-det", "i-1", InvocationResult.Completed, seconds: 12));

        JsonNode invocation = (await station.GetAsync("api/v1/invocations?function=object-det&run=r1")).AsArray().Single()!;
        Assert.Equal("completed", (string?)invocation["result"]);
        Assert.Equal(Convert.ToBase64String([1, 2, 3]), (string?)invocation["output"]);
        Assert.Equal(5.0, (double)invocation["joules"]!);
        Assert.Empty((await station.GetAsync("api/v1/invocations?function=other")).AsArray());
        await TestStation.UntilAsync(() => station.GetAsync($"api/v1/satellites/{TestStation.Sat}"), twin => twin["running"]!.AsArray().Count == 0);
    }

    internal static InvocationReport Report(string function, string id, InvocationResult result, double seconds, double joules = 5)
    {
        var ended = new SatNode.Protocol.Time.DtnTime(TestSatellite.Noon.Milliseconds + (ulong)(seconds * 1000));
        return new InvocationReport
        {
            Function = function,
            Version = "1.0",
            InvocationId = id,
            Workflow = "wildfire",
            Run = "r1",
            Result = result,
            Queued = TestSatellite.Noon,
            Started = TestSatellite.Noon,
            Ended = ended,
            Deadline = new(TestSatellite.Noon.Milliseconds + 10_000),
            CpuTime = TimeSpan.FromSeconds(3.6),
            Energy = new Energy(joules),
            Fuel = 1000,
            State = StateOrigin.Local,
            Output = new byte[] { 1, 2, 3 },
        };
    }
}
