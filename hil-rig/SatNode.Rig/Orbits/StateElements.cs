using System.Globalization;
using SatNode.Orbit.Elements;
using SatNode.Orbit.Geometry;

namespace SatNode.Rig.Orbits;

/// <summary><c>orbit elements</c>: writes the mean elements of a state as two lines, or as OMM in CSV or JSON with all their digits.</summary>
internal static class StateElements
{
    private const string Unknown = "UNKNOWN"; // what the standard has for names that there are not (CCSDS 502.0-B-3, table 4-2)

    // In the order in which CelesTrak writes them.
    private static readonly string[] Columns =
    [
        "OBJECT_NAME", "OBJECT_ID", "EPOCH", "MEAN_MOTION", "ECCENTRICITY", "INCLINATION", "RA_OF_ASC_NODE", "ARG_OF_PERICENTER", "MEAN_ANOMALY", "EPHEMERIS_TYPE",
        "CLASSIFICATION_TYPE", "NORAD_CAT_ID", "ELEMENT_SET_NO", "REV_AT_EPOCH", "BSTAR", "MEAN_MOTION_DOT", "MEAN_MOTION_DDOT",
    ];

    /// <summary>The elements of a state in TEME.</summary>
    /// <exception cref="OrbitException">The state has none.</exception>
    public static Tle Of(Vector3d positionKm, Vector3d velocityKmPerSecond, DateTimeOffset epoch, double bStar)
    {
        if (epoch.Year is < Tle.EpochYearMin or > Tle.EpochYearMax)
            throw new OrbitException(string.Create(CultureInfo.InvariantCulture, $"--epoch: expected a year of {Tle.EpochYearMin} to {Tle.EpochYearMax}, found {epoch.Year}"));
        try
        {
            return ElementFit.FromState(new(positionKm, velocityKmPerSecond), epoch, bStar);
        }
        catch (ElementFitException fault)
        {
            throw new OrbitException(fault.Message);
        }
    }

    /// <summary>Writes a set as <c>tle</c>, <c>csv</c> or <c>json</c>.</summary>
    public static void Write(Tle elements, string format, TextWriter output)
    {
        if (format is "tle")
        {
            output.Write(elements.ToText());
            return;
        }

        var table = new OrbitTable(output, format is "json", Columns);
        table.Write(Cell.Of(elements.Name.Length > 0 ? elements.Name : Unknown), Cell.Of(Unknown), Cell.Of(elements.Epoch.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.ffffff", CultureInfo.InvariantCulture)),
            Exact(elements.MeanMotionRevolutionsPerDay), Exact(elements.Eccentricity), Exact(elements.InclinationDegrees), Exact(elements.RaanDegrees),
            Exact(elements.ArgumentOfPerigeeDegrees), Exact(elements.MeanAnomalyDegrees), Cell.Of(elements.EphemerisType), Cell.Of(elements.Classification.ToString()),
            Cell.Of(elements.CatalogNumber), Cell.Of(elements.ElementSetNumber), Cell.Of(elements.RevolutionNumber), Exact(elements.BStar),
            Exact(elements.MeanMotionDot), Exact(elements.MeanMotionDotDot));
        table.End();
    }

    /// <summary>A number with as many digits as bring back the same number.</summary>
    private static Cell Exact(double value) => new(value.ToString("R", CultureInfo.InvariantCulture), IsBare: true);
}
