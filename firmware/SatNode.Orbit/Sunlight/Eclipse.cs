using SatNode.Orbit.Geometry;

namespace SatNode.Orbit.Sunlight;

/// <summary>The Earth's shadow as two cones, umbra and penumbra, of a sphere of the equatorial radius without atmosphere.</summary>
/// <remarks>Source: Montenbruck, Gill, Satellite Orbits (2000), section 3.4.2. The flattening moves a boundary by up to 21 km, about 3 s in low orbit;
/// refraction dims the last seconds before the umbra.</remarks>
public static class Eclipse
{
    /// <summary>The part of the Sun's disc a satellite sees: 1 in full light, 0 in the umbra.</summary>
    /// <param name="positionKm">The satellite, from the Earth's centre.</param>
    /// <param name="sunPositionKm">The Sun, in the same axes.</param>
    /// <exception cref="ArgumentException">A position is not finite, or the two are the same.</exception>
    public static double SunFraction(Vector3d positionKm, Vector3d sunPositionKm)
    {
        Discs discs = Discs.Seen(positionKm, sunPositionKm);
        double sun = discs.SunRadians, earth = discs.EarthRadians, apart = discs.ApartRadians;
        if (!double.IsFinite(sun + earth + apart) || positionKm == sunPositionKm)
            throw new ArgumentException($"expected finite positions apart from each other, found {positionKm} and {sunPositionKm}", nameof(positionKm));
        if (apart >= sun + earth)
            return 1.0;
        if (apart <= earth - sun)
            return 0.0;
        if (apart <= sun - earth)
            return 1.0 - (earth * earth / (sun * sun)); // beyond the umbra's tip, 1.4 million km away: a ring

        double x = ((apart * apart) + (sun * sun) - (earth * earth)) / (2.0 * apart);
        double y = Math.Sqrt(Math.Max(0.0, (sun * sun) - (x * x)));
        double hidden = (sun * sun * Math.Acos(Math.Clamp(x / sun, -1.0, 1.0)))
            + (earth * earth * Math.Acos(Math.Clamp((apart - x) / earth, -1.0, 1.0))) - (apart * y);
        return Math.Clamp(1.0 - (hidden / (Math.PI * sun * sun)), 0.0, 1.0);
    }
}
