using SatNode.Flight.Invocations;
using SatNode.Flight.Telemetry;

namespace SatNode.Flight.Tests.Invocations;

public sealed class QuarantineTests : IDisposable
{
    private static readonly DateTimeOffset Noon = SchedulerWorld.Noon;

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Survives_a_restart_with_its_time_and_its_level()
    {
        Offend(InvocationLimits.OffencesMax, Noon);
        using FlightDatabase database = FlightDatabase.Open(_folder.File("flight.db"));
        var quarantine = new Quarantine(database, new RecordingEvents());
        Assert.Equal(Noon + InvocationLimits.FirstHoldOff, quarantine.HeldUntil("f", Noon));
        Assert.Null(quarantine.HeldUntil("g", Noon));
        DateTimeOffset after = Noon + InvocationLimits.FirstHoldOff;
        Assert.Null(quarantine.HeldUntil("f", after));
        quarantine.Offend("f", "again", after); // the first after a quarantine
        Assert.Equal(after + (2 * InvocationLimits.FirstHoldOff), quarantine.HeldUntil("f", after));
    }

    [Fact]
    public void A_release_survives_a_restart_too()
    {
        Offend(InvocationLimits.OffencesMax, Noon);
        using (FlightDatabase database = FlightDatabase.Open(_folder.File("flight.db")))
            Assert.True(new Quarantine(database, new RecordingEvents()).Release("f", Noon));
        using FlightDatabase again = FlightDatabase.Open(_folder.File("flight.db"));
        Assert.Null(new Quarantine(again, new RecordingEvents()).HeldUntil("f", Noon));
    }

    [Fact]
    public void Never_lasts_longer_than_a_day()
    {
        using FlightDatabase database = FlightDatabase.Open(_folder.File("flight.db"));
        var quarantine = new Quarantine(database, new RecordingEvents());
        for (int i = 0; i < 100; i++)
            quarantine.Offend("f", "again", Noon);
        Assert.Equal(Noon + InvocationLimits.LongestHoldOff, quarantine.HeldUntil("f", Noon));
    }

    private void Offend(int times, DateTimeOffset now)
    {
        using FlightDatabase database = FlightDatabase.Open(_folder.File("flight.db"));
        var quarantine = new Quarantine(database, new RecordingEvents());
        for (int i = 0; i < times; i++)
        {
            Assert.Null(quarantine.HeldUntil("f", now));
            quarantine.Offend("f", "too long", now);
        }
    }
}
