using System.Globalization;
using SatNode.Orbit.Geometry;

namespace SatNode.Orbit.Elements;

/// <summary>One message while it is read: the values of its keywords as text, with their places, and the element set they make.</summary>
/// <remarks>Source: CCSDS 502.0-B-3, section 4; CelesTrak, "A New Way to Obtain GP Data".</remarks>
internal sealed class OmmRecord
{
    private const int ShownMax = 32;
    private const double TicksPerSecond = TimeSpan.TicksPerSecond;

    private readonly string?[] _values = new string?[OmmKeywords.Count];
    private readonly (int Line, int Column)[] _places = new (int, int)[OmmKeywords.Count];
    private (int Line, int Column) _start;
    private OmmFormatException? _fault;

    /// <summary>Begins a message at a place of the text.</summary>
    internal void Begin(int line, int column)
    {
        Array.Clear(_values);
        _start = (line, column);
        _fault = null;
    }

    /// <summary>Takes the value of a keyword; one that is empty counts as absent. The first fault is kept until <see cref="Build"/>.</summary>
    internal void Set(OmmKeyword keyword, string value, int line, int column, ReadOnlySpan<char> unit = default)
    {
        value = value.Trim();
        if (value.Length == 0)
            return;
        if (_values[(int)keyword] is not null)
            _fault ??= new(line, column, $"{OmmKeywords.NameOf(keyword)} once in a message", "it twice");
        if (!unit.IsEmpty && !unit.Equals(OmmKeywords.UnitOf(keyword), StringComparison.OrdinalIgnoreCase))
            _fault ??= new(line, column, $"{OmmKeywords.NameOf(keyword)} in {(OmmKeywords.UnitOf(keyword) is { Length: > 0 } known ? known : "no unit")}", Quote(unit));
        _values[(int)keyword] = value;
        _places[(int)keyword] = (line, column);
    }

    /// <summary>The element set.</summary>
    /// <exception cref="OmmFormatException">A value is missing or not what it should be.</exception>
    internal Tle Build()
    {
        if (_fault is { } fault)
            throw fault;
        Only(OmmKeyword.CenterName, "EARTH");
        Only(OmmKeyword.RefFrame, "TEME");
        Only(OmmKeyword.TimeSystem, "UTC");
        Only(OmmKeyword.MeanElementTheory, "SGP4", "SGP/SGP4", "SGP4/SDP4");
        string name = _values[(int)OmmKeyword.ObjectName] ?? "";
        if (name.Length > Tle.NameLengthMax || name.AsSpan().ContainsAny('\r', '\n'))
            throw Fault(OmmKeyword.ObjectName, $"one line of at most {Tle.NameLengthMax} characters");
        return new Tle
        {
            Name = name,
            CatalogNumber = Integer(OmmKeyword.NoradCatId, Tle.CatalogNumberMax),
            Classification = ClassificationOf(),
            InternationalDesignator = DesignatorOf(),
            Epoch = EpochOf(),
            MeanMotionRevolutionsPerDay = Number(OmmKeyword.MeanMotion, Tle.MeanMotionMin, Tle.MeanMotionMax),
            Eccentricity = Number(OmmKeyword.Eccentricity, 0.0, Tle.EccentricityMax),
            InclinationDegrees = Number(OmmKeyword.Inclination, 0.0, 180.0),
            RaanDegrees = AngleOf(OmmKeyword.RaOfAscNode),
            ArgumentOfPerigeeDegrees = AngleOf(OmmKeyword.ArgOfPericenter),
            MeanAnomalyDegrees = AngleOf(OmmKeyword.MeanAnomaly),
            BStar = Number(OmmKeyword.BStar, -Tle.ExponentialMax, Tle.ExponentialMax),
            MeanMotionDot = Number(OmmKeyword.MeanMotionDot, -Tle.MeanMotionDotMax, Tle.MeanMotionDotMax, 0.0),
            MeanMotionDotDot = Number(OmmKeyword.MeanMotionDDot, -Tle.ExponentialMax, Tle.ExponentialMax, 0.0),
            EphemerisType = Integer(OmmKeyword.EphemerisType, 9),
            ElementSetNumber = Integer(OmmKeyword.ElementSetNo, 9_999),
            RevolutionNumber = Integer(OmmKeyword.RevAtEpoch, Tle.RevolutionNumberMax),
        };
    }

    private static string Quote(ReadOnlySpan<char> text) => text.Length <= ShownMax ? $"'{text}'" : $"'{text[..ShownMax]}…'";

    private OmmFormatException Fault(OmmKeyword keyword, string expected) => _values[(int)keyword] is { } value
        ? new(_places[(int)keyword].Line, _places[(int)keyword].Column, $"{OmmKeywords.NameOf(keyword)} to be {expected}", Quote(value))
        : new(_start.Line, _start.Column, $"{OmmKeywords.NameOf(keyword)} in the message", "none");

