using SatNode.Protocol.Telemetry;

namespace SatNode.Protocol.Tests.Telemetry;

public sealed class TopicsTests
{
    [Theory]
    [InlineData(TelemetryStream.Housekeeping, "satnode/v1/p10-s03/tm/hk")]
    [InlineData(TelemetryStream.Event, "satnode/v1/p10-s03/tm/event")]
    [InlineData(TelemetryStream.Verification, "satnode/v1/p10-s03/tm/verification")]
    [InlineData(TelemetryStream.Function, "satnode/v1/p10-s03/tm/function")]
    [InlineData(TelemetryStream.Link, "satnode/v1/p10-s03/tm/link")]
    [InlineData(TelemetryStream.Profile, "satnode/v1/p10-s03/tm/profile")]
    public void A_stream_has_its_topic_and_back(TelemetryStream stream, string topic)
    {
        Assert.Equal(topic, Topics.Telemetry("p10-s03", stream));
        Assert.True(Topics.TryParseTelemetry(topic, out string node, out TelemetryStream parsed));
        Assert.Equal(("p10-s03", stream), (node, parsed));
    }

    [Theory]
    [InlineData("")]
    [InlineData("satnode/v1/p10-s03/tm")]
    [InlineData("satnode/v1/p10-s03/tm/hk/x")]
    [InlineData("satnode/v2/p10-s03/tm/hk")]
    [InlineData("satnode/v1/p10-s03/tc/hk")]
    [InlineData("satnode/v1/P10/tm/hk")]
    [InlineData("satnode/v1/+/tm/hk")]
    [InlineData("satnode/v1//tm/hk")]
    [InlineData("satnode/v1/p10-s03/tm/none")]
    public void Other_topics_are_no_telemetry(string topic) => Assert.False(Topics.TryParseTelemetry(topic, out _, out _));

    [Fact]
    public void Status_parses_back()
    {
        Assert.True(Topics.TryParseStatus(Topics.Status("p10-s03"), out string node));
        Assert.Equal("p10-s03", node);
        Assert.False(Topics.TryParseStatus("satnode/v1/p10-s03/state", out _));
    }

    [Theory]
    [InlineData("a", true)]
    [InlineData("", false)]
    [InlineData("12345678901234567890123456789012", true)]
    [InlineData("123456789012345678901234567890123", false)]
    [InlineData("p10/s03", false)]
    [InlineData("p10#", false)]
    public void Names_of_nodes_fit_a_topic(string name, bool expected) => Assert.Equal(expected, Topics.IsNodeName(name));
}
