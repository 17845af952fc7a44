using System.Text;

namespace SatNode.Benchmarks.Measuring;

/// <summary>Results for people: one block a comparison, one line a subject.</summary>
internal static class Table
{
    public static string Of(Result result)
    {
        var text = new StringBuilder();
        Comparison comparison = result.Comparison;
        text.AppendLine($"{comparison.Name}: {comparison.Title}");
        text.AppendLine($"  {"",-8}{"",-46}{"min",14}{"median",14}{"max",14}{"ours/this",11}{"cpu/op",11}{"ours/this",11}{"B/op",9}");
        foreach (Measurement m in result.Measurements)
        {
            text.Append($"  {Role(m.Subject.Role),-8}{m.Subject.Name,-46}");
            // A rate's least is of the slowest round: min stays the lower number.
            double[] order = comparison.Display == Display.Time ? [m.Min, m.Median, m.Max] : [m.Max, m.Median, m.Min];
            foreach (double time in order)
                text.Append($"{Figure(comparison, time),14}");
            text.AppendLine($"{Ratio(m.ProductToThis),11}{Time(m.CpuMedian),11}{Ratio(m.ProductToThisCpu),11}{Count(m.AllocatedBytes),9}");
        }
        foreach (string note in comparison.Notes)
            text.AppendLine($"  note    {note}");
        return text.ToString();
    }

    private static string Figure(Comparison comparison, double nanoseconds) => comparison.Display switch
    {
        Display.Time => Time(nanoseconds),
        Display.Rate => $"{Count(1e9 / nanoseconds)}/s",
        Display.BitRate => $"{comparison.BytesPerOperation * 8.0 / nanoseconds:F2} Gbit/s",
        _ => throw new ArgumentOutOfRangeException(nameof(comparison), comparison.Display, "expected a display"),
    };

    private static string Role(Role role) => role switch
    {
        Measuring.Role.Product => "ours",
        Measuring.Role.Limit => "limit",
        Measuring.Role.Today => "today",
        _ => throw new ArgumentOutOfRangeException(nameof(role), role, "expected a role"),
    };

    private static string Ratio(double ratio) => ratio switch
    {
        >= 100 => $"{ratio:F0}x",
        >= 10 => $"{ratio:F1}x",
        >= 0.1 => $"{ratio:F2}x",
        > 0 => $"1/{1 / ratio:F0}",
        _ => "-",
    };

    private static string Time(double nanoseconds) => nanoseconds switch
    {
        < 1e3 => $"{nanoseconds:F1} ns",
        < 1e6 => $"{nanoseconds / 1e3:F2} µs",
        < 1e9 => $"{nanoseconds / 1e6:F2} ms",
        _ => $"{nanoseconds / 1e9:F2} s",
    };

    private static string Count(double count) => count switch
    {
        < 0.5 => "0",
        < 1e4 => $"{count:F0}",
        < 1e6 => $"{count / 1e3:F1} k",
        _ => $"{count / 1e6:F2} M",
    };
}
