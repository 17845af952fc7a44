using System.Globalization;
using SatNode.Orbit.Elements;
using SatNode.Orbit.Geometry;
using SatNode.Orbit.Propagation;

namespace SatNode.Orbit.Tests.Propagation;

/// <summary>One satellite of the verification set with the states the reference implementation printed for it.</summary>
public sealed record VerificationCase(int Index, Tle Tle, double StartMinutes, double StopMinutes, double StepMinutes, IReadOnlyList<VerificationState> Expected)
{
    public override string ToString() => $"{Index}: {Tle.CatalogNumber}";
}

/// <summary>A line of tcppver.out: 8 decimals of km, 9 of km/s.</summary>
public readonly record struct VerificationState(double Minutes, TemeState State);

/// <summary>SGP4-VER.TLE and tcppver.out of Vallado et al., AIAA 2006-6753, as Debian's python3-sgp4 ships them.</summary>
public static class VerificationSet
{
    public static IReadOnlyList<VerificationCase> Cases { get; } = Read();

    private static List<VerificationCase> Read()
    {
        string[] lines = [.. Vectors.Lines("SGP4-VER.TLE").Where(line => line[0] != '#')];
        List<List<VerificationState>> expected = [];
        foreach (string line in Vectors.Lines("tcppver.out"))
        {
            if (line.EndsWith("xx", StringComparison.Ordinal))
                expected.Add([]);
            else
                expected[^1].Add(State(line));
        }

        var cases = new List<VerificationCase>();
        for (int i = 0; i < lines.Length; i += 2)
        {
            // The set has five wrong checksums and one line without; start, stop and step stand after column 69.
            var tle = TleParser.Parse(lines[i], lines[i + 1].AsSpan(0, 69), "", TleChecksum.Ignored);
            double[] span = [.. lines[i + 1][69..].Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(Number)];
            cases.Add(new(i / 2, tle, span[0], span[1], span[2], expected[i / 2]));
        }

        return cases;
    }

    private static VerificationState State(string line)
    {
        double[] v = [.. line.Split(' ', StringSplitOptions.RemoveEmptyEntries).Take(7).Select(Number)];
        return new(v[0], new(new Vector3d(v[1], v[2], v[3]), new Vector3d(v[4], v[5], v[6])));
    }

    private static double Number(string text) => double.Parse(text, CultureInfo.InvariantCulture);
}
