using CsCheck;
using SatNode.Orbit.Elements;
using SatNode.Orbit.Geometry;
using SatNode.Orbit.Propagation;
using SatNode.Orbit.Tests.Propagation;

namespace SatNode.Orbit.Tests.Elements;

public sealed class ElementFitTests
{
    private static readonly DateTimeOffset Epoch = new(2024, 10, 21, 4, 0, 0, TimeSpan.Zero);
    private static readonly Vector3d Position = new(7000.0, 0.0, 0.0);
    private static readonly Vector3d Velocity = new(0.0, 4.0, 6.4);

    private static readonly Gen<Tle> NearEarth = Elements(Gen.Double[0.0, 179.9], Gen.Double[0.0, 0.25], Gen.Double[6.5, 16.0]);
    private static readonly Gen<Tle> RoundOrEquatorial = Elements(OneOf(0.0, 1e-4, 0.02, 90.0, 179.9), OneOf(0.0, 2e-6, 1e-4), Gen.Double[6.5, 16.0]);
    // SGP4 raises eccentricities below 1e-6 to that, and in deep space no other elements give the state of such a set.
    private static readonly Gen<Tle> DeepSpace = Elements(Gen.Double[0.05, 179.0], Gen.Double[2e-6, 0.95], Gen.Double[0.1, 6.3]);
    private static readonly Gen<Tle> Geostationary = Elements(Gen.Double[0.05, 1.0], Gen.Double[2e-6, 0.002], Gen.Double[0.99, 1.01]);
    private static readonly Gen<Tle> AtTheEdgeOfDeepSpace = Elements(Gen.Double[0.05, 179.0], Gen.Double[2e-6, 0.5], Gen.Double[6.38, 6.42]);

    public static TheoryData<int> Verification => [.. Enumerable.Range(0, VerificationSet.Cases.Count)];

    [Theory]
    [MemberData(nameof(Verification))]
    public void Elements_of_the_state_of_every_verification_case_give_that_state(int index)
    {
        Tle tle = VerificationSet.Cases[index].Tle;
        if (new Sgp4(tle).Propagate(0.0, out TemeState state) != PropagationError.None)
        {
            Assert.Equal(33334, tle.CatalogNumber); // the reference has none either
            return;
        }

        AssertGives(state, ElementFit.FromState(state, tle.Epoch, tle.BStar), tle);
    }

    [Fact]
    public void Elements_of_any_state_give_that_state() => Gen.OneOf(NearEarth, RoundOrEquatorial, DeepSpace, Geostationary, AtTheEdgeOfDeepSpace).Sample(
        tle =>
        {
            if (new Sgp4(tle).Propagate(0.0, out TemeState state) == PropagationError.None)
                AssertGives(state, ElementFit.FromState(state, tle.Epoch, tle.BStar), tle);
        },
        iter: 20_000);

    [Fact]
    public void The_elements_of_a_low_orbit_are_those_it_was_made_of()
    {
        Tle tle = TestOrbits.Starlink.ElementsOf(3, 5) with { Eccentricity = 0.003, BStar = 3e-4 };
        var orbit = new SatelliteOrbit(tle);

        var made = new SatelliteOrbit(ElementFit.FromState(orbit.StateAt(tle.Epoch), tle.Epoch, 3e-4));

        Assert.Equal(tle.MeanMotionRevolutionsPerDay, made.Elements.MeanMotionRevolutionsPerDay, 8);
        Assert.Equal(tle.Eccentricity, made.Elements.Eccentricity, 9);
        Assert.InRange((made.StateAt(tle.Epoch.AddDays(1)).PositionKm - orbit.StateAt(tle.Epoch.AddDays(1)).PositionKm).Length, 0.0, 1e-3);
    }

    [Fact]
    public void A_round_and_equatorial_state_has_elements()
    {
        foreach (double direction in new[] { 1.0, -1.0 })
        {
            var state = new TemeState(new(7000.0, 0.0, 0.0), new(0.0, direction * Math.Sqrt(398_600.8 / 7000.0), 0.0));
            AssertGives(state, ElementFit.FromState(state, Epoch), null);
        }
    }

