using System.Globalization;
using SatNode.Orbit.Sunlight;

namespace SatNode.Rig.Reports;

/// <summary>How long each eclipse of a span lasts, umbra and penumbra, and the angle between Sun and orbit from which it comes.</summary>
internal static class EclipsePlot
{
    private const double BarsHeight = 180, BetaTop = OrbitPlotStyle.Top + BarsHeight + 36, BetaHeight = 110, Bottom = BetaTop + BetaHeight;

    /// <summary>Draws the eclipses.</summary>
    /// <param name="title">The satellite.</param>
    /// <param name="subtitle">Span and sums.</param>
    /// <param name="from">Begin of the span.</param>
    /// <param name="to">Its end.</param>
    /// <param name="eclipses">The eclipses.</param>
    /// <param name="beta">Hours from the begin and the beta angle in degrees.</param>
    public static string Draw(string title, string subtitle, DateTimeOffset from, DateTimeOffset to, IReadOnlyList<EclipseInterval> eclipses, IReadOnlyList<(double Hours, double Degrees)> beta)
    {
        SvgText svg = OrbitPlotStyle.Begin(Bottom + 40, title, subtitle);
        double hours = Math.Max((to - from).TotalHours, 1e-3);
        var time = new PlotAxis(0, hours, 1, OrbitPlotStyle.Left, OrbitPlotStyle.Width - OrbitPlotStyle.Right);
        OrbitPlotStyle.TimeAxis(svg, time, from, OrbitPlotStyle.Top, Bottom);
        double longest = eclipses.Count > 0 ? eclipses.Max(eclipse => eclipse.Duration.TotalMinutes) : 1;
        PlotAxis minutes = PlotAxis.Covering(0, longest, 5, OrbitPlotStyle.Top + BarsHeight, OrbitPlotStyle.Top);
        Grid(svg, minutes, "min", OrbitPlotStyle.Top);
        foreach (EclipseInterval eclipse in eclipses)
        {
            double start = time.At((eclipse.PenumbraEntry - from).TotalHours);
            double width = Math.Max(1, time.At((eclipse.PenumbraExit - from).TotalHours) - start);
            string told = string.Create(CultureInfo.InvariantCulture,
                $"{eclipse.PenumbraEntry.UtcDateTime:yyyy-MM-dd HH:mm:ss}: {eclipse.Duration.TotalMinutes:0.00} min, umbra {eclipse.UmbraDuration.TotalMinutes:0.00} min");
            svg.Rectangle(start, minutes.At(eclipse.Duration.TotalMinutes), width, minutes.At(0) - minutes.At(eclipse.Duration.TotalMinutes), "penumbra", 0, told);
            if (eclipse.UmbraDuration > TimeSpan.Zero)
                svg.Rectangle(start, minutes.At(eclipse.UmbraDuration.TotalMinutes), width, minutes.At(0) - minutes.At(eclipse.UmbraDuration.TotalMinutes), "umbra", 0, told);
        }
        svg.Text(time.End + 8, OrbitPlotStyle.Top + 12, "umbra", "dark-ink");
        svg.Text(time.End + 8, OrbitPlotStyle.Top + 28, "and penumbra", "soft");
        if (beta.Count > 1)
        {
            PlotAxis degrees = PlotAxis.Covering(beta.Min(point => point.Degrees), beta.Max(point => point.Degrees), 4, Bottom, BetaTop);
            Grid(svg, degrees, "°", BetaTop);
            svg.Polyline(beta.Select(point => (time.At(point.Hours), degrees.At(point.Degrees))), "line beta");
            svg.Text(time.End + 8, degrees.At(beta[^1].Degrees) + 4, string.Create(CultureInfo.InvariantCulture, $"beta {beta[^1].Degrees:0.0}°"), "beta-ink");
        }
        return svg.End();
    }

    private static void Grid(SvgText svg, PlotAxis axis, string unit, double top)
    {
        foreach (double tick in axis.Ticks)
        {
            svg.Line(OrbitPlotStyle.Left, axis.At(tick), OrbitPlotStyle.Width - OrbitPlotStyle.Right, axis.At(tick), "grid");
            svg.Text(OrbitPlotStyle.Left - 8, axis.At(tick) + 4, tick.ToString("0.###", CultureInfo.InvariantCulture), "soft", "end");
        }
        svg.Text(OrbitPlotStyle.Left - 8, top - 10, unit, "soft", "end");
    }
}
