using System.Globalization;
using SatNode.Orbit.Geometry;

namespace SatNode.Orbit.Elements;

/// <summary>Writes element sets in the columns of the format.</summary>
internal static class TleFormatter
{
    /// <summary>The last digit of the epoch, 1e-8 day.</summary>
    internal const long TicksPerEpochStep = TimeSpan.TicksPerDay / 100_000_000;

    private const int RevolutionsWritten = 100_000;

    internal static (string Line1, string Line2) Format(Tle tle)
    {
        string number = tle.CatalogNumber <= CatalogNumber.Max
            ? CatalogNumber.Format(tle.CatalogNumber)
            : throw new InvalidOperationException($"expected a catalogue number of 0 to {CatalogNumber.Max} for two-line elements, found {tle.CatalogNumber}");
        string line1 = string.Create(
            CultureInfo.InvariantCulture,
            $"1 {number}{tle.Classification} {tle.InternationalDesignator,-8} {Epoch(tle.Epoch)} {Derivative(tle.MeanMotionDot)} {Exponential(tle.MeanMotionDotDot)} {Exponential(tle.BStar)} {tle.EphemerisType} {tle.ElementSetNumber,4}");
        string line2 = string.Create(
            CultureInfo.InvariantCulture,
            $"2 {number} {tle.InclinationDegrees,8:F4} {Degrees(tle.RaanDegrees)} {Eccentricity(tle.Eccentricity)} {Degrees(tle.ArgumentOfPerigeeDegrees)} {Degrees(tle.MeanAnomalyDegrees)} {tle.MeanMotionRevolutionsPerDay,11:F8}{tle.RevolutionNumber % RevolutionsWritten,5}");
        return (WithChecksum(line1), WithChecksum(line2));
    }

    /// <summary>The sum of the digits, a minus counting 1, modulo 10.</summary>
    internal static int Checksum(ReadOnlySpan<char> line)
    {
        int sum = 0;
        foreach (char c in line)
            sum += char.IsAsciiDigit(c) ? c - '0' : c == '-' ? 1 : 0;
        return sum % 10;
    }

    private static string WithChecksum(string line) => $"{line}{Checksum(line)}";

    private static string Epoch(DateTimeOffset epoch)
    {
        long steps = (epoch.Ticks + (TicksPerEpochStep / 2)) / TicksPerEpochStep;
        var rounded = new DateTimeOffset(steps * TicksPerEpochStep, TimeSpan.Zero);
        if (rounded.Year > Tle.EpochYearMax) // the last half step of 2056 would read as 1957
            rounded = new DateTimeOffset((steps - 1) * TicksPerEpochStep, TimeSpan.Zero);
        return string.Create(
            CultureInfo.InvariantCulture,
            $"{rounded.Year % 100:D2}{rounded.DayOfYear:D3}.{rounded.TimeOfDay.Ticks / TicksPerEpochStep:D8}");
    }

    private static string Derivative(double value)
    {
        long digits = (long)Math.Round(Math.Abs(value) * 1e8);
        return string.Create(CultureInfo.InvariantCulture, $"{(value < 0.0 && digits > 0 ? '-' : ' ')}.{digits:D8}");
    }

    /// <summary>Sign, five digits after a point that is not written, exponent with sign: 0.28098e-4 is " 28098-4".</summary>
    private static string Exponential(double value)
    {
        double magnitude = Math.Abs(value);
        if (!(magnitude >= 1e-10 / 2.0)) // below half the least number with a digit: 0.1e-9
            return " 00000+0";
        int exponent = Math.Max((int)Math.Floor(Math.Log10(magnitude)) + 1, -9);
        long digits = (long)Math.Round(magnitude * Math.Pow(10.0, 5 - exponent));
        if (digits > 99_999)
        {
            exponent++;
            digits = (long)Math.Round(magnitude * Math.Pow(10.0, 5 - exponent));
        }

        return string.Create(
            CultureInfo.InvariantCulture, $"{(value < 0.0 ? '-' : ' ')}{digits:D5}{(exponent < 0 ? '-' : '+')}{Math.Abs(exponent)}");
    }

    private static string Degrees(double value)
    {
        double rounded = Math.Round(Angle.WrapDegrees(value), 4);
        return string.Create(CultureInfo.InvariantCulture, $"{(rounded >= 360.0 ? 0.0 : rounded),8:F4}");
    }

    private static string Eccentricity(double value) => string.Create(CultureInfo.InvariantCulture, $"{(long)Math.Round(value * 1e7):D7}");
}
