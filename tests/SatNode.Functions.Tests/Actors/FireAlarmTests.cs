using System.Security.Cryptography;
using System.Text;
using SatNode.Functions.Actors;
using SatNode.Functions.Runtime;
using SatNode.Functions.Tests.Runtime;
using SatNode.Protocol.Functions;

namespace SatNode.Functions.Tests.Actors;

/// <summary>The sample actor: no alarm for a flicker, one for a fire.</summary>
public sealed class FireAlarmTests : IDisposable
{
    private readonly FunctionRuntime _runtime = new(new());
    private readonly TestEnvironment _environment = new() { Actor = "mendocino" };
    private readonly DeployedFunction _alarm;

    public FireAlarmTests()
    {
        byte[] module = File.ReadAllBytes(Path.Combine(AppContext.BaseDirectory, "functions", "fire-alarm", "fire-alarm.wasm"));
        _alarm = _runtime.Install(new()
        {
            Name = "fire-alarm",
            Version = "1.0.0",
            Kind = FunctionKind.Reactor,
            ModuleDigest = SHA256.HashData(module),
            Needs = FunctionNeeds.State,
            Actor = new() { MemoryBytesMax = 4 },
        }, module);
    }

    public void Dispose()
    {
        _alarm.Dispose();
        _runtime.Dispose();
    }

    [Fact]
    public void The_third_sure_detection_in_a_row_raises_the_alarm_once()
    {
        Assert.Equal(["suspicion 1", "suspicion 2", "quiet 0", "suspicion 1", "suspicion 2"], ((string[])["60", "100", "59", "61", "99"]).Select(Detect));
        Assert.Empty(_environment.Emissions);
        Assert.Equal(new(ActorPolicyKind.Coalesce), Policy);
        Assert.Equal("alarm 1", Detect("77"));
        Emission alarm = Assert.Single(_environment.Emissions);
        Assert.Equal(("fire", "fire mendocino 77", (int?)null), (alarm.Topic, Encoding.UTF8.GetString(alarm.Payload.Span), alarm.MessagePriority));
        Assert.Equal(new(ActorPolicyKind.Drop, 600_000), Policy);
        Assert.Equal("suspicion 1", Detect("100")); // the memory began anew
        Assert.Equal(new(ActorPolicyKind.Coalesce), Policy);
    }

    [Fact]
    public void Each_target_is_watched_for_itself_and_its_alarms_are_counted_in_state()
    {
        foreach (string target in (string[])["redu", "mendocino", "redu", "mendocino", "redu"])
        {
            _environment.Actor = target;
            Detect("90");
        }
        Assert.Equal("fire redu 90", Encoding.UTF8.GetString(Assert.Single(_environment.Emissions).Payload.Span));
        for (int i = 0; i < 3; i++)
            Detect("90");
        Assert.Equal(2, BitConverter.ToInt32(_environment.State["alarms/redu"].Span));
        Assert.False(_environment.State.ContainsKey("alarms/mendocino"));
    }

    [Theory]
    [InlineData("")]
    [InlineData("101")]
    [InlineData("-1")]
    [InlineData("1000")]
    public void Refuses_what_is_no_share_and_keeps_what_it_counted(string message)
    {
        Detect("90");
        Assert.Equal("gave up with code 2: expected a number of 0 to 100", Run(message).Reason);
        Assert.Equal("suspicion 2", Detect("90"));
    }

    private ActorPolicy Policy => ActorRecord.PolicyOf(_environment.State["\u0003" + _environment.Actor].Span);

    private string Detect(string message)
    {
        InvocationOutcome outcome = Run(message);
        Assert.True(outcome.Succeeded, outcome.Reason);
        return Encoding.UTF8.GetString(outcome.Output.Span);
    }

    private InvocationOutcome Run(string message) => _runtime.Invoke(_alarm, Encoding.UTF8.GetBytes(message), _environment, TestContext.Current.CancellationToken);
}
