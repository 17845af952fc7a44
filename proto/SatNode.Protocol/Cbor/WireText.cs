namespace SatNode.Protocol.Cbor;

/// <summary>Makes any text fit for the wire.</summary>
public static class WireText
{
    private const char Replacement = '\uFFFD';

    /// <summary>The text, at most <paramref name="maxLength"/> UTF-16 characters long and without half of a surrogate pair, which no UTF-8 can carry:
    /// a pair that does not fit is left out, a lone half becomes U+FFFD.</summary>
    public static string Cut(string text, int maxLength)
    {
        ArgumentNullException.ThrowIfNull(text);
        ArgumentOutOfRangeException.ThrowIfNegative(maxLength);
        if (text.Length > maxLength)
        {
            bool splitsPair = maxLength > 0 && char.IsHighSurrogate(text[maxLength - 1]) && char.IsLowSurrogate(text[maxLength]);
            text = text[..(splitsPair ? maxLength - 1 : maxLength)];
        }
        return HasLoneSurrogate(text) ? Repair(text) : text;
    }

    private static bool HasLoneSurrogate(string text)
    {
        for (int i = 0; i < text.Length; i++)
        {
            if (!char.IsSurrogate(text[i]))
                continue;
            if (i + 1 >= text.Length || !char.IsSurrogatePair(text[i], text[i + 1]))
                return true;
            i++;
        }
        return false;
    }

    private static string Repair(string text) => string.Create(text.Length, text, static (destination, source) =>
    {
        for (int i = 0; i < source.Length; i++)
        {
            bool isPair = i + 1 < source.Length && char.IsSurrogatePair(source[i], source[i + 1]);
            destination[i] = char.IsSurrogate(source[i]) && !isPair ? Replacement : source[i];
            if (isPair)
            {
                i++;
                destination[i] = source[i];
            }
        }
    });
}
