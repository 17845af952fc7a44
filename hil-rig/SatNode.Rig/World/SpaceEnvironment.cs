using SatNode.Orbit.Geometry;
using SatNode.Orbit.Sunlight;

namespace SatNode.Rig.World;

/// <summary>What space around the Earth sends to a satellite at an instant.</summary>
/// <param name="SunFraction">Share of the Sun's disc in view, 0 to 1.</param>
/// <param name="SunWattsPerSquareMetre">Sunlight on a surface that faces the Sun.</param>
/// <param name="AlbedoWattsPerSquareMetre">Sunlight from the Earth, mean over all sides of the satellite.</param>
/// <param name="EarthWattsPerSquareMetre">Infrared from the Earth, mean over all sides of the satellite.</param>
/// <param name="ReflectedWattsPerSquareMetre">Sunlight that leaves the Earth below: what a plate gets that sees nothing else.</param>
/// <param name="Distance">From the Earth's centre, in Earth's radii.</param>
public readonly record struct SpaceEnvironment(
    double SunFraction, double SunWattsPerSquareMetre, double AlbedoWattsPerSquareMetre, double EarthWattsPerSquareMetre, double ReflectedWattsPerSquareMetre, double Distance)
{
    /// <summary>Sunlight at one astronomical unit, W/m². Source: Kopp and Lean (2011).</summary>
    public const double SolarConstant = 1361;

    /// <summary>Share of sunlight that the Earth sends back, mean. Source: NASA TP-2001-211221 (EARTH-GRAM), Gilmore, Spacecraft Thermal Control Handbook, chapter 2.</summary>
    public const double Albedo = 0.3;

    /// <summary>Infrared of the Earth at its surface, W/m², mean. Source: Gilmore, chapter 2.</summary>
    public const double EarthInfrared = 237;

    /// <summary>The environment at a position.</summary>
    /// <param name="positionKm">The satellite, from the Earth's centre.</param>
    /// <param name="sunKm">The Sun, in the same axes.</param>
    public static SpaceEnvironment At(Vector3d positionKm, Vector3d sunKm)
    {
        double sunFraction = Eclipse.SunFraction(positionKm, sunKm);
        double distance = sunKm.Length / Sun.AstronomicalUnitKm;
        double sunlight = SolarConstant / (distance * distance);
        // A small sphere sees the Earth under this share of its surroundings; the lit part of what it sees goes with the cosine to the subsolar point.
        double ratio = Math.Min(1, Wgs84.EquatorialRadiusKm / positionKm.Length);
        double view = (1 - Math.Sqrt(1 - (ratio * ratio))) / 2;
        double cosine = Math.Max(0, positionKm.Normalized().Dot(sunKm.Normalized()));
        return new(sunFraction, sunlight * sunFraction, sunlight * Albedo * view * cosine, EarthInfrared * view, sunlight * Albedo * cosine, 1 / ratio);
    }
}
