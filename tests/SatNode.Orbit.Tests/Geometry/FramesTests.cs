using CsCheck;
using SatNode.Orbit.Geometry;
using SatNode.Orbit.Propagation;

namespace SatNode.Orbit.Tests.Geometry;

public sealed class FramesTests
{
    private const double Degree = Math.PI / 180.0;

    /// <summary>Vallado, Fundamentals of Astrodynamics and Applications, example 3-5.</summary>
    [Fact]
    public void Sidereal_time_of_the_textbook() =>
        Assert.Equal(152.578787810, Frames.GmstRadians(new(1992, 8, 20, 12, 14, 0, TimeSpan.Zero)) / Degree, 6);

    /// <summary>Meeus, Astronomical Algorithms, examples 12.a and 12.b: 13h10m46.3668s and 8h34m57.0896s.</summary>
    [Theory]
    [InlineData(0, 0, 197.693195)]
    [InlineData(19, 21, 128.737873)]
    public void Sidereal_time_of_another_textbook(int hour, int minute, double degrees) =>
        Assert.Equal(degrees, Frames.GmstRadians(new(1987, 4, 10, hour, minute, 0, TimeSpan.Zero)) / Degree, 5);

    [Fact]
    public void A_sidereal_day_is_a_turn()
    {
        var start = new DateTimeOffset(2026, 5, 1, 3, 0, 0, TimeSpan.Zero);
        Assert.Equal(Frames.GmstRadians(start), Frames.GmstRadians(start.AddSeconds(86_164.0905)), 8);
    }

    /// <summary>AIAA 2006-6753, appendix C: 2004-04-06 07:51:28.386009 UTC with UT1 − UTC = −0.4399619 s.</summary>
    [Fact]
    public void Teme_to_the_turning_Earth_as_published()
    {
        DateTimeOffset ut1 = new DateTimeOffset(2004, 4, 6, 7, 51, 28, TimeSpan.Zero).AddTicks(3_860_090 - 4_399_619);
        var teme = new TemeState(new(5094.18016210, 6127.64465950, 6380.34453270), new(-4.746131487, 0.785818041, 5.531931288));
        EcefState pef = Frames.TemeToEcef(teme, ut1);
        Assert.InRange((pef.PositionKm - new Vector3d(-1033.47503130, 7901.30558560, 6380.34453270)).Length, 0.0, 1e-5);
        Assert.InRange((pef.VelocityKmPerSecond - new Vector3d(-3.225632747, -2.872442511, 5.531931288)).Length, 0.0, 1e-8);
        TemeState back = Frames.EcefToTeme(pef, ut1);
        Assert.InRange((back.PositionKm - teme.PositionKm).Length, 0.0, 1e-9);
        Assert.InRange((back.VelocityKmPerSecond - teme.VelocityKmPerSecond).Length, 0.0, 1e-12);
        Assert.Equal(pef.PositionKm, Frames.TemeToEcef(teme.PositionKm, ut1));
        Assert.InRange((Frames.EcefToTeme(pef.PositionKm, ut1) - teme.PositionKm).Length, 0.0, 1e-9);
    }

    /// <summary>Vallado, example 3-3, whose ellipsoid is 0.7 m smaller.</summary>
    [Fact]
    public void Geodetic_of_the_textbook()
    {
        Geodetic place = Frames.EcefToGeodetic(new(6524.834, 6862.875, 6448.296));
        Assert.InRange(place.LatitudeDegrees, 34.352496 - 2e-6, 34.352496 + 2e-6);
        Assert.Equal(46.4464, place.LongitudeDegrees, 4);
        Assert.Equal(5085.22, place.AltitudeKm, 2);
    }

    /// <summary>The semi-axes of the ellipsoid.</summary>
    [Theory]
    [InlineData(0, 0, 6378.137, 0, 0)]
    [InlineData(0, 90, 0, 6378.137, 0)]
    [InlineData(0, -180, -6378.137, 0, 0)]
    [InlineData(90, 0, 0, 0, 6356.752314245)]
    [InlineData(-90, 0, 0, 0, -6356.752314245)]
    public void Axes_of_the_ellipsoid(double latitude, double longitude, double x, double y, double z)
    {
        var place = Geodetic.FromDegrees(latitude, longitude);
        Assert.InRange((Frames.GeodeticToEcef(place) - new Vector3d(x, y, z)).Length, 0.0, 1e-8);
        Geodetic back = Frames.EcefToGeodetic(new(x, y, z));
        Assert.Equal(latitude, back.LatitudeDegrees, 9);
        Assert.Equal(0.0, back.AltitudeKm, 8);
    }

    [Fact]
    public void There_and_back_again() =>
        Gen.Select(Gen.Double[-90, 90], Gen.Double[-180, 180], Gen.OneOf(Gen.Double[-10, 1000], Gen.Double[1000, 400_000])).Sample(
            (latitude, longitude, altitude) =>
            {
                var place = Geodetic.FromDegrees(latitude, longitude, altitude);
                Geodetic back = Frames.EcefToGeodetic(Frames.GeodeticToEcef(place));
                Assert.InRange(Math.Abs(back.LatitudeRadians - place.LatitudeRadians), 0.0, 1e-12);
                Assert.InRange(Math.Abs(back.AltitudeKm - place.AltitudeKm), 0.0, 1e-9 * (1.0 + (altitude / 1000.0)));
                Assert.InRange(Math.Abs(Math.IEEERemainder(back.LongitudeRadians - place.LongitudeRadians, Math.Tau)), 0.0, 1e-12 / Math.Max(1e-4, Math.Cos(place.LatitudeRadians)));
                Assert.True(back.LongitudeDegrees is >= -180 and < 180);
            },
            iter: 20_000);

    [Fact]
    public void Places_are_held_to_their_range()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => Geodetic.FromDegrees(90.1, 0));
        Assert.Throws<ArgumentOutOfRangeException>(() => Geodetic.FromDegrees(double.NaN, 0));
        Assert.Throws<ArgumentOutOfRangeException>(() => Geodetic.FromDegrees(0, 361));
        Assert.Throws<ArgumentOutOfRangeException>(() => Geodetic.FromDegrees(0, 0, -101));
        Assert.Equal(-106.609, Geodetic.FromDegrees(0, 253.391).LongitudeDegrees, 9);
        Assert.Throws<ArgumentException>(() => Frames.EcefToGeodetic(Vector3d.Zero));
        Assert.Throws<ArgumentException>(() => Frames.EcefToGeodetic(new(double.NaN, 7000, 0)));
    }
}
