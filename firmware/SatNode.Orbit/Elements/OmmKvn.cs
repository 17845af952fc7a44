namespace SatNode.Orbit.Elements;

/// <summary>Messages as lines of <c>KEYWORD = value [unit]</c>; each begins with its version. Source: CCSDS 502.0-B-3, section 7.</summary>
internal static class OmmKvn
{
    internal const string Version = "CCSDS_OMM_VERS";

    internal static void Read(ReadOnlySpan<char> text, OmmCollector into)
    {
        int number = 0;
        bool isOpen = false;
        foreach (ReadOnlySpan<char> raw in text.EnumerateLines())
        {
            number++;
            ReadOnlySpan<char> line = raw.Trim();
            if (line.IsEmpty || line.StartsWith("COMMENT", StringComparison.Ordinal))
                continue;
            int equals = line.IndexOf('=');
            int column = raw.IndexOf(line, StringComparison.Ordinal) + 1;
            if (equals < 0)
            {
                into.Add(new(number, column, "KEYWORD = value", line.Length <= 24 ? $"'{line}'" : $"'{line[..24]}…'"));
                return;
            }

            ReadOnlySpan<char> keyword = line[..equals].TrimEnd();
            if (keyword.SequenceEqual(Version))
            {
                if (isOpen && !into.End(number, column))
                    return;
                into.Record.Begin(number, column);
                isOpen = true;
            }
            else if (!isOpen)
            {
                into.Add(new(number, column, $"{Version} as the first keyword", $"'{keyword}'"));
                return;
            }
            else if (OmmKeywords.TryFind(keyword, out OmmKeyword known))
            {
                ReadOnlySpan<char> value = line[(equals + 1)..].Trim(), unit = default;
                int bracket = value.LastIndexOf('[');
                if (known >= OmmKeyword.MeanMotion && bracket >= 0 && value[^1] == ']')
                {
                    unit = value[(bracket + 1)..^1].Trim();
                    value = value[..bracket];
                }

                into.Record.Set(known, value.ToString(), number, column, unit);
            }
        }

        if (isOpen)
            _ = into.End(number, 1);
    }
}
