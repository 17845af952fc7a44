using SatNode.Flight.Housekeeping;
using SatNode.Protocol.Dictionary;
using SatNode.Protocol.Telemetry;
using HousekeepingBody = SatNode.Protocol.Telemetry.Housekeeping;

namespace SatNode.Flight.Tests.Housekeeping;

public sealed class LimitMonitorTests
{
    private readonly RecordingEvents _events = new();
    private readonly LimitMonitor _monitor;

    public LimitMonitorTests() => _monitor = new(_events);

    private void Board(params double[] kelvins)
    {
        foreach (double kelvin in kelvins)
            _monitor.Check(new HousekeepingBody([new ParameterSample(Parameters.BoardTemperature.Id, kelvin)]));
    }

    [Fact]
    public void The_limit_itself_is_nominal()
    {
        Board(348.15, 348.15, 348.15, 348.15, 253.15, 253.15, 253.15);
        Assert.Empty(_events.Raised);
    }

    [Fact]
    public void A_violation_is_told_once_and_its_end_once()
    {
        Board(349, 349, 349, 350, 351);
        Assert.Equal(1, _monitor.Violations);
        Board(340, 340, 340, 340);
        Assert.Equal(["limit.violated board.temperature 349 253.15 348.15", "limit.cleared board.temperature 340"], _events.Raised);
        Assert.Equal(0, _monitor.Violations);
    }

    [Fact]
    public void Two_samples_are_a_spike()
    {
        Board(349, 349, 340, 349, 349, 340);
        Assert.Empty(_events.Raised);
    }

    [Fact] // within its accuracy of the limit a parameter is neither
    public void Noise_at_the_limit_does_not_chatter()
    {
        Board(349, 349, 349);
        for (int i = 0; i < 20; i++)
            Board(348.1, 348.2, 347.9);
        Assert.Single(_events.Raised);
        Board(347.59, 347.59, 347.59); // more than 0.55 K below
        Assert.Equal(2, _events.Raised.Count);
    }

    [Fact]
    public void What_was_not_measured_changes_nothing()
    {
        Board(349, 349);
        _monitor.Check(new HousekeepingBody([]));
        Board(349);
        Assert.Single(_events.Raised);
    }

    [Fact]
    public void One_sided_limits_work()
    {
        for (int i = 0; i < 3; i++)
            _monitor.Check(new HousekeepingBody([new(Parameters.StateOfCharge.Id, 0.19), new(Parameters.OutboxDepth.Id, 50_001), new(Parameters.SolarPower.Id, 1e9)]));
        Assert.Equal(["limit.violated battery.state-of-charge 0.19 0.2 Infinity", "limit.violated outbox.depth 50001 -Infinity 50000"], _events.Raised);
        for (int i = 0; i < 3; i++)
            _monitor.Check(new HousekeepingBody([new(Parameters.OutboxDepth.Id, 49_501)])); // 1 % is 500
        Assert.Equal(2, _events.Raised.Count);
        for (int i = 0; i < 3; i++)
            _monitor.Check(new HousekeepingBody([new(Parameters.OutboxDepth.Id, 49_500)]));
        Assert.Equal(3, _events.Raised.Count);
    }
}
