namespace SatNode.Protocol.Boards;

/// <summary>Version texts as Semantic Versioning 2.0.0 (items 2, 9 and 10) writes them.</summary>
public static class SemanticVersion
{
    /// <summary>True for <c>1.4.0</c>, <c>1.4.0-rc.1</c>, <c>1.4.0-rc.1+build.5</c> and their like.</summary>
    public static bool IsValid(string? text)
    {
        if (text is null)
            return false;
        ReadOnlySpan<char> core = text;
        int plus = core.IndexOf('+');
        if (plus >= 0 && !AreIdentifiers(core[(plus + 1)..], count: null, IsBuild))
            return false;
        core = plus >= 0 ? core[..plus] : core;
        int hyphen = core.IndexOf('-');
        if (hyphen >= 0 && !AreIdentifiers(core[(hyphen + 1)..], count: null, IsPreRelease))
            return false;
        return AreIdentifiers(hyphen >= 0 ? core[..hyphen] : core, count: 3, IsNumber);
    }

    private delegate bool Identifier(ReadOnlySpan<char> text);

    private static bool AreIdentifiers(ReadOnlySpan<char> text, int? count, Identifier isIdentifier)
    {
        int found = 0;
        foreach (Range part in text.Split('.'))
        {
            if (!isIdentifier(text[part]))
                return false;
            found++;
        }
        return count is null || found == count;
    }

    private static bool IsNumber(ReadOnlySpan<char> text) =>
        text.Length >= 1 && !text.ContainsAnyExceptInRange('0', '9') && (text.Length == 1 || text[0] != '0');

    private static bool IsBuild(ReadOnlySpan<char> text)
    {
        foreach (char c in text)
        {
            if (!char.IsAsciiLetterOrDigit(c) && c != '-')
                return false;
        }
        return text.Length >= 1;
    }

    private static bool IsPreRelease(ReadOnlySpan<char> text) => IsBuild(text) && (text.ContainsAnyExceptInRange('0', '9') || IsNumber(text));
}