    [Fact]
    public void Says_what_is_wrong_with_a_state()
    {
        Assert.Equal("state: expected six finite numbers, found (7000, NaN, 0) km and (0, 4, 6.4) km/s", Refusal(new(Position with { Y = double.NaN }, Velocity)));
        Assert.Equal("state: expected six finite numbers, found (7000, 0, 0) km and (0, Infinity, 6.4) km/s", Refusal(new(Position, Velocity with { Y = double.PositiveInfinity })));
        Assert.Equal("state: expected a position above the Earth's surface, 6378.135 km from its centre, found 6378.134 km; are these km?", Refusal(new(new(0.0, 6378.134, 0.0), Velocity)));
        Assert.Equal("state: expected a position above the Earth's surface, 6378.135 km from its centre, found 0 km; are these km?", Refusal(default));
        Assert.Equal("state: expected a speed below that of escape, 10.671736 km/s, found 10.6718 km/s; are these km/s?", Refusal(new(Position, new(0.0, 10.6718, 0.0))));
        Assert.Equal("state: expected an orbit of an eccentricity up to 0.9999999, found a fall along a line through the Earth's centre", Refusal(new(Position, new(3.0, 0.0, 0.0))));
        Assert.Equal("state: expected an orbit of an eccentricity up to 0.9999999, found a fall along a line through the Earth's centre", Refusal(new(Position, default)));
    }

    [Fact]
    public void A_speed_just_below_that_of_escape_gives_elements_or_the_one_error()
    {
        Assert.Contains("a state that mean elements of SGP4 give to 1 mm and 1 µm/s, found none ", Refusal(new(Position, new(0.0, 10.66, 0.0))), StringComparison.Ordinal);
        for (double speed = 10.60; speed < 10.6716; speed += 0.005)
        {
            var state = new TemeState(Position, new(0.0, speed, 0.0));
            try
            {
                AssertGives(state, ElementFit.FromState(state, Epoch), null);
            }
            catch (ElementFitException fault)
            {
                Assert.True(speed > 10.63, $"{speed}: {fault.Message}"); // beyond the Moon
            }
        }
    }

    [Fact]
    public void Epoch_and_drag_are_held_to_their_range()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => ElementFit.FromState(new(Position, Velocity), new(2057, 1, 1, 0, 0, 0, TimeSpan.Zero)));
        Assert.Throws<ArgumentOutOfRangeException>(() => ElementFit.FromState(new(Position, Velocity), Epoch, double.NaN));
    }

    private static Gen<double> OneOf(params double[] values) => Gen.OneOf([.. values.Select(value => Gen.Const(value))]);

    private static Gen<Tle> Elements(Gen<double> inclination, Gen<double> eccentricity, Gen<double> meanMotion) =>
        from shape in Gen.Select(inclination, eccentricity, meanMotion)
        from angles in Gen.Select(Gen.Double[0, 360], Gen.Double[0, 360], Gen.Double[0, 360])
        from drag in Gen.Double[0, 1e-3]
        select new Tle
        {
            CatalogNumber = 1,
            Epoch = Epoch,
            InclinationDegrees = shape.Item1,
            Eccentricity = Math.Min(shape.Item2, LongestKept(shape.Item3)),
            MeanMotionRevolutionsPerDay = shape.Item3,
            RaanDegrees = angles.Item1,
            ArgumentOfPerigeeDegrees = angles.Item2,
            MeanAnomalyDegrees = angles.Item3,
            BStar = drag,
        };

    /// <summary>The eccentricity at which the perigee is 120 km over the equator; satellites have no lower one.</summary>
    private static double LongestKept(double revolutionsPerDay)
    {
        double motion = revolutionsPerDay * Math.Tau / 86_400.0;
        return 1.0 - (6_498.0 / Math.Cbrt(398_600.8 / (motion * motion)));
    }

    private static void AssertGives(in TemeState expected, Tle made, Tle? of)
    {
        Assert.Equal(PropagationError.None, new Sgp4(made).Propagate(0.0, out TemeState state));
        double km = (state.PositionKm - expected.PositionKm).Length, kmPerSecond = (state.VelocityKmPerSecond - expected.VelocityKmPerSecond).Length;
        Assert.True(km <= 1e-6 && kmPerSecond <= 1e-9, $"{km} km, {kmPerSecond} km/s: {of}");
    }

    private static string Refusal(TemeState state) => Assert.Throws<ElementFitException>(() => ElementFit.FromState(state, Epoch)).Message;
}
