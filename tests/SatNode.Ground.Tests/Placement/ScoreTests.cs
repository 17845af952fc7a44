using SatNode.Ground.Placement;
using SatNode.Protocol.Quantities;
using static SatNode.Ground.Tests.Placement.Satellites;

namespace SatNode.Ground.Tests.Placement;

public sealed class ScoreTests
{
    [Theory]
    [InlineData(true, 60, 3000, 100)] // a contact that lasts long enough
    [InlineData(true, 59, 3000, 50)] // one that does not counts as none
    [InlineData(false, 0, 0, 100)]
    [InlineData(false, 0, 1500, 75)]
    [InlineData(false, 0, 6000, 0)]
    [InlineData(false, 0, 9000, 0)]
    public void Latency_falls_with_the_wait_for_contact(bool isReachable, int contactSeconds, int passInSeconds, double expected) => Assert.Equal(expected, Score(new LatencyScore(), Good() with
    {
        IsReachable = isReachable,
        ContactEnd = isReachable ? Now.AddSeconds(contactSeconds) : null,
        NextPass = new("redu", Now.AddSeconds(passInSeconds), Now.AddSeconds(passInSeconds + 400)),
    }), 6);

    [Fact]
    public void Latency_of_a_contact_without_a_known_end_is_good_and_without_a_pass_bad()
    {
        Assert.Equal(100, Score(new LatencyScore(), Good() with { ContactEnd = null, NextPass = null }));
        Assert.Equal(0, Score(new LatencyScore(), Good() with { IsReachable = false, ContactEnd = null, NextPass = null }));
    }

    [Theory]
    [InlineData(20, 100)]
    [InlineData(50, 100)] // recommended: 10 K below the limit of 60
    [InlineData(55, 50)]
    [InlineData(60, 0)]
    [InlineData(70, 0)]
    public void Temperature_is_full_up_to_the_recommended_and_nothing_at_the_limit(double celsius, double expected) =>
        Assert.Equal(expected, Score(new TemperatureScore(), Good() with { Board = Temperature.FromCelsius(celsius) }), 6);

    [Theory]
    [InlineData(0.2, 0)]
    [InlineData(0.3, 0)]
    [InlineData(0.65, 50)]
    [InlineData(1.0, 100)]
    public void Charge_counts_above_what_the_function_asks_for(double charge, double expected) =>
        Assert.Equal(expected, Score(new ChargeScore(), Good() with { Charge = new Ratio(charge) }), 6);

    [Fact]
    public void Charge_of_a_full_battery_is_good_enough_for_a_function_that_asks_for_it() =>
        Assert.Equal(100, new ChargeScore().Score(Request(Manifest(chargeMin: 1)), Good() with { Charge = new Ratio(1) }, []));

    [Fact]
    public void Spread_prefers_another_plane_and_an_idle_satellite()
    {
        var score = new SpreadScore();
        Assert.Equal(100, score.Score(Request(), Good("p10-s03"), []));
        Assert.Equal(75, score.Score(Request(), Good("p10-s03"), [Good("p10-s04")]));
        Assert.Equal(100, score.Score(Request(), Good("p10-s03"), [Good("p11-s04")]));
        Assert.Equal(75, score.Score(Request(), Good("p10-s03").With(("other", "i")), []));
        Assert.Equal(100, score.Score(Request(), Good("p10-s03").With(("greet", "i")), [Good("p10-s03")])); // neither itself nor its own place count
        Assert.Equal(100, score.Score(Request(), Good("alpha"), [Good("beta")])); // names that tell no plane
    }

    [Fact]
    public void What_is_not_known_scores_nothing()
    {
        Assert.Equal(0, Score(new TemperatureScore(), Good() with { Board = null }));
        Assert.Equal(0, Score(new ChargeScore(), Good() with { Charge = null }));
        Assert.Equal(0, Score(new ChargeScore(), Good() with { Charge = new Ratio(double.NaN) }));
    }

    private static double Score(IPlacementScore score, Candidate candidate) => score.Score(Request(), candidate, []);
}
