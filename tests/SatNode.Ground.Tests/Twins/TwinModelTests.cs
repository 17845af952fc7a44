using Microsoft.Extensions.DependencyInjection;
using Orleans.Serialization;
using SatNode.Ground.Tests.Hosting;
using SatNode.Ground.Twins;
using SatNode.Protocol.Cbor;
using SatNode.Protocol.Dictionary;
using SatNode.Protocol.Telemetry;
using SatNode.Protocol.Time;

namespace SatNode.Ground.Tests.Twins;

public sealed class TwinModelTests
{
    private readonly TwinModel _model = new("p10-s03");
    private long _id;

    [Fact]
    public void Older_housekeeping_never_replaces_newer()
    {
        Apply(TelemetryStream.Housekeeping, new Housekeeping([new(1, 300)]), boot: 2, sequence: 5);
        Apply(TelemetryStream.Housekeeping, new Housekeeping([new(1, 200)]), boot: 2, sequence: 4);
        Apply(TelemetryStream.Housekeeping, new Housekeeping([new(1, 100)]), boot: 1, sequence: 9);
        Assert.Equal(300, _model.State.Housekeeping[1]);
        Apply(TelemetryStream.Housekeeping, new Housekeeping([new(1, 400)]), boot: 3, sequence: 1);
        Assert.Equal((400.0, 3u), (_model.State.Housekeeping[1], _model.State.Boot));
    }

    [Fact]
    public void Knows_the_version_of_the_agent_that_started_last()
    {
        Assert.Equal("", _model.State.AgentVersion);
        Event(Events.AgentStarted, 1, "0.1.0", "power-on", 100L);
        Assert.Equal("0.1.0", _model.State.AgentVersion);
    }

    [Fact]
    public void An_invocation_runs_from_its_start_to_its_end_whichever_is_seen_first()
    {
        Event(Events.InvocationStarted, 1, "ndvi", "i-1", 320.0, 0.4);
        Assert.Equal("i-1", Assert.Single(_model.State.Running).Invocation);
        Event(Events.InvocationCompleted, 2, "ndvi", "i-1", 1.0, 2.0, 3L, "local");
        Assert.Empty(_model.State.Running);
        Event(Events.InvocationFailed, 4, "ndvi", "i-2", "trap");
        Event(Events.InvocationStarted, 3, "ndvi", "i-2", 320.0, 0.4);
        Assert.Empty(_model.State.Running);
        Event(Events.InvocationStarted, 5, "ndvi", "i-3", 320.0, 0.4);
        Event(Events.AgentStarted, 6, "0.1.0", "watchdog", 100L);
        Assert.Empty(_model.State.Running);
    }

    [Fact]
    public void Knows_the_latest_profile_of_each_function_until_it_is_removed()
    {
        Apply(TelemetryStream.Profile, Profile("ndvi", 3), boot: 1, sequence: 2);
        Apply(TelemetryStream.Profile, Profile("ndvi", 1), boot: 1, sequence: 1); // came late
        Apply(TelemetryStream.Profile, Profile("fire", 9), boot: 1, sequence: 3);
        Assert.Equal([("fire", 9L), ("ndvi", 3L)], _model.State.Profiles.Select(profile => (profile.Function, profile.Completed)));
        Apply(TelemetryStream.Profile, Profile("ndvi", 4), boot: 2, sequence: 1);
        Assert.Equal(4, _model.State.Profiles[1].Completed);
        Event(Events.FunctionUndeployed, 4, "ndvi");
        Assert.Equal("fire", Assert.Single(_model.State.Profiles).Function);
    }

    internal static FunctionProfile Profile(string function, ulong completed, params TimeSpan[] cpuTimes)
    {
        var cpu = new DurationHistogram();
        foreach (TimeSpan time in cpuTimes)
            cpu.Add(time);
        return new()
        {
            Function = function,
            Version = "1.0.0",
            Since = TestSatellite.Noon,
            Completed = completed,
            Failed = [0, 0, 0, 2, 0, 0, 1, 0, 0],
            Called = 4,
            ColdStarts = 1,
            FreshStarts = 2,
            CpuTime = cpu,
            WallTime = cpu,
            MemoryBytesHighest = 65_536,
            Bytes = (1500, 2500),
            Energy = new(0.25),
        };
    }

    [Fact]
    public void Knows_functions_and_workflows()
    {
        Event(Events.FunctionDeployed, 1, "ndvi", "1.0", "abcd", 3.5);
        Event(Events.FunctionDeployed, 2, "fire", "1.0", "abcd", 3.5);
        Event(Events.FunctionDeployed, 3, "ndvi", "1.1", "ef01", 3.5);
        Event(Events.FunctionUndeployed, 4, "fire");
        Event(Events.WorkflowDeployed, 5, "wildfire", 4L);
        Assert.Equal("1.1", Assert.Single(_model.State.Functions).Version);
        Assert.Equal(["wildfire"], _model.State.Workflows);
    }

    [Fact]
    public void Takes_a_record_in_once()
    {
        byte[] payload = new TelemetryRecord<LinkReport>(1, 1, new(1000), new LinkReport("p10-s04", true, 1, 2, 3, 4)).Encode();
        _model.LoadedUpTo(7);
        _model.Apply(new TwinRecord(7, TelemetryStream.Link, payload, 5));
        Assert.Empty(_model.State.Links);
        _model.Apply(new TwinRecord(8, TelemetryStream.Link, payload, 5));
        Assert.Equal(new LinkState("p10-s04", true, 1, 2, 3, 4), Assert.Single(_model.State.Links));
    }

    [Fact]
    public void The_state_travels_through_a_cluster()
    {
        Event(Events.FunctionDeployed, 1, "ndvi", "1.0", "abcd", 3.5);
        Event(Events.InvocationStarted, 2, "ndvi", "i-1", 320.0, 0.4);
        Apply(TelemetryStream.Housekeeping, new Housekeeping([new(1, 300)]), 1, 1);
        Apply(TelemetryStream.Profile, Profile("ndvi", 3, TimeSpan.FromSeconds(1)), 1, 1);
        using ServiceProvider services = new ServiceCollection().AddSerializer().BuildServiceProvider();
        Serializer serializer = services.GetRequiredService<Serializer>();
        TwinState? there = serializer.Deserialize<TwinState>(serializer.SerializeToArray(_model.State));
        Assert.NotNull(there);
        Assert.Equal(300, there.Housekeeping[1]);
        Assert.Equal(_model.State.Functions, there.Functions);
        Assert.Equal(_model.State.Running, there.Running);
        Assert.Equal((6L, _model.State.Profiles[0].CpuP99, 2L), (there.Profiles[0].Runs, there.Profiles[0].CpuP99, there.Profiles[0].Failed[3]));
    }

    private void Event(EventDefinition definition, ulong sequence, params ArgumentValue[] arguments) =>
        Apply(TelemetryStream.Event, new EventReport(definition.Id, definition.Severity, arguments), 1, sequence);

    private void Apply<T>(TelemetryStream stream, T body, uint boot, ulong sequence) where T : ICborMessage<T> =>
        _model.Apply(new TwinRecord(++_id, stream, new TelemetryRecord<T>(boot, sequence, new DtnTime(1000 + sequence), body).Encode(), 5));
}
