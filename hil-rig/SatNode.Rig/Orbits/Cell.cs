using System.Globalization;

namespace SatNode.Rig.Orbits;

/// <summary>A value of a table: as it stands in CSV, and whether JSON has it without quotes. An empty text is null in JSON.</summary>
/// <param name="Text">The value as text.</param>
/// <param name="IsBare">A number, true or false.</param>
internal readonly record struct Cell(string Text, bool IsBare)
{
    /// <summary>A number with nine decimals; nothing when it is not one.</summary>
    public static Cell Of(double value) => new(double.IsFinite(value) ? value.ToString("F9", CultureInfo.InvariantCulture) : "", IsBare: true);

    /// <summary>A whole number.</summary>
    public static Cell Of(int value) => new(value.ToString(CultureInfo.InvariantCulture), IsBare: true);

    /// <summary>True or false.</summary>
    public static Cell Of(bool value) => new(value ? "true" : "false", IsBare: true);

    /// <summary>A text.</summary>
    public static Cell Of(string value) => new(value, IsBare: false);

    /// <summary>An instant in UTC with up to seven decimals of the second, as few as it has.</summary>
    public static Cell Of(DateTimeOffset? value) => new(value?.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.FFFFFFF'Z'", CultureInfo.InvariantCulture) ?? "", IsBare: false);
}
