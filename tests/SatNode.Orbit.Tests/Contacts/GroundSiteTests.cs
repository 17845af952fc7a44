using SatNode.Orbit.Contacts;
using SatNode.Orbit.Geometry;

namespace SatNode.Orbit.Tests.Contacts;

public sealed class GroundSiteTests
{
    [Theory]
    [InlineData(0.0, 0.0)]
    [InlineData(32.501, -106.609)]
    [InlineData(-78.2, 15.4)]
    public void Straight_up_is_ninety_degrees(double latitude, double longitude)
    {
        LookAngles look = new GroundSite(Geodetic.FromDegrees(latitude, longitude, 1.2))
            .Look(Frames.GeodeticToEcef(Geodetic.FromDegrees(latitude, longitude, 551.2)));
        Assert.Equal(90.0, look.ElevationDegrees, 5);
        Assert.Equal(550.0, look.RangeKm, 6);
    }

    /// <summary>On the equator the horizon is the sphere's: a geostationary satellite 30° east or west, by plane trigonometry.</summary>
    [Theory]
    [InlineData(30.0, 90.0)]
    [InlineData(-30.0, 270.0)]
    public void East_and_west_from_the_equator(double longitude, double azimuth)
    {
        double angle = longitude * Math.PI / 180;
        LookAngles look = new GroundSite(Geodetic.FromDegrees(0, 0)).Look(new(42_164 * Math.Cos(angle), 42_164 * Math.Sin(angle), 0));
        Assert.Equal(azimuth, look.AzimuthDegrees, 9);
        Assert.Equal(Math.Atan2((42_164 * Math.Cos(angle)) - 6378.137, 42_164 * Math.Sin(Math.Abs(angle))) * 180 / Math.PI, look.ElevationDegrees, 9);
    }

    [Fact]
    public void North_and_south_and_below()
    {
        var site = new GroundSite(Geodetic.FromDegrees(45, 10));
        Assert.Equal(0.0, site.Look(Frames.GeodeticToEcef(Geodetic.FromDegrees(50, 10, 100))).AzimuthDegrees, 6);
        Assert.Equal(180.0, site.Look(Frames.GeodeticToEcef(Geodetic.FromDegrees(40, 10, 100))).AzimuthDegrees, 6);
        Assert.InRange(site.Look(Frames.GeodeticToEcef(Geodetic.FromDegrees(-45, -170, 550))).ElevationDegrees, -90, -89);
    }

    [Fact]
    public void The_mask_decides_and_its_edge_is_seen()
    {
        Vector3d target = Frames.GeodeticToEcef(Geodetic.FromDegrees(5, 0, 550));
        double elevation = new GroundSite(Geodetic.FromDegrees(0, 0)).Look(target).ElevationDegrees;
        Assert.True(new GroundSite(Geodetic.FromDegrees(0, 0), ElevationMask.Constant(elevation - 1e-9)).Sees(target));
        Assert.False(new GroundSite(Geodetic.FromDegrees(0, 0), ElevationMask.Constant(elevation + 1e-9)).Sees(target));
    }

    [Theory]
    [InlineData(0.0, 10.0)]
    [InlineData(45.0, 15.0)]
    [InlineData(90.0, 20.0)]
    [InlineData(180.0, 15.0)]
    [InlineData(270.0, 10.0)]
    [InlineData(315.0, 10.0)]
    [InlineData(-90.0, 10.0)]
    public void A_mask_by_azimuth_has_straight_lines_between_its_points(double azimuth, double elevation) =>
        Assert.Equal(elevation, ElevationMask.FromPoints((0, 10), (90, 20), (270, 10)).ElevationDegreesAt(azimuth), 9);

    [Fact]
    public void Masks_are_held_to_their_range()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => ElevationMask.Constant(double.NaN));
        Assert.Throws<ArgumentOutOfRangeException>(() => ElevationMask.Constant(90.1));
        Assert.Throws<ArgumentOutOfRangeException>(() => ElevationMask.FromPoints());
        Assert.Throws<ArgumentOutOfRangeException>(() => ElevationMask.FromPoints((90, 1), (90, 2)));
        Assert.Throws<ArgumentOutOfRangeException>(() => ElevationMask.FromPoints((360, 1)));
        Assert.Equal(7.0, ElevationMask.FromPoints((123, 7)).ElevationDegreesAt(5));
    }
}
