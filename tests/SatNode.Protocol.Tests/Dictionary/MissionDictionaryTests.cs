using SatNode.Protocol.Dictionary;

namespace SatNode.Protocol.Tests.Dictionary;

public sealed class MissionDictionaryTests
{
    [Fact]
    public void Parameters_are_numbered_and_named_once()
    {
        Assert.Equal(Parameters.All.Select(parameter => parameter.Id).Distinct().Order(), Parameters.All.Select(parameter => parameter.Id));
        Assert.Equal(Parameters.All.Count, Parameters.All.Select(parameter => parameter.Name).Distinct(StringComparer.Ordinal).Count());
        Assert.All(Parameters.All, parameter => Assert.Same(parameter, Parameters.Find(parameter.Id)));
        Assert.Null(Parameters.Find(0));
        Assert.Null(Parameters.Find(ushort.MaxValue));
        Assert.All(Parameters.All, parameter => Assert.Same(parameter, Parameters.Find(parameter.Name)));
        Assert.Null(Parameters.Find("BOARD.TEMPERATURE"));
    }

    [Fact]
    public void Limits_can_be_watched_by_and_what_a_sensor_tells_ages()
    {
        Assert.All(Parameters.All, parameter => Assert.Null(parameter.Limits.Fault()));
        Assert.All(Parameters.All, parameter => Assert.Equal(parameter.Accuracy > 0 && parameter != Parameters.ForecastPeakCame, parameter.ExpectedAge is not null)); // that one is of the past
    }

    [Fact]
    public void Events_are_numbered_and_named_once()
    {
        Assert.Equal(Events.All.Select(definition => definition.Id).Distinct().Order(), Events.All.Select(definition => definition.Id));
        Assert.Equal(Events.All.Count, Events.All.Select(definition => definition.Name).Distinct(StringComparer.Ordinal).Count());
        Assert.All(Events.All, definition => Assert.Same(definition, Events.Find(definition.Id)));
        Assert.All(Events.All, definition => Assert.InRange(definition.Arguments.Count, 1, 16));
        Assert.Null(Events.Find(0));
        Assert.Null(Events.Find(ushort.MaxValue));
    }

    [Fact]
    public void Commands_are_named_once_and_their_ranges_are_ranges()
    {
        Assert.Equal(Commands.All.Count, Commands.All.Select(command => command.Name).Distinct(StringComparer.Ordinal).Count());
        Assert.All(Commands.All, command => Assert.Same(command, Commands.Find(command.Name)));
        Assert.All(Commands.All.SelectMany(command => command.Arguments), argument => Assert.True(argument.Min <= argument.Max));
        Assert.Null(Commands.Find("PING"));
    }

    [Fact]
    public void The_digest_is_32_bytes_and_stays() => Assert.Equal(32, MissionDictionary.Digest.Length);

    [Theory]
    [InlineData(12.0, true)]
    [InlineData(16.9, true)]
    [InlineData(11.999, false)]
    [InlineData(16.901, false)]
    [InlineData(double.NaN, false)]
    public void A_range_holds_its_ends_and_nothing_unknown(double value, bool expected) => Assert.Equal(expected, Parameters.BatteryVoltage.Limits.Soft.Contains(value));

    [Theory]
    [InlineData(ArgumentType.Integer, "seconds: expected Text, found Integer")]
    [InlineData(ArgumentType.Text, null)]
    public void An_argument_must_be_of_its_type(ArgumentType type, string? fault)
    {
        var definition = new ArgumentDefinition("seconds", ArgumentType.Text, 1, 3, "");
        Assert.Equal(fault, definition.Fault(type == ArgumentType.Text ? "abc" : 5L));
    }

    [Fact]
    public void An_argument_must_be_in_its_range()
    {
        var text = new ArgumentDefinition("name", ArgumentType.Text, 1, 3, "");
        Assert.Equal("name: expected 1 to 3 long, found 0", text.Fault(""));
        Assert.Null(text.Fault("abc"));
        Assert.Equal("name: expected 1 to 3 long, found 4", text.Fault("abcd"));
        var real = new ArgumentDefinition("x", ArgumentType.Real, 0, 1, "");
        Assert.Null(real.Fault(1L)); // an integer is a real
        Assert.Null(real.Fault(1.0));
        Assert.Equal("x: expected 0 to 1, found 1.5", real.Fault(1.5));
        Assert.Equal("x: expected Real, found Text", real.Fault(double.NaN)); // what is not finite travels as text
    }

    [Fact]
    public void Values_are_equal_by_type_and_content()
    {
        Assert.Equal((ArgumentValue)new byte[] { 1, 2 }, (ArgumentValue)new byte[] { 1, 2 });
        Assert.NotEqual((ArgumentValue)new byte[] { 1, 2 }, (ArgumentValue)new byte[] { 1, 3 });
        Assert.NotEqual((ArgumentValue)1L, (ArgumentValue)1.0);
        Assert.NotEqual((ArgumentValue)1L, (ArgumentValue)true);
        Assert.Equal(default, default(ArgumentValue));
        Assert.Throws<WireFormatException>(() => ((ArgumentValue)"x").AsInteger());
        Assert.Equal(4096, ((ArgumentValue)new string('x', 5000)).AsText().Length);
    }
}
