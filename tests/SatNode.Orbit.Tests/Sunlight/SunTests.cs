using SatNode.Orbit.Geometry;
using SatNode.Orbit.Sunlight;

namespace SatNode.Orbit.Tests.Sunlight;

public sealed class SunTests
{
    /// <summary>Vallado, Fundamentals of Astrodynamics and Applications, example 5-1.</summary>
    [Fact]
    public void Stands_where_the_textbook_says()
    {
        Vector3d sun = Sun.PositionKm(new(2006, 4, 2, 0, 0, 0, TimeSpan.Zero)) / Sun.AstronomicalUnitKm;
        Assert.Equal(0.9771945, sun.X, 6);
        Assert.Equal(0.1924424, sun.Y, 6);
        Assert.Equal(0.0834308, sun.Z, 6);
    }

    /// <summary>Equinoxes and solstices of 2024 (Astronomical Almanac): 20 March 03:06, 20 June 20:51, 22 September 12:44, 21 December 09:20.</summary>
    [Theory]
    [InlineData(3, 20, 3, 6, 0.0)]
    [InlineData(6, 20, 20, 51, 90.0)]
    [InlineData(9, 22, 12, 44, 180.0)]
    [InlineData(12, 21, 9, 20, 270.0)]
    public void Crosses_the_seasons_on_time(int month, int day, int hour, int minute, double longitudeDegrees)
    {
        Vector3d sun = Sun.PositionKm(new(2024, month, day, hour, minute, 0, TimeSpan.Zero));
        double obliquity = 23.436 * Math.PI / 180;
        double longitude = Math.Atan2((sun.Y * Math.Cos(obliquity)) + (sun.Z * Math.Sin(obliquity)), sun.X) * 180 / Math.PI;
        Assert.InRange(Math.Abs(Math.IEEERemainder(longitude - longitudeDegrees, 360.0)), 0.0, 0.01);
    }

    /// <summary>Perihelion 2024-01-03 00:39 at 0.983307 AU, aphelion 2024-07-05 05:06 at 1.016725 AU.</summary>
    [Theory]
    [InlineData(1, 3, 0.983307)]
    [InlineData(7, 5, 1.016725)]
    public void Is_near_in_January_and_far_in_July(int month, int day, double distance) =>
        Assert.Equal(distance, Sun.PositionKm(new(2024, month, day, 3, 0, 0, TimeSpan.Zero)).Length / Sun.AstronomicalUnitKm, 4);

    [Fact]
    public void Beta_is_the_height_of_the_Sun_over_the_orbit()
    {
        Vector3d sun = Sun.PositionKm(TestOrbits.Equinox).Normalized();
        Vector3d side = sun.Cross(new(0, 0, 1)).Normalized();
        Vector3d up = side.Cross(sun);
        Assert.Equal(0.0, Sun.BetaAngleDegrees(new(sun * 7000.0, side * 7.5), TestOrbits.Equinox), 9);
        Assert.Equal(-90.0, Sun.BetaAngleDegrees(new(side * 7000.0, up * -7.5), TestOrbits.Equinox) * Math.Sign(side.Cross(-up).Dot(-sun)), 6);
    }
}
