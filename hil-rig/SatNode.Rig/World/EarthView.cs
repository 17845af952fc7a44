namespace SatNode.Rig.World;

/// <summary>How much of what a small flat plate sees is the Earth.</summary>
public static class EarthView
{
    /// <summary>View factor from one side of a plate to a sphere. Source: Howell, Menguc, Daun, Siegel, Thermal Radiation Heat Transfer, configuration B-35
    /// (plane element to sphere, the element's plane cutting the sphere or not).</summary>
    /// <param name="cosine">Cosine of the angle between the plate's normal and the direction to the sphere's centre, −1 to 1.</param>
    /// <param name="distance">Distance of the centres over the sphere's radius, 1 or more.</param>
    /// <returns>0 (the sphere is behind the plate) to 1.</returns>
    public static double OfPlate(double cosine, double distance)
    {
        double c = Math.Clamp(cosine, -1, 1);
        double h = Math.Max(1, distance);
        double horizon = Math.Sqrt((h * h) - 1); // cotangent of the sphere's angular radius
        if (c * h >= 1)
            return c / (h * h); // all of the sphere is before the plate
        if (c * h <= -1)
            return 0;
        if (horizon == 0)
            return (1 + c) / 2; // on the ground: as much of it as the plate leans over
        double s = Math.Sqrt(1 - (c * c));
        double inside = Math.Acos(Math.Clamp(-horizon * c / s, -1, 1));
        double cut = Math.Asin(Math.Clamp(horizon / (h * s), -1, 1));
        double root = Math.Sqrt(Math.Max(0, 1 - (h * h * c * c)));
        return Math.Max(0, 0.5 - (cut / Math.PI) + (((c * inside) - (horizon * root)) / (Math.PI * h * h)));
    }
}
