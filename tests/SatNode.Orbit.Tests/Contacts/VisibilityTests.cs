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
}
