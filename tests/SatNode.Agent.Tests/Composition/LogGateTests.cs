using SatNode.Agent.Composition;

namespace SatNode.Agent.Tests.Composition;

public sealed class LogGateTests
{
    private static readonly DateTimeOffset Noon = new(2026, 11, 1, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public void Takes_what_the_manifest_allows_a_minute_and_tells_of_the_first_that_is_lost()
    {
        var gate = new LogGate();
        (bool, bool)[] found = [.. Enumerable.Range(0, 5).Select(i => (gate.TryTake("f", Noon.AddSeconds(i), 3, out bool first), first))];
        Assert.Equal([(true, false), (true, false), (true, false), (false, true), (false, false)], found);
        Assert.True(gate.TryTake("g", Noon, 3, out _));
        Assert.True(gate.TryTake("f", Noon.AddMinutes(1), 3, out _));
        Assert.False(gate.TryTake("h", Noon, 0, out bool none));
        Assert.True(none);
    }
}
