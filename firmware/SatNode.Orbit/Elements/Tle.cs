using SatNode.Orbit.Geometry;

namespace SatNode.Orbit.Elements;

/// <summary>One element set: the mean elements SGP4 flies, in the units of the two-line format, whether read from two lines or from an OMM.</summary>
/// <remarks>Every property refuses a value out of its range with <see cref="ArgumentOutOfRangeException"/>, so a set made by hand is as good as one
/// read. Source: Spacetrack Report 3, section 2; CelesTrak, "NORAD Two-Line Element Set Format".</remarks>
public sealed record Tle
{
    /// <summary>The longest name kept, in characters; the format's own field has 24.</summary>
    public const int NameLengthMax = 64;

    /// <summary>The satellite's name, without the "0 " some catalogues put before it; empty when there is none.</summary>
    public string Name
    {
        get;
        init => field = value is { Length: <= NameLengthMax } && !value.AsSpan().ContainsAny('\r', '\n')
            ? value.Trim()
            : throw new ArgumentOutOfRangeException(nameof(value), value, $"expected one line of 0 to {NameLengthMax} characters");
    }

    = "";

    /// <summary>The largest catalogue number, of nine digits, as OMM has them; two-line elements end at 339,999.</summary>
    public const int CatalogNumberMax = 999_999_999;

    /// <summary>The largest catalogue number that two lines can tell.</summary>
    public const int TwoLineCatalogNumberMax = Elements.CatalogNumber.Max;

    /// <summary>The largest number of a revolution; two-line elements keep its last five digits.</summary>
    public const int RevolutionNumberMax = 9_999_999;

    /// <summary>The first year of an epoch: two digits stand for it, and Sputnik flew in 57.</summary>
    public const int EpochYearMin = 1957;

    /// <summary>The last year of an epoch.</summary>
    public const int EpochYearMax = 2056;

    /// <summary>Catalogue number, 0 to <see cref="CatalogNumberMax"/>; in two lines from 100,000 on as alpha-5, and none above 339,999.</summary>
    public required int CatalogNumber { get; init => field = Bounds.Check(value, 0, CatalogNumberMax); }

    /// <summary>Classification: U unclassified, C classified or supplemental, S secret; any printable character.</summary>
    public char Classification
    {
        get;
        init => field = value is > ' ' and <= '~' ? value : throw new ArgumentOutOfRangeException(nameof(value), value, "expected a printable character");
    }

    = 'U';

    /// <summary>International designator (year, launch, piece), 0 to 8 printable characters, e.g. <c>19074B</c>.</summary>
    public string InternationalDesignator
    {
        get;
        init => field = value is { Length: <= 8 } && !value.AsSpan().ContainsAnyExceptInRange(' ', '~')
            ? value.Trim()
            : throw new ArgumentOutOfRangeException(nameof(value), value, "expected 0 to 8 printable characters");
    }

    = "";

    /// <summary>The instant of the elements, UTC, 1957 to 2056; the format has steps of 0.864 ms.</summary>
    public required DateTimeOffset Epoch
    {
        get;
        init => field = value.UtcDateTime.Year is >= EpochYearMin and <= EpochYearMax
            ? value.ToUniversalTime()
            : throw new ArgumentOutOfRangeException(nameof(value), value, $"expected a year of {EpochYearMin} to {EpochYearMax}");
    }

    /// <summary>Half the first derivative of the mean motion, revolutions/day², −1 to 1 (neither included). SGP4 does not use it.</summary>
    public double MeanMotionDot { get; init => field = Bounds.Check(value, -MeanMotionDotMax, MeanMotionDotMax); }

    /// <summary>A sixth of the second derivative of the mean motion, revolutions/day³, −0.99999e9 to 0.99999e9. SGP4 does not use it.</summary>
    public double MeanMotionDotDot { get; init => field = Bounds.Check(value, -ExponentialMax, ExponentialMax); }

    /// <summary>Drag term B*, in 1/Earth radii, −0.99999e9 to 0.99999e9.</summary>
    public double BStar { get; init => field = Bounds.Check(value, -ExponentialMax, ExponentialMax); }

    /// <summary>Ephemeris type, 0 to 9; 0 in everything published.</summary>
    public int EphemerisType { get; init => field = Bounds.Check(value, 0, 9); }

    /// <summary>Number of the element set, 0 to 9999.</summary>
    public int ElementSetNumber { get; init => field = Bounds.Check(value, 0, 9999); }

    /// <summary>Inclination in degrees, 0 to 180.</summary>
    public required double InclinationDegrees { get; init => field = Bounds.Check(value, 0.0, 180.0); }

    /// <summary>Right ascension of the ascending node in degrees, 0 to 360.</summary>
    public required double RaanDegrees { get; init => field = Bounds.Check(value, 0.0, 360.0); }

    /// <summary>Eccentricity, 0 to 0.9999999.</summary>
    public required double Eccentricity { get; init => field = Bounds.Check(value, 0.0, EccentricityMax); }

    /// <summary>Argument of perigee in degrees, 0 to 360.</summary>
    public required double ArgumentOfPerigeeDegrees { get; init => field = Bounds.Check(value, 0.0, 360.0); }

    /// <summary>Mean anomaly in degrees, 0 to 360.</summary>
    public required double MeanAnomalyDegrees { get; init => field = Bounds.Check(value, 0.0, 360.0); }

    /// <summary>Mean motion (Kozai's) in revolutions a day, 0.00000001 to 99.99999999.</summary>
    public required double MeanMotionRevolutionsPerDay { get; init => field = Bounds.Check(value, MeanMotionMin, MeanMotionMax); }

    /// <summary>Number of the revolution at epoch, 0 to <see cref="RevolutionNumberMax"/>.</summary>
    public int RevolutionNumber { get; init => field = Bounds.Check(value, 0, RevolutionNumberMax); }

    internal const double MeanMotionDotMax = 0.999999995;
    internal const double ExponentialMax = 0.99999e9;
    internal const double EccentricityMax = 0.9999999;
    internal const double MeanMotionMin = 1e-8;
    internal const double MeanMotionMax = 99.99999999;

    /// <summary>The set as its two lines of 69 characters, with checksums; values are rounded to the digits of the format.</summary>
    /// <exception cref="InvalidOperationException">The catalogue number is above 339,999, for which the format has no digits.</exception>
    public (string Line1, string Line2) ToLines() => TleFormatter.Format(this);

    /// <summary>The set as text: the name's line when there is a name, then the two lines, each ended by a line feed.</summary>
    public string ToText()
    {
        (string line1, string line2) = ToLines();
        return Name.Length == 0 ? $"{line1}\n{line2}\n" : $"{Name}\n{line1}\n{line2}\n";
    }
}
