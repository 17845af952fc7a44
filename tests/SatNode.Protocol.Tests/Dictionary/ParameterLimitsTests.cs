using SatNode.Protocol.Dictionary;

namespace SatNode.Protocol.Tests.Dictionary;

public sealed class ParameterLimitsTests
{
    [Theory]
    [InlineData("253.15..348.15", 253.15, 348.15)]
    [InlineData("-10..10", -10.0, 10.0)]
    [InlineData("0.2..", 0.2, null)]
    [InlineData("..1E-05", null, 1e-5)]
    [InlineData("none", null, null)]
    public void A_range_is_read_as_it_is_written(string text, double? low, double? high)
    {
        Assert.True(ParameterRange.TryParse(text, out ParameterRange range));
        Assert.Equal(new(low, high), range);
        Assert.Equal(text, range.ToString());
    }

    [Theory]
    [InlineData("")]
    [InlineData("..")]
    [InlineData("5")]
    [InlineData("1.5")]
    [InlineData("a..b")]
    [InlineData("1..2..3")]
    [InlineData("NaN..5")]
    [InlineData("0..Infinity")]
    [InlineData("0..1e400")]
    [InlineData("1,5..2,5")]
    [InlineData("None")]
    public void What_is_no_range_is_refused(string text) => Assert.False(ParameterRange.TryParse(text, out _));

    [Theory]
    [InlineData(null, null, null, null, 1)]
    [InlineData(10.0, 20.0, 10.0, 20.0, 3)]
    [InlineData(10.0, 20.0, null, null, 3)]
    [InlineData(null, null, 10.0, 20.0, 3)]
    [InlineData(15.0, null, null, 20.0, 120)]
    [InlineData(20.0, 20.0, 0.0, 30.0, 3)]
    public void Limits_that_can_be_watched_by_have_no_fault(double? softLow, double? softHigh, double? hardLow, double? hardHigh, int persistence) =>
        Assert.Null(new ParameterLimits(new(softLow, softHigh), new(hardLow, hardHigh), persistence).Fault());

    [Theory]
    [InlineData(9.0, 20.0, 10.0, 20.0, 3, "expected the soft range within the hard one, found soft 9..20, hard 10..20")]
    [InlineData(10.0, 21.0, 10.0, 20.0, 3, "expected the soft range within the hard one, found soft 10..21, hard 10..20")]
    [InlineData(21.0, null, null, 20.0, 3, "expected the soft range within the hard one, found soft 21.., hard ..20")]
    [InlineData(null, 9.0, 10.0, null, 3, "expected the soft range within the hard one, found soft ..9, hard 10..")]
    [InlineData(20.0, 10.0, null, null, 3, "expected each range's low limit at or below its high one, found soft 20..10, hard none")]
    [InlineData(null, null, 20.0, 10.0, 3, "expected each range's low limit at or below its high one, found soft none, hard 20..10")]
    [InlineData(double.NaN, null, null, null, 3, "expected finite limits, found soft NaN.., hard none")]
    [InlineData(null, null, null, double.PositiveInfinity, 3, "expected finite limits, found soft none, hard ..Infinity")]
    [InlineData(null, null, null, null, 0, "expected a persistence of 1 to 120, found 0")]
    [InlineData(null, null, null, null, 121, "expected a persistence of 1 to 120, found 121")]
    public void A_fault_says_what_was_found(double? softLow, double? softHigh, double? hardLow, double? hardHigh, int persistence, string fault) =>
        Assert.Equal(fault, new ParameterLimits(new(softLow, softHigh), new(hardLow, hardHigh), persistence).Fault());
}
