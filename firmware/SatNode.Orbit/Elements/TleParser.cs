using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace SatNode.Orbit.Elements;

/// <summary>Reads two-line element sets as catalogues publish them.</summary>
/// <remarks>Strict where it matters: line numbers, lengths, checksums, ranges, equal catalogue numbers on both lines. Lenient where catalogues differ
/// and nothing is lost: name lines with or without "0 ", CR LF, blanks at line ends, empty lines and lines that begin with '#', blanks for zeros in
/// numbers, plus signs, a missing set or revolution number, any class. Source: CelesTrak, "NORAD Two-Line Element Set Format".</remarks>
public static class TleParser
{
    /// <summary>The most element sets in one text; three times all catalogued objects of 2024.</summary>
    public const int ElementSetsMax = 200_000;

    /// <summary>Reads one element set of two lines.</summary>
    /// <exception cref="TleFormatException">The lines are not an element set; the line numbers are 1 and 2.</exception>
    public static Tle Parse(ReadOnlySpan<char> line1, ReadOnlySpan<char> line2, string name = "", TleChecksum checksum = TleChecksum.Required) =>
        ParseLines(name, line1, 1, line2, 2, checksum);

    /// <summary>Reads one element set, or says why not.</summary>
    public static bool TryParse(
        ReadOnlySpan<char> line1, ReadOnlySpan<char> line2, [NotNullWhen(true)] out Tle? tle, [NotNullWhen(false)] out TleFormatException? fault,
        TleChecksum checksum = TleChecksum.Required)
    {
        try
        {
            tle = Parse(line1, line2, "", checksum);
            fault = null;
            return true;
        }
        catch (TleFormatException exception)
        {
            tle = null;
            fault = exception;
            return false;
        }
    }

    /// <summary>Reads a whole catalogue; the first fault ends it.</summary>
    /// <exception cref="TleFormatException">A line is not what it should be; the line number is that of the text.</exception>
    public static IReadOnlyList<Tle> ParseAll(ReadOnlySpan<char> text, TleChecksum checksum = TleChecksum.Required)
    {
        var result = new List<Tle>();
        Read(text, checksum, result, faults: null);
        return result;
    }

    /// <summary>Reads what can be read of a catalogue and lists the faults of the rest.</summary>
    public static TleCatalog ReadCatalog(ReadOnlySpan<char> text, TleChecksum checksum = TleChecksum.Required)
    {
        var elements = new List<Tle>();
        var faults = new List<TleFormatException>();
        Read(text, checksum, elements, faults);
        return new(elements, faults);
    }

    private static void Read(ReadOnlySpan<char> text, TleChecksum checksum, List<Tle> elements, List<TleFormatException>? faults)
    {
        string name = "";
        ReadOnlySpan<char> line1 = default;
        int line1Number = 0, nameNumber = 0, number = 0, last = 0;
        foreach (ReadOnlySpan<char> raw in text.EnumerateLines())
        {
            number++;
            ReadOnlySpan<char> line = raw.TrimEnd();
            if (line.IsEmpty || line[0] == '#')
                continue;
            last = number;
            try
            {
                if (line1Number != 0)
                {
                    int first = line1Number;
                    line1Number = 0;
                    if (elements.Count == ElementSetsMax)
                        throw new TleFormatException(first, 1, $"at most {ElementSetsMax} element sets", "one more");
                    elements.Add(ParseLines(name, line1, first, line, number, checksum));
                    name = "";
                    nameNumber = 0;
                }
                else if (line.StartsWith("1 ", StringComparison.Ordinal) && line.Length > Tle.NameLengthMax)
                {
                    line1 = line;
                    line1Number = number;
                }
                else if (nameNumber != 0)
                {
                    nameNumber = 0;
                    throw new TleFormatException(number, 1, "line 1 of an element set after its name", Quote(line));
                }
                else
                {
                    name = NameOf(line, number);
                    nameNumber = number;
                }
            }
            catch (TleFormatException fault) when (faults is not null)
            {
                name = "";
                nameNumber = 0;
                faults.Add(fault);
                if (elements.Count == ElementSetsMax)
                    return;
            }
        }

        if (line1Number == 0 && nameNumber == 0)
            return;
        var cut = new TleFormatException(last + 1, 1, line1Number != 0 ? "line 2 of an element set" : "line 1 of an element set", "the end of the text");
        if (faults is null)
            throw cut;
        faults.Add(cut);
    }

