namespace SatNode.Orbit.Geometry;

/// <summary>Julian dates of UTC instants. UT1 is taken as UTC: they differ by less than 0.9 s, 0.004° of Earth rotation.</summary>
internal static class JulianDate
{
    internal const double J2000 = 2451545.0;
    internal const double January0Of1950Days = 2433281.5;
    internal const double DaysPerCentury = 36525.0;

    private static readonly DateTimeOffset Noon2000 = new(2000, 1, 1, 12, 0, 0, TimeSpan.Zero);
    private static readonly DateTimeOffset January0Of1950 = new(1949, 12, 31, 0, 0, 0, TimeSpan.Zero);

    /// <summary>Days since 2000-01-01 12:00, exact to 0.1 µs over a century.</summary>
    internal static double DaysSinceJ2000(DateTimeOffset utc) => (utc - Noon2000).TotalDays;

    /// <summary>Days since 1949-12-31 00:00 (January 0, 1950), the day count of Spacetrack Report 3.</summary>
    internal static double DaysSince1950(DateTimeOffset utc) => (utc - January0Of1950).TotalDays;
}
