using System.Globalization;
using SatNode.Orbit;
using SatNode.Orbit.Contacts;
using SatNode.Orbit.Geometry;

namespace SatNode.Rig.Orbits;

/// <summary>What every <c>orbit</c> command is asked: which satellite, from when, and how the answer is written.</summary>
/// <param name="Catalogue">The file.</param>
/// <param name="Satellite">The satellite.</param>
/// <param name="Start">The first instant, UTC.</param>
/// <param name="IsJson">JSON instead of CSV.</param>
/// <param name="Plot">The picture's file, or null.</param>
internal sealed record OrbitRequest(OrbitCatalogue Catalogue, SatelliteOrbit Satellite, DateTimeOffset Start, bool IsJson, string? Plot)
{
    private const int YearMin = 1957, YearMax = 2200; // a century and a half from any element set is beyond SGP4

    /// <summary>The satellite's name, or its number when it has none.</summary>
    public string Shown => ShownOf(Satellite);

    /// <summary>A satellite's name, or its number when it has none.</summary>
    public static string ShownOf(SatelliteOrbit orbit) => orbit.Name.Length > 0 ? orbit.Name : orbit.Elements.CatalogNumber.ToString(CultureInfo.InvariantCulture);

    /// <summary>An instant in UTC: a date, or date and time in ISO 8601 with or without an offset.</summary>
    public static DateTimeOffset Instant(string text, string option) =>
        DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out DateTimeOffset instant)
            && text.Length >= 10 && char.IsAsciiDigit(text[0]) && text[4] == '-' && instant.Year is >= YearMin and <= YearMax
            ? instant
            : throw new OrbitException($"{option}: expected an instant such as 2024-10-21T00:00:00Z, found '{text}'");

    /// <summary>A site as LATITUDE,LONGITUDE or LATITUDE,LONGITUDE,HEIGHT in degrees and km.</summary>
    public static GroundSite Site(string text, double maskDegrees)
    {
        string[] parts = text.Split(',');
        var values = new double[3];
        if (parts.Length is < 2 or > 3 || !parts.Select((part, i) => double.TryParse(part, NumberStyles.Float, CultureInfo.InvariantCulture, out values[i])).All(read => read)
            || !(Math.Abs(values[0]) <= 90.0 && Math.Abs(values[1]) <= 180.0 && Math.Abs(values[2]) <= 10.0))
        {
            throw new OrbitException($"--site: expected LATITUDE,LONGITUDE[,HEIGHT] in degrees (-90 to 90, -180 to 180) and km (-10 to 10) such as 47.4,8.5,0.4, found '{text}'");
        }

        return new(Geodetic.FromDegrees(values[0], values[1], values[2]), ElevationMask.Constant(Within(maskDegrees, -10.0, 90.0, "--mask")));
    }

    /// <summary>Three numbers as X,Y,Z.</summary>
    public static Vector3d Vector(string text, string option)
    {
        string[] parts = text.Split(',');
        var values = new double[3];
        return parts.Length == values.Length && parts.Select((part, i) => double.TryParse(part, NumberStyles.Float, CultureInfo.InvariantCulture, out values[i])).All(read => read)
            ? new(values[0], values[1], values[2])
            : throw new OrbitException($"{option}: expected X,Y,Z such as 6778.1,0,-12.5, found '{text}'");
    }

    /// <summary>A number within its range.</summary>
    public static double Within(double value, double min, double max, string option) =>
        value >= min && value <= max ? value : throw new OrbitException(string.Create(CultureInfo.InvariantCulture, $"{option}: expected {min} to {max}, found {value}"));
}
