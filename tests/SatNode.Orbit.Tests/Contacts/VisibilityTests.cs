using SatNode.Orbit.Contacts;
using SatNode.Orbit.Geometry;

namespace SatNode.Orbit.Tests.Contacts;

public sealed class VisibilityTests
{
    private const double Radius = Wgs84.EquatorialRadiusKm;

    [Fact]
    public void The_chord_of_an_arc_dips_to_the_cosine_of_its_half()
    {
        double r = Radius + 550.0, half = 0.2;
        var one = new Vector3d(r * Math.Cos(half), r * Math.Sin(half), 0);
        var other = new Vector3d(r * Math.Cos(half), -r * Math.Sin(half), 0);
        Assert.Equal((r * Math.Cos(half)) - Radius, Visibility.ClearanceKm(one, other), 9);
    }

    [Theory]
    [InlineData(0.0, true)]
    [InlineData(79.999, true)]
    [InlineData(80.001, false)]
    public void The_grazing_altitude_decides(double grazingKm, bool clear)
    {
        double r = Radius + 550.0, half = Math.Acos((Radius + 80.0) / r);
        var one = new Vector3d(r * Math.Cos(half), r * Math.Sin(half), 0);
        var other = new Vector3d(r * Math.Cos(half), -r * Math.Sin(half), 0);
        Assert.Equal(clear, Visibility.HasLineOfSight(one, other, grazingKm));
        Assert.Equal(clear, Visibility.HasLineOfSight(other, one, grazingKm));
    }

    [Fact]
    public void The_Earth_blocks_only_between_them()
    {
        Assert.False(Visibility.HasLineOfSight(new(7000, 0, 0), new(-7000, 0, 0)));
        Assert.True(Visibility.HasLineOfSight(new(7000, 0, 0), new(42_164, 0, 0))); // one above the other
        Assert.True(Visibility.HasLineOfSight(new(7000, 0, 0), new(7000, 0, 0)));
        Assert.False(Visibility.HasLineOfSight(new(6300, 0, 0), new(6300, 0, 0)));
        Assert.False(Visibility.HasLineOfSight(new(double.NaN, 0, 0), new(7000, 0, 0)));
    }

    [Fact]
    public void Light_takes_its_time()
    {
        Assert.Equal(TimeSpan.FromSeconds(1), Visibility.LightTime(299_792.458));
        Assert.Equal(TimeSpan.Zero, Visibility.LightTime(0));
        Assert.Equal(3.336, Visibility.LightTime(new Vector3d(7000, 0, 0), new Vector3d(7000, 1000, 0)).TotalMilliseconds, 3);
        Assert.Throws<ArgumentOutOfRangeException>(() => Visibility.LightTime(-1));
        Assert.Throws<ArgumentOutOfRangeException>(() => Visibility.LightTime(double.NaN));
    }

    [Fact]
    public void Range_rates_are_the_slope_of_the_range()
    {
        SatelliteOrbit one = TestOrbits.At(3, 4), other = TestOrbits.At(60, 9);
        var site = new GroundSite(Geodetic.FromDegrees(47.0, 8.0, 0.5));
        for (int minute = 0; minute < 90; minute++)
        {
            DateTimeOffset at = TestOrbits.Equinox.AddMinutes(minute), before = at.AddMilliseconds(-500), after = at.AddMilliseconds(500);
            double between = Range(after) - Range(before);
            Assert.InRange(Visibility.RangeRateKmPerSecond(one.StateAt(at), other.StateAt(at)) - between, -1e-5, 1e-5);
            double over = site.Look(one.EcefAt(after).PositionKm).RangeKm - site.Look(one.EcefAt(before).PositionKm).RangeKm;
            Assert.InRange(site.RangeRateKmPerSecond(one.EcefAt(at)) - over, -1e-5, 1e-5);
        }

        Assert.Equal(0.0, Visibility.RangeRateKmPerSecond(one.StateAt(TestOrbits.Equinox), one.StateAt(TestOrbits.Equinox)));
        double Range(DateTimeOffset at) => (one.StateAt(at).PositionKm - other.StateAt(at).PositionKm).Length;
    }

    [Theory]
    [InlineData(2.2e9, -7.0, 51_369)] // coming nearer: heard higher
    [InlineData(2.2e9, 7.0, -51_369)]
    [InlineData(145.8e6, 0.0, 0)]
    public void Doppler_is_the_range_rate_over_the_speed_of_light(double hertz, double rangeRate, double expected) =>
        Assert.Equal(expected, Visibility.DopplerShiftHz(hertz, rangeRate), 0);
}
