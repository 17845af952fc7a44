using SatNode.Orbit.Geometry;
using SatNode.Orbit.Propagation;

namespace SatNode.Rig.World;

/// <summary>What body and panel take up from the Sun and the Earth, and what the array can give.</summary>
/// <param name="BodyWatts">Into the body.</param>
/// <param name="ShadedWattsMax">Of it, what the panel can take away from the body: for what it takes as electricity, it shades it.</param>
/// <param name="PanelWatts">Into the panel, electricity and heat together.</param>
/// <param name="ArrayWatts">What the array can give at the panel's temperature.</param>
internal readonly record struct AbsorbedLight(double BodyWatts, double ShadedWattsMax, double PanelWatts, double ArrayWatts)
{
    private const double CellReferenceKelvin = 298.15;

    /// <summary>By geometry: six faces of a box and a flat panel, none of which shades another.</summary>
    internal static AbsorbedLight Of(SatelliteOptions options, in SpaceEnvironment space, in TemeState state, Vector3d sunKm, double secondsSinceStart, double panelKelvin)
    {
        BodyAxes axes = BodyAxes.Of(options.Attitude, state, sunKm, secondsSinceStart);
        Vector3d toSun = (sunKm - state.PositionKm).Normalized();
        Vector3d toEarth = -state.PositionKm.Normalized();
        double scale = options.SurfaceSquareMetres
            / (2 * ((options.BodyXMetres * options.BodyYMetres) + (options.BodyYMetres * options.BodyZMetres) + (options.BodyZMetres * options.BodyXMetres)));
        double body = scale * ((BothSides(axes.X, space, toSun, toEarth, options.Absorptivity, options.Emissivity) * options.BodyYMetres * options.BodyZMetres)
            + (BothSides(axes.Y, space, toSun, toEarth, options.Absorptivity, options.Emissivity) * options.BodyZMetres * options.BodyXMetres)
            + (BothSides(axes.Z, space, toSun, toEarth, options.Absorptivity, options.Emissivity) * options.BodyXMetres * options.BodyYMetres));
        double panel = options.PanelSquareMetresOrDefault * BothSides(axes.Z, space, toSun, toEarth, options.PanelAbsorptivity, options.PanelEmissivity);
        double sunOnCells = space.SunWattsPerSquareMetre * Math.Max(0, -axes.Z.Dot(toSun));
        double efficiency = Math.Max(0, 1 + (options.PanelPowerPerKelvin * (panelKelvin - CellReferenceKelvin))) * Math.Pow(1 - options.PanelLossPerYear, options.PanelYears);
        double array = options.SolarPeakWatts * sunOnCells / SpaceEnvironment.SolarConstant * efficiency;
        return new(body, 0, Math.Max(panel, array), array);
    }

    /// <summary>Without geometry: told shares of peak and surface. The panel shades the body by what it gives as electricity, and is as warm as its share of the Sun makes it.</summary>
    /// <param name="options">The satellite.</param>
    /// <param name="space">Where it is.</param>
    /// <param name="attitudeFactor">Share of the peak.</param>
    internal static AbsorbedLight OfConstant(SatelliteOptions options, in SpaceEnvironment space, double attitudeFactor)
    {
        double surface = options.SurfaceSquareMetres;
        double light = options.Absorptivity * surface * ((space.SunWattsPerSquareMetre * options.SunlitShare) + space.AlbedoWattsPerSquareMetre);
        double array = options.SolarPeakWatts * attitudeFactor * space.SunFraction;
        double panel = options.PanelSquareMetresOrDefault * ((options.PanelAbsorptivity * ((space.SunWattsPerSquareMetre * attitudeFactor) + (2 * space.AlbedoWattsPerSquareMetre)))
            + (2 * options.PanelEmissivity * space.EarthWattsPerSquareMetre));
        return new(light + (options.Emissivity * surface * space.EarthWattsPerSquareMetre), light, Math.Max(panel, array), array);
    }

    /// <summary>A square metre of plate, seen from both sides, W.</summary>
    private static double BothSides(Vector3d normal, in SpaceEnvironment space, Vector3d toSun, Vector3d toEarth, double absorptivity, double emissivity)
    {
        double earth = normal.Dot(toEarth);
        double view = EarthView.OfPlate(earth, space.Distance) + EarthView.OfPlate(-earth, space.Distance);
        return (absorptivity * ((space.SunWattsPerSquareMetre * Math.Abs(normal.Dot(toSun))) + (space.ReflectedWattsPerSquareMetre * view)))
            + (emissivity * SpaceEnvironment.EarthInfrared * view);
    }
}
