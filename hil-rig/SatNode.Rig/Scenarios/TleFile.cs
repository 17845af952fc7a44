namespace SatNode.Rig.Scenarios;

/// <summary>Reads a file of two-line element sets, with or without name lines.</summary>
internal static class TleFile
{
    private const int LineChars = 69;

    /// <summary>The sets by catalogue number; faults name the TLE file's own lines.</summary>
    public static IReadOnlyDictionary<int, TleOrbit> Read(string path, string shown, List<ScenarioFault> faults)
    {
        Dictionary<int, TleOrbit> sets = [];
        var info = new FileInfo(path);
        if (info.Length > Limits.MaxTleBytes)
        {
            faults.Add(new(shown, 0, 0, $"expected at most {Limits.MaxTleBytes} bytes, found {info.Length}"));
            return sets;
        }
        string[] lines = File.ReadAllLines(path);
        int before = faults.Count;
        for (int i = 0; i < lines.Length && faults.Count - before <= Limits.MaxFaults; i++)
        {
            string line = lines[i].TrimEnd();
            if (line.StartsWith("2 ", StringComparison.Ordinal) && line.Length == LineChars)
            {
                faults.Add(new(shown, i + 1, 1, "expected line 1 of an element set before this line 2"));
                continue;
            }
            if (!line.StartsWith("1 ", StringComparison.Ordinal))
                continue;
            string second = i + 1 < lines.Length ? lines[i + 1].TrimEnd() : "";
            if (Judge(line, '1', shown, i + 1, faults) & Judge(second, '2', shown, i + 2, faults))
            {
                int number = CatalogNumber(line);
                if (number != CatalogNumber(second))
                    faults.Add(new(shown, i + 2, 3, $"expected satellite {line.AsSpan(2, 5)} as on the line before, found {second.AsSpan(2, 5)}"));
                else
                    sets[number] = new(line, second);
            }
            if (second.StartsWith("2 ", StringComparison.Ordinal))
                i++;
        }
        if (sets.Count == 0 && faults.Count == before)
            faults.Add(new(shown, 1, 1, "expected two-line element sets, found none"));
        return sets;
    }

    private static bool Judge(string line, char number, string shown, int at, List<ScenarioFault> faults)
    {
        string? fault = null;
        int column = 1;
        if (line.Length == 0 || line[0] != number)
            fault = $"expected line {number} of an element set, found {(line.Length == 0 ? "nothing" : $"'{line[..Math.Min(20, line.Length)]}'")}";
        else if (line.Length != LineChars)
            fault = $"expected {LineChars} characters, found {line.Length}";
        else if (CatalogNumber(line) <= 0)
            (fault, column) = ($"expected a catalogue number, found '{line[2..7]}'", 3);
        else if (line[^1] - '0' != CheckSum(line))
            (fault, column) = ($"expected the check sum {CheckSum(line)}, found {line[^1]}", LineChars);
        if (fault is not null)
            faults.Add(new(shown, at, column, fault));
        return fault is null;
    }

    /// <summary>Modulo 10 of the digits, a minus counting 1.</summary>
    private static int CheckSum(string line) => line.AsSpan(0, LineChars - 1).ToArray().Sum(c => char.IsAsciiDigit(c) ? c - '0' : c == '-' ? 1 : 0) % 10;

    /// <summary>Five digits, or a letter (without I and O) and four digits: Alpha-5.</summary>
    private static int CatalogNumber(string line)
    {
        ReadOnlySpan<char> text = line.AsSpan(2, 5);
        if (int.TryParse(text, System.Globalization.NumberStyles.AllowLeadingWhite, null, out int number))
            return number;
        int letter = "ABCDEFGHJKLMNPQRSTUVWXYZ".IndexOf(text[0], StringComparison.Ordinal);
        return letter >= 0 && int.TryParse(text[1..], System.Globalization.NumberStyles.None, null, out int rest) ? ((letter + 10) * 10_000) + rest : -1;
    }
}
