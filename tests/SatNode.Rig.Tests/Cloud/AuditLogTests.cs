using SatNode.Protocol.Time;
using SatNode.Rig.Cloud;
using SatNode.Rig.Scenarios.Checks;

namespace SatNode.Rig.Tests.Cloud;

public sealed class AuditLogTests
{
    private const string Strategy = """{"stage":"ResponseComplete","verb":"update","user":{"username":"system:serviceaccount:default:polaris-slo-controller"},"objectRef":{"resource":"horizontalelasticitystrategies","name":"default.greet-elasticity-strategy"},"responseStatus":{"code":200},"responseObject":{"spec":{"targetRef":{"name":"greet"},"sloOutputParams":{"currSloCompliancePercentage":220}}},"stageTimestamp":"2026-11-25T10:00:02.000000Z"}""";
    private const string Scale = """{"stage":"ResponseComplete","verb":"update","user":{"username":"system:serviceaccount:default:polaris-elasticity-controller"},"objectRef":{"resource":"satellitefunctions","name":"greet","subresource":"scale"},"responseStatus":{"code":200},"responseObject":{"spec":{"replicas":2},"status":{"replicas":1}},"stageTimestamp":"2026-11-25T10:00:02.500000Z"}""";
    private const string Status = """{"stage":"ResponseComplete","verb":"patch","user":{"username":"system:serviceaccount:default:satnode-bridge"},"objectRef":{"resource":"satellitefunctions","name":"greet","subresource":"status"},"responseStatus":{"code":200},"responseObject":{"status":{"observedGeneration":2,"replicas":2,"readyReplicas":1}},"stageTimestamp":"2026-11-25T10:00:03.000000Z"}""";

    private static readonly DateTimeOffset Epoch = new(2026, 8, 15, 20, 0, 0, TimeSpan.Zero);
    private static readonly MissionClock Clock = new(Epoch, new DateTimeOffset(2026, 11, 25, 10, 0, 0, TimeSpan.Zero), rate: 10);

    [Fact]
    public void Reads_who_wrote_what_in_the_worlds_time()
    {
        Assert.Equal<ClusterWrite>(
        [
            new StrategyWrite(Epoch.AddSeconds(20), "polaris-slo-controller", 220),
            new ScaleWrite(Epoch.AddSeconds(25), "polaris-elasticity-controller", 2),
            new StatusWrite(Epoch.AddSeconds(30), "satnode-bridge", 2, 2, 1),
        ],
        AuditLog.Read([Status, Strategy, Scale], "greet", Clock)); // by time, whatever the log's order
    }

    [Fact]
    public void A_person_is_called_by_their_own_name() =>
        Assert.Equal("admin", Assert.Single(AuditLog.Read([Scale.Replace("system:serviceaccount:default:polaris-elasticity-controller", "admin", StringComparison.Ordinal)], "greet", Clock)).User);

    [Fact]
    public void What_the_function_waits_for_is_the_message_of_the_condition_that_does_not_hold()
    {
        string line = Status.Replace("\"readyReplicas\":1", """ "readyReplicas":1,"conditions":[{"status":"True","message":"resolved"},{"status":"False","message":"0 of 3 further fit"}] """, StringComparison.Ordinal);
        Assert.Equal("0 of 3 further fit", Assert.IsType<StatusWrite>(Assert.Single(AuditLog.Read([line], "greet", Clock))).Waits);
    }

    [Theory]
    [InlineData("\"code\":200", "\"code\":409")]
    [InlineData("\"name\":\"greet\"", "\"name\":\"denoise\"")]
    [InlineData("\"subresource\":\"scale\"", "\"subresource\":\"other\"")]
    [InlineData("\"replicas\":2", "\"other\":2")]
    [InlineData("}}", "")]
    public void What_was_refused_or_is_about_something_else_or_torn_is_left_out(string old, string @new)
    {
        string line = Scale.Replace(old, @new, StringComparison.Ordinal);
        Assert.NotEqual(Scale, line);
        Assert.Empty(AuditLog.Read([line], "greet", Clock));
    }
}
