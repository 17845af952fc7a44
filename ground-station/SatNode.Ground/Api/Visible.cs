using System.Globalization;
using System.Text;

namespace SatNode.Ground.Api;

/// <summary>Texts from a satellite or a function as a terminal may show them.</summary>
internal static class Visible
{
    /// <summary>Shows what would act on a terminal instead of standing in the text: control characters as <c>\xNN</c>, marks that turn the direction of writing as <c>\u{…}</c>.</summary>
    /// <param name="text">The text.</param>
    /// <param name="keepsLines">True to keep line feeds and tabs.</param>
    public static string Of(string text, bool keepsLines = false)
    {
        var shown = new StringBuilder(text.Length);
        foreach (char c in text)
        {
            if (keepsLines && c is '\n' or '\t')
                shown.Append(c);
            else if (char.IsControl(c))
                shown.Append(CultureInfo.InvariantCulture, $"\\x{(int)c:X2}");
            else if (c is '\u061C' or '\u200E' or '\u200F' or (>= '\u202A' and <= '\u202E') or (>= '\u2066' and <= '\u2069'))
                shown.Append(CultureInfo.InvariantCulture, $"\\u{{{(int)c:X4}}}");
            else
                shown.Append(c);
        }
        return shown.ToString();
    }
}
