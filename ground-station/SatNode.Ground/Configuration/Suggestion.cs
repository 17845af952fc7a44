namespace SatNode.Ground.Configuration;

/// <summary>Finds what was probably meant.</summary>
internal static class Suggestion
{
    private const int MaxDistance = 3;
    private const int MaxLength = 64;

    /// <summary><c>; did you mean 'x'?</c> for the nearest candidate within three edits, else nothing.</summary>
    public static string For(string found, IEnumerable<string> candidates)
    {
        if (found.Length > MaxLength)
            return "";
        (string Name, int Distance) best = candidates.Select(name => (name, Distance: Distance(found, name)))
            .OrderBy(pair => pair.Distance).ThenBy(pair => pair.name, StringComparer.Ordinal).FirstOrDefault(("", int.MaxValue));
        return best.Distance <= MaxDistance && best.Distance < found.Length ? $"; did you mean '{best.Name}'?" : "";
    }

    private static int Distance(string a, string b)
    {
        int[] previous = [.. Enumerable.Range(0, b.Length + 1)];
        var current = new int[b.Length + 1];
        for (int i = 1; i <= a.Length; i++)
        {
            current[0] = i;
            for (int j = 1; j <= b.Length; j++)
            {
                int substitution = previous[j - 1] + (char.ToLowerInvariant(a[i - 1]) == char.ToLowerInvariant(b[j - 1]) ? 0 : 1);
                current[j] = Math.Min(substitution, Math.Min(previous[j], current[j - 1]) + 1);
            }
            (previous, current) = (current, previous);
        }
        return previous[b.Length];
    }
}
