using System.Globalization;
using System.Text;
using SatNode.Rig.Scenarios.Checks;

namespace SatNode.Rig.Reports;

/// <summary>The report for a terminal: the verdict, each check on a line, and where the rest is.</summary>
internal static class ReportText
{
    private const int NameWidth = 30;

    /// <summary>Writes the report.</summary>
    /// <param name="report">The report.</param>
    /// <param name="folder">The run's folder, as people will open it.</param>
    public static string Write(Report report, string folder)
    {
        var text = new StringBuilder("\n");
        foreach (CheckResult check in report.Checks)
            text.Append($"{(check.Passed ? "  pass" : "  FAIL")}  {check.Name.PadRight(NameWidth)}  {check.Detail}\n");
        if (report.Warning is not null)
            text.Append($"  warn  {report.Warning}\n");
        text.Append('\n');
        text.AppendJoin("  ", report.Metrics.Where(metric => metric.Value is not null)
            .Select(metric => $"{metric.Key} {metric.Value!.Value.ToString("0.##", CultureInfo.InvariantCulture)}"));
        text.Append(CultureInfo.InvariantCulture, $"\n\n{report.Scenario}: {(report.Passed ? "passed" : "FAILED")}, {report.Checks.Count(check => check.Passed)} of {report.Checks.Count} checks. Report: {Path.Combine(folder, ReportFiles.Markdown)}\n");
        return text.ToString();
    }
}