    private void Only(OmmKeyword keyword, params ReadOnlySpan<string> allowed)
    {
        if (_values[(int)keyword] is not { } value)
            return;
        foreach (string one in allowed)
        {
            if (value.Equals(one, StringComparison.OrdinalIgnoreCase))
                return;
        }

        throw Fault(keyword, allowed[0]);
    }

    private double Number(OmmKeyword keyword, double min, double max, double? absent = null)
    {
        if (_values[(int)keyword] is not { } text)
            return absent ?? throw Fault(keyword, "");
        return double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out double value) && value >= min && value <= max
            ? value
            : throw Fault(keyword, string.Create(CultureInfo.InvariantCulture, $"{min} to {max}"));
    }

    /// <summary>The standard lets angles run from −180 to 360 degrees.</summary>
    private double AngleOf(OmmKeyword keyword)
    {
        double value = Number(keyword, -180.0, 360.0);
        return value < 0.0 ? Angle.WrapDegrees(value) : value;
    }

    private int Integer(OmmKeyword keyword, int max)
    {
        if (_values[(int)keyword] is not { } text)
            return 0;
        // Some tables write whole numbers as 999.0.
        ReadOnlySpan<char> digits = text.EndsWith(".0", StringComparison.Ordinal) ? text.AsSpan(0, text.Length - 2) : text;
        return int.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out int value) && value <= max
            ? value
            : throw Fault(keyword, string.Create(CultureInfo.InvariantCulture, $"a whole number 0 to {max}"));
    }

    private char ClassificationOf() => _values[(int)OmmKeyword.ClassificationType] switch
    {
        null => 'U',
        [var letter and > ' ' and <= '~', ..] value when value.Length == 1 || value.Equals("UNCLASSIFIED", StringComparison.OrdinalIgnoreCase) => char.ToUpperInvariant(letter),
        _ => throw Fault(OmmKeyword.ClassificationType, "one letter"),
    };

    /// <summary>1998-067A becomes 98067A, as the two lines have it; what is not of this form stays as it is.</summary>
    private string DesignatorOf()
    {
        if (_values[(int)OmmKeyword.ObjectId] is not { } text)
            return "";
        bool isFull = text.Length is >= 9 and <= 11 && text[4] == '-' && !text.AsSpan(0, 4).ContainsAnyExceptInRange('0', '9') && !text.AsSpan(5, 3).ContainsAnyExceptInRange('0', '9');
        string shortened = isFull ? $"{text.AsSpan(2, 2)}{text.AsSpan(5)}" : text;
        return shortened.Length <= 8 && !shortened.AsSpan().ContainsAnyExceptInRange(' ', '~')
            ? shortened
            : throw Fault(OmmKeyword.ObjectId, "a designator such as 1998-067A");
    }

    /// <summary>Calendar or day of the year: 2007-03-05T10:34:41.4264 or 2007-064T10:34:41.4264, with or without a Z; rounded to 100 ns.</summary>
    private DateTimeOffset EpochOf()
    {
        ReadOnlySpan<char> text = _values[(int)OmmKeyword.Epoch] ?? throw Fault(OmmKeyword.Epoch, "");
        text = text.EndsWith("Z", StringComparison.Ordinal) ? text[..^1] : text;
        int t = text.IndexOfAny('T', ' ');
        if (t is 8 or 10 && text.Length >= t + 9 && text[4] == '-' && text[t + 3] == ':' && text[t + 6] == ':'
            && Digits(text[..4], out int year) && year is >= Tle.EpochYearMin and <= Tle.EpochYearMax
            && TryDayOf(text[5..t], year, out int day)
            && Digits(text[(t + 1)..(t + 3)], out int hour) && hour < 24
            && Digits(text[(t + 4)..(t + 6)], out int minute) && minute < 60
            && double.TryParse(text[(t + 7)..], NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out double second) && second is >= 0.0 and < 61.0)
        {
            DateTimeOffset epoch = new DateTimeOffset(year, 1, 1, hour, minute, 0, TimeSpan.Zero).AddDays(day - 1).AddTicks((long)Math.Round(second * TicksPerSecond));
            if (epoch.Year <= Tle.EpochYearMax)
                return epoch;
        }

        throw Fault(OmmKeyword.Epoch, $"a UTC instant of {Tle.EpochYearMin} to {Tle.EpochYearMax} such as 2024-10-21T12:34:56.123456");
    }

    /// <summary>MM-DD or DDD as the day of the year.</summary>
    private static bool TryDayOf(ReadOnlySpan<char> text, int year, out int day)
    {
        if (text.Length == 3)
            return Digits(text, out day) && day >= 1 && day <= (DateTime.IsLeapYear(year) ? 366 : 365);
        day = 0;
        if (text.Length != 5 || text[2] != '-' || !Digits(text[..2], out int month) || month is < 1 or > 12
            || !Digits(text[3..], out int dayOfMonth) || dayOfMonth < 1 || dayOfMonth > DateTime.DaysInMonth(year, month))
        {
            return false;
        }

        day = new DateTime(year, month, dayOfMonth).DayOfYear;
        return true;
    }

    private static bool Digits(ReadOnlySpan<char> text, out int value) => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out value);
}
