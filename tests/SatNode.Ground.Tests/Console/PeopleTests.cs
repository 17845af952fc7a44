using SatNode.Ground.Api;
using SatNode.Ground.Console;

namespace SatNode.Ground.Tests.Console;

public sealed class PeopleTests
{
    private static readonly DictionaryView Dictionary = Views.Dictionary();

    [Theory]
    [InlineData("board.temperature", 348.15, "")]
    [InlineData("board.temperature", 348.16, "yellow")]
    [InlineData("board.temperature", 353.15, "yellow")]
    [InlineData("board.temperature", 353.16, "red")]
    [InlineData("board.temperature", 243.14, "red")]
    [InlineData("board.temperature", double.NaN, "red")]
    [InlineData("battery.state-of-charge", 0.19, "yellow")]
    [InlineData("battery.state-of-charge", 0.09, "red")]
    [InlineData("clock.rtc-offset", 11, "yellow")]
    [InlineData("orbit.latitude", 1e9, "")]
    public void Beyond_the_soft_limits_is_yellow_and_beyond_the_hard_ones_red(string name, double value, string style) =>
        Assert.Equal(style, People.Style(Dictionary.Parameters.Single(parameter => parameter.Name == name), value));

    [Theory]
    [InlineData(0.0042, "0.004")]
    [InlineData(0.5, "0.5")]
    [InlineData(12.3456, "12.3")]
    [InlineData(-0.0001, "0.0")]
    public void Short_times_show_their_milliseconds(double seconds, string expected) => Assert.Equal(expected, People.Value("loop.sensors-longest", seconds, "seconds"));
}
