using SatNode.Protocol.Dictionary;

namespace SatNode.Protocol.Tests.Dictionary;

public sealed class OperatingModesTests
{
    [Theory]
    [InlineData(0, "nominal")]
    [InlineData(1, "safe")]
    [InlineData(2, "eclipse-saving")]
    [InlineData(3, "mode 3")] // of a newer agent
    [InlineData(double.NaN, "mode NaN")]
    public void Names_each_mode(double mode, string name) => Assert.Equal(name, OperatingModes.Name(mode));

    [Theory]
    [InlineData(0, "")]
    [InlineData(1, "command")]
    [InlineData(34, "low-charge, charge-forecast")] // the gravest first
    [InlineData(63, "low-charge, hot-board, repeated-faults, command, charge-forecast, saving-command")]
    [InlineData(64, "reason 64")]
    [InlineData(double.NaN, "reason NaN")]
    public void Names_each_reason(double reasons, string names) => Assert.Equal(names, OperatingModes.ReasonNames(reasons));
}