    private static string NameOf(ReadOnlySpan<char> line, int number)
    {
        ReadOnlySpan<char> name = line.StartsWith("0 ", StringComparison.Ordinal) ? line[2..].Trim() : line.Trim();
        return name.Length <= Tle.NameLengthMax
            ? name.ToString()
            : throw new TleFormatException(number, Tle.NameLengthMax + 1, $"a name of at most {Tle.NameLengthMax} characters, or line 1", Quote(line));
    }

    private static string Quote(ReadOnlySpan<char> line) => line.Length <= 24 ? $"'{line}'" : $"'{line[..24]}…'";

    private static Tle ParseLines(
        string name, ReadOnlySpan<char> text1, int number1, ReadOnlySpan<char> text2, int number2, TleChecksum checksum)
    {
        var line1 = new TleLine(text1, number1, '1', checksum);
        var line2 = new TleLine(text2, number2, '2', checksum);
        line1.Blank(2);
        line2.Blank(2);
        int catalogNumber = line1.CatalogNumber(3, 7);
        if (line2.CatalogNumber(3, 7) != catalogNumber)
            throw line2.Fault(3, 7, $"the catalogue number {catalogNumber} of line 1");
        foreach (int column in (ReadOnlySpan<int>)[9, 18, 33, 44, 53, 62, 64])
            line1.Blank(column);
        foreach (int column in (ReadOnlySpan<int>)[8, 17, 26, 34, 43, 52])
            line2.Blank(column);

        return new Tle
        {
            Name = name,
            CatalogNumber = catalogNumber,
            Classification = line1[8] == ' ' ? 'U' : line1[8],
            InternationalDesignator = line1.Columns(10, 17).Trim(' ').ToString(),
            Epoch = EpochOf(line1),
            MeanMotionDot = line1.Decimal(34, 43, -0.99999999, 0.99999999, "the derivative of the mean motion", NumberStyles.AllowLeadingSign),
            MeanMotionDotDot = line1.Exponential(45, 52, "the second derivative of the mean motion as ±ddddd±d"),
            BStar = line1.Exponential(54, 61, "the drag term as ±ddddd±d"),
            EphemerisType = line1.Integer(63, 63, "the ephemeris type 0 to 9"),
            ElementSetNumber = line1.Integer(65, 68, "the number of the element set"),
            InclinationDegrees = line2.Decimal(9, 16, 0.0, 180.0, "the inclination"),
            RaanDegrees = line2.Decimal(18, 25, 0.0, 360.0, "the right ascension of the node"),
            Eccentricity = line2.Fraction(27, 33, "the eccentricity as seven digits"),
            ArgumentOfPerigeeDegrees = line2.Decimal(35, 42, 0.0, 360.0, "the argument of perigee"),
            MeanAnomalyDegrees = line2.Decimal(44, 51, 0.0, 360.0, "the mean anomaly"),
            MeanMotionRevolutionsPerDay = line2.Decimal(53, 63, Tle.MeanMotionMin, Tle.MeanMotionMax, "the mean motion"),
            RevolutionNumber = line2.Integer(64, 68, "the number of the revolution"),
        };
    }

    /// <summary>Columns 19 to 32: two digits of the year, three of the day, up to eight of the day's fraction; exact in ticks.</summary>
    private static DateTimeOffset EpochOf(in TleLine line)
    {
        int twoDigits = line.Integer(19, 20, "the year of the epoch as two digits");
        int year = twoDigits + (twoDigits < 57 ? 2000 : 1900);
        int days = DateTime.IsLeapYear(year) ? 366 : 365;
        int day = line.Integer(21, 23, $"the day of the epoch 1 to {days}");
        if (day < 1 || day > days)
            throw line.Fault(21, 23, $"the day of the epoch 1 to {days}");
        if (line[24] != '.')
            throw line.Fault(24, 24, "the point of the epoch's day");
        long steps = (long)Math.Round(line.Fraction(25, 32, "the fraction of the epoch's day") * 1e8);
        return new DateTimeOffset(year, 1, 1, 0, 0, 0, TimeSpan.Zero).AddDays(day - 1).AddTicks(steps * TleFormatter.TicksPerEpochStep);
    }
}
