namespace SatNode.Orbit.Elements;

/// <summary>The five characters of a catalogue number: digits, or a letter for the first two digits from 100,000 on (alpha-5).</summary>
/// <remarks>Source: Space-Track, "Alpha-5": A to Z without I and O stand for 10 to 33.</remarks>
internal static class CatalogNumber
{
    internal const int Max = 339_999;

    private const string Letters = "ABCDEFGHJKLMNPQRSTUVWXYZ";
    private const int FirstLetterValue = 10;
    private const int TailCount = 10_000;

    /// <summary>Reads a number of up to five characters; blanks before the digits are zeros.</summary>
    internal static bool TryParse(ReadOnlySpan<char> text, out int number)
    {
        text = text.Trim(' ');
        number = 0;
        if (text.IsEmpty || text.Length > 5)
            return false;
        int first = Letters.IndexOf(text[0], StringComparison.Ordinal);
        if (first >= 0 && text.Length != 5)
            return false;
        if (first < 0 && !char.IsAsciiDigit(text[0]))
            return false;
        int value = first >= 0 ? first + FirstLetterValue : text[0] - '0';
        foreach (char digit in text[1..])
        {
            if (!char.IsAsciiDigit(digit))
                return false;
            value = (value * 10) + (digit - '0');
        }

        number = value;
        return true;
    }

    /// <summary>The five characters of a number from 0 to <see cref="Max"/>.</summary>
    internal static string Format(int number) => number < FirstLetterValue * TailCount
        ? $"{number:D5}"
        : $"{Letters[(number / TailCount) - FirstLetterValue]}{number % TailCount:D4}";
}
