using System.Globalization;
using SatNode.Orbit.Contacts;
using SatNode.Rig.Orbits;

namespace SatNode.Rig.Reports;

/// <summary>When a satellite can hold links to others: a row a satellite, those with the longest contacts on top.</summary>
internal static class ContactPlot
{
    private const double Row = 20;

    /// <summary>Draws the windows.</summary>
    public static string Draw(string title, string subtitle, DateTimeOffset from, DateTimeOffset to, IReadOnlyList<(string Other, IReadOnlyList<IslWindow> Windows)> contacts)
    {
        (string Other, IReadOnlyList<IslWindow> Windows)[] rows = [.. contacts.Where(contact => contact.Windows.Count > 0)
            .OrderByDescending(contact => contact.Windows.Sum(window => window.Duration.Ticks)).Take(Limits.MaxPlotRows)];
        double bottom = OrbitPlotStyle.Top + (Math.Max(1, rows.Length) * Row);
        SvgText svg = OrbitPlotStyle.Begin(bottom + 40, title, subtitle);
        var time = new PlotAxis(0, Math.Max((to - from).TotalHours, 1e-3), 1, OrbitPlotStyle.Left, OrbitPlotStyle.Width - OrbitPlotStyle.Right - 30);
        for (int i = 0; i < rows.Length; i++)
        {
            double top = OrbitPlotStyle.Top + (i * Row);
            svg.Rectangle(time.Start, top + 2, time.End - time.Start, Row - 4, "row", 3);
            svg.Text(time.End + 8, top + 14, rows[i].Other, "ink");
        }
        OrbitPlotStyle.TimeAxis(svg, time, from, OrbitPlotStyle.Top, bottom);
        for (int i = 0; i < rows.Length; i++)
        {
            foreach (IslWindow window in rows[i].Windows)
            {
                double start = time.At((window.Start - from).TotalHours);
                svg.Rectangle(start, OrbitPlotStyle.Top + (i * Row) + 4, Math.Max(1, time.At((window.End - from).TotalHours) - start), Row - 8, "bar", 1.5,
                    string.Create(CultureInfo.InvariantCulture, $"{rows[i].Other}: {window.Start.UtcDateTime:HH:mm:ss} for {window.Duration.TotalMinutes:0.0} min, {window.MinRangeKm:0} to {window.MaxRangeKm:0} km"));
            }
        }
        if (rows.Length == 0)
            svg.Text(time.Start, OrbitPlotStyle.Top + 14, "no contacts", "soft");
        return svg.End();
    }
}
