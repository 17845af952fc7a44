using SatNode.Flight.Invocations;
using SatNode.Protocol.Dictionary;
using SatNode.Protocol.Functions;

namespace SatNode.Flight.Tests.Invocations;

public sealed class TriggerBoardTests
{
    private static readonly DateTimeOffset Noon = SchedulerWorld.Noon;

    private readonly TriggerBoard _board = new();

    [Fact]
    public void A_timer_fires_at_once_and_then_each_period()
    {
        Watch(new TimerTrigger(TimeSpan.FromSeconds(10)));
        Assert.Equal([0, 10, 20, 30], Enumerable.Range(0, 31).Where(Fires));
    }

    [Theory]
    [InlineData(35, 40)]
    [InlineData(40, 50)] // due and looked at in the same second
    [InlineData(100_003, 100_010)]
    public void A_timer_that_nobody_looked_at_fires_once_and_keeps_its_beat(int looked, int next)
    {
        Watch(new TimerTrigger(TimeSpan.FromSeconds(10)));
        Assert.True(Fires(0));
        Assert.True(Fires(looked));
        Assert.All(Enumerable.Range(looked, next - looked), second => Assert.False(Fires(second)));
        Assert.True(Fires(next));
    }

    [Fact]
    public void A_timer_that_is_held_stays_due_and_fires_once_when_it_no_longer_is_and_a_target_is_not_held()
    {
        Watch(new TimerTrigger(TimeSpan.FromMinutes(10)), new ObservationTrigger(0, 0, 500));
        int[] held = [.. Enumerable.Range(0, 700).Where(second => _board.Look(Noon.AddSeconds(second), 0, 0, _ => second is < 30 or (>= 600 and < 645))
            .Any(firing => firing.Trigger is TimerTrigger))];
        Assert.Equal([30, 645], held);
        Watch(new ObservationTrigger(0, 0, 500));
        Assert.IsType<ObservationTrigger>(Assert.Single(_board.Look(Noon, 0, 0, _ => true)).Trigger);
    }

    [Fact]
    public void A_target_fires_once_a_pass()
    {
        Watch(new ObservationTrigger(0, 0, 500));
        double[] longitudes = [-6, -4, -1, 0, 3, 4.4, 5, 20, -4, 0, 9]; // degrees on the equator of 111.2 km
        int[] fired = [.. longitudes.Index().Where(look => FiresAt(look.Index, 0, look.Item)).Select(look => look.Index)];
        Assert.Equal([1, 8], fired);
    }

    [Fact]
    public void A_place_that_is_not_known_is_never_in_view()
    {
        Watch(new ObservationTrigger(0, 0, 3000));
        Assert.False(FiresAt(0, double.NaN, double.NaN));
        Assert.False(FiresAt(1, double.NaN, 0));
        Assert.False(FiresAt(2, 0, double.NaN));
        Assert.True(FiresAt(3, 0, 0));
    }

    [Theory] // the mean sphere of 6371.0088 km; distances from its own degrees: a degree is 111.195 km
    [InlineData(0, 0, 0, 10, 1111.95)]
    [InlineData(80, 0, 80, 180, 2223.90)] // over the pole
    [InlineData(0, 179, 0, -179, 222.39)] // over the date line
    [InlineData(-90, 0, -70, 123, 2223.90)]
    [InlineData(51.5074, -0.1278, 48.8566, 2.3522, 343.56)] // London to Paris
    [InlineData(52.5200, 13.4050, 48.1351, 11.5820, 504.42)] // Berlin to Munich
    public void Measures_along_the_great_circle(double latitude, double longitude, double targetLatitude, double targetLongitude, double km)
    {
        Watch(new ObservationTrigger(targetLatitude, targetLongitude, km - 0.2));
        Assert.False(FiresAt(0, latitude, longitude));
        Watch(new ObservationTrigger(targetLatitude, targetLongitude, km + 0.2));
        Assert.True(FiresAt(0, latitude, longitude));
    }

    [Fact]
    public void State_and_command_never_fire_by_themselves()
    {
        Watch(new StateTrigger("fires"), new CommandTrigger());
        Assert.All(Enumerable.Range(0, 1000), second => Assert.False(FiresAt(second, 0, 0)));
        Assert.Equal(["detect"], _board.TriggeredBy("fires"));
        Assert.Empty(_board.TriggeredBy("Fires"));
        Assert.Empty(_board.TriggeredBy("fires/2"));
    }

    [Theory]
    [InlineData(ThresholdSide.Above, new[] { 329.0, 330.0, 330.1, 331.0, 329.9, 330.2, 329.4, 330.1 }, new[] { 330.1, 330.1 })] // 0.55 K is the sensor's accuracy: what comes back by less is noise
    [InlineData(ThresholdSide.Below, new[] { 331.0, 330.0, 329.9, 330.5, 329.8, 330.6, 329.0 }, new[] { 329.9, 329.0 })]
    [InlineData(ThresholdSide.Above, new[] { 340.0, 341.0 }, new[] { 340.0 })] // beyond it from the first
    [InlineData(ThresholdSide.Above, new[] { double.NaN, 329.0 }, new double[0])] // what is unknown crosses nothing
    public void A_threshold_fires_once_a_crossing(ThresholdSide side, double[] kelvins, double[] fires)
    {
        Watch(new ThresholdTrigger("board.temperature", side, 330));
        double[] fired = [.. kelvins.SelectMany(kelvin => _board.Look(Sampled(kelvin)).Select(crossing => crossing.Value))];
        Assert.Equal(fires, fired);
    }

    [Fact]
    public void Knows_who_follows_and_who_takes_bundles()
    {
        Watch(new OutputTrigger("ingest"), new BundleTrigger(100));
        Assert.Equal(["detect"], _board.FollowersOf("ingest"));
        Assert.Empty(_board.FollowersOf("detect"));
        Assert.Equal(("detect", null), (_board.TakerOf(100), _board.TakerOf(101)));
    }

    [Fact]
    public void A_new_version_forgets_the_triggers_of_the_old_one()
    {
        Watch(new TimerTrigger(TimeSpan.FromSeconds(10)), new StateTrigger("old"));
        Watch(new StateTrigger("new"));
        Assert.False(Fires(0));
        Assert.Empty(_board.TriggeredBy("old"));
        _board.Remove("detect");
        Assert.Empty(_board.TriggeredBy("new"));
        _board.Remove("detect");
    }

    [Fact]
    public void Says_whose_trigger_fired_and_which()
    {
        var timer = new TimerTrigger(TimeSpan.FromSeconds(10));
        Watch(new ObservationTrigger(50, 50, 10), timer);
        TriggerBoard.Firing firing = Assert.Single(_board.Look(Noon, 0, 0));
        Assert.Equal(new TriggerBoard.Firing("detect", timer), firing);
    }

    private void Watch(params ReadOnlySpan<FunctionTrigger> triggers) => _board.Add(new FunctionManifest
    {
        Name = "detect",
        Version = "1",
        Kind = FunctionKind.Reactor,
        ModuleDigest = new byte[32],
        Triggers = triggers.ToArray(),
    }, Noon);

    private static Protocol.Telemetry.Housekeeping Sampled(double kelvin) => new(double.IsNaN(kelvin) ? [] : [new(Parameters.BoardTemperature.Id, kelvin)]);

    private bool Fires(int second) => FiresAt(second, double.NaN, double.NaN);

    private bool FiresAt(int second, double latitude, double longitude) => _board.Look(Noon + TimeSpan.FromSeconds(second), latitude, longitude).Count > 0;
}
