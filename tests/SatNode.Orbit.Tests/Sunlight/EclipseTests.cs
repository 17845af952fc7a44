using CsCheck;
using SatNode.Orbit.Geometry;
using SatNode.Orbit.Sunlight;

namespace SatNode.Orbit.Tests.Sunlight;

public sealed class EclipseTests
{
    private static readonly Vector3d SunKm = new(Sun.AstronomicalUnitKm, 0, 0);

    [Theory]
    [InlineData(7000, 0, 1.0)] // between Earth and Sun
    [InlineData(0, 7000, 1.0)] // over the terminator
    [InlineData(-7000, 0, 0.0)] // behind the Earth
    [InlineData(-7000, 6300, 0.0)] // inside the umbra's edge
    [InlineData(-7000, 6450, 1.0)] // outside the penumbra's edge
    public void Full_light_and_full_shadow(double x, double y, double expected) =>
        Assert.Equal(expected, Eclipse.SunFraction(new(x, y, 0), SunKm));

    [Fact]
    public void Half_the_disc_on_the_line_of_the_limb()
    {
        // Where the Sun's centre touches the Earth's limb nearly half of it shows: the limb is a little convex.
        double distance = 42164.0, angle = Math.Asin(Wgs84.EquatorialRadiusKm / distance);
        var satellite = new Vector3d(-distance * Math.Cos(angle), distance * Math.Sin(angle), 0);
        Assert.InRange(Eclipse.SunFraction(satellite, satellite + SunKm), 0.50, 0.52);
    }

    [Fact]
    public void A_ring_beyond_the_tip_of_the_umbra()
    {
        double earth = Wgs84.EquatorialRadiusKm / 3e6, sun = Sun.RadiusKm / (Sun.AstronomicalUnitKm + 3e6);
        Assert.Equal(1 - (earth * earth / (sun * sun)), Eclipse.SunFraction(new(-3e6, 0, 0), SunKm), 4);
    }

    /// <summary>The same by counting: rays from the satellite to 40,000 points of the Sun's disc, each blocked by the Earth's sphere or not.</summary>
    [Fact]
    public void Agrees_with_rays_counted_one_by_one() =>
        Gen.Select(Gen.Double[6600, 50_000], Gen.Double[-1.2, 1.2]).Sample(
            (radius, across) =>
            {
                double umbraEdge = Math.Asin(Wgs84.EquatorialRadiusKm / radius);
                double angle = umbraEdge + (across * Sun.RadiusKm / Sun.AstronomicalUnitKm);
                var satellite = new Vector3d(-radius * Math.Cos(angle), radius * Math.Sin(angle), 0);
                Assert.InRange(Math.Abs(Eclipse.SunFraction(satellite, SunKm) - CountRays(satellite)), 0.0, 0.004);
            },
            iter: 60);

    [Fact]
    public void Refuses_positions_that_are_none()
    {
        Assert.Throws<ArgumentException>(() => Eclipse.SunFraction(new(double.NaN, 0, 0), SunKm));
        Assert.Throws<ArgumentException>(() => Eclipse.SunFraction(SunKm, SunKm));
    }

    private static double CountRays(Vector3d satellite)
    {
        Vector3d toSun = (SunKm - satellite).Normalized();
        Vector3d right = toSun.Cross(new(0, 0, 1)).Normalized(), up = right.Cross(toSun);
        int seen = 0, all = 0;
        for (int i = 0; i < 200; i++)
        {
            for (int j = 0; j < 200; j++)
            {
                double a = ((i + 0.5) / 100.0) - 1.0, b = ((j + 0.5) / 100.0) - 1.0;
                if ((a * a) + (b * b) > 1.0)
                    continue;
                all++;
                Vector3d ray = (SunKm + (((right * a) + (up * b)) * Sun.RadiusKm) - satellite).Normalized();
                double along = -satellite.Dot(ray);
                bool blocked = along > 0.0 && (satellite + (ray * along)).Length < Wgs84.EquatorialRadiusKm;
                seen += blocked ? 0 : 1;
            }
        }

        return (double)seen / all;
    }
}
