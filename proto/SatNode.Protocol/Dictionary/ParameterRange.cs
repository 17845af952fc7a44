using System.Globalization;

namespace SatNode.Protocol.Dictionary;

/// <summary>A range of a parameter's values, in its unit on the wire; both ends are within, null is no limit on that side.</summary>
/// <param name="Low">The lowest value within.</param>
/// <param name="High">The highest value within.</param>
public readonly record struct ParameterRange(double? Low, double? High)
{
    private const string Separator = "..";
    private const string NoneText = "none";

    /// <summary>True when nothing is limited.</summary>
    public bool IsUnlimited => Low is null && High is null;

    /// <summary>True when the value lies within; an unknown value (NaN) does only when nothing is limited.</summary>
    public bool Contains(double value) => (Low is not { } low || value >= low) && (High is not { } high || value <= high);

    /// <summary>Reads <c>253.15..348.15</c>, <c>253.15..</c>, <c>..348.15</c> or <c>none</c>.</summary>
    /// <returns>False when it is none of these, or a number is not finite.</returns>
    public static bool TryParse(string text, out ParameterRange range)
    {
        ArgumentNullException.ThrowIfNull(text);
        range = default;
        if (text == NoneText)
            return true;
        int separator = text.IndexOf(Separator, StringComparison.Ordinal);
        if (separator < 0 || text.Length == Separator.Length || !TryParseEnd(text.AsSpan(0, separator), out double? low)
            || !TryParseEnd(text.AsSpan(separator + Separator.Length), out double? high))
        {
            return false;
        }
        range = new(low, high);
        return true;
    }

    /// <summary>The form that <see cref="TryParse"/> reads.</summary>
    public override string ToString() => IsUnlimited ? NoneText : string.Create(CultureInfo.InvariantCulture, $"{Low:R}{Separator}{High:R}");

    private static bool TryParseEnd(ReadOnlySpan<char> text, out double? end)
    {
        end = null;
        if (text.IsEmpty)
            return true;
        if (!double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out double value) || !double.IsFinite(value))
            return false;
        end = value;
        return true;
    }
}
