using System.Globalization;
using SatNode.Orbit;
using SatNode.Orbit.Contacts;
using SatNode.Orbit.Geometry;
using SatNode.Orbit.Propagation;
using SatNode.Rig.Orbits;

namespace SatNode.Rig.Reports;

/// <summary>Passes in the sky over a site: north up, the zenith in the middle, the highest pass marked; beside them when they rise.</summary>
internal static class SkyPlot
{
    private const double Radius = 220, CentreX = OrbitPlotStyle.Left + Radius + 16, CentreY = OrbitPlotStyle.Top + Radius + 22;
    private const double ListLeft = CentreX + Radius + 60, Row = 18;
    private const int PointsPerPass = 48;
    private const int ListMax = 24;

    /// <summary>Draws the passes.</summary>
    public static string Draw(string title, string subtitle, SatelliteOrbit orbit, GroundSite site, IReadOnlyList<GroundPass> passes)
    {
        SvgText svg = OrbitPlotStyle.Begin(CentreY + Radius + 40, title, subtitle);
        svg.Circle(CentreX, CentreY, Radius, "sea");
        foreach (int elevation in (int[])[0, 30, 60])
        {
            svg.Circle(CentreX, CentreY, Radius * (90 - elevation) / 90, elevation == 0 ? "axis" : "grid");
            if (elevation > 0)
                svg.Text(CentreX + 4, CentreY - (Radius * (90 - elevation) / 90) - 3, $"{elevation}°", "soft");
        }
        svg.Line(CentreX - Radius, CentreY, CentreX + Radius, CentreY, "grid");
        svg.Line(CentreX, CentreY - Radius, CentreX, CentreY + Radius, "grid");
        svg.Text(CentreX, CentreY - Radius - 8, "N", "soft", "middle");
        svg.Text(CentreX, CentreY + Radius + 18, "S", "soft", "middle");
        svg.Text(CentreX + Radius + 8, CentreY + 4, "E", "soft");
        svg.Text(CentreX - Radius - 8, CentreY + 4, "W", "soft", "end");
        GroundPass? best = passes.MaxBy(pass => pass.MaxElevationDegrees);
        foreach (GroundPass pass in passes.Take(Limits.MaxPlotPasses))
        {
            (double X, double Y)[] points = [.. Points(orbit, site, pass)];
            svg.Polyline(points, ReferenceEquals(pass, best) ? "line best" : "line pass");
            if (points.Length > 0)
                svg.Circle(points[0].X, points[0].Y, 3, "start");
        }
        svg.Text(ListLeft, OrbitPlotStyle.Top + 14, "rises (UTC)", "soft");
        svg.Text(ListLeft + 200, OrbitPlotStyle.Top + 14, "lasts", "soft", "end");
        svg.Text(ListLeft + 290, OrbitPlotStyle.Top + 14, "highest", "soft", "end");
        for (int i = 0; i < Math.Min(passes.Count, ListMax); i++)
        {
            double y = OrbitPlotStyle.Top + 36 + (i * Row);
            string ink = ReferenceEquals(passes[i], best) ? "lit-ink" : "ink";
            svg.Text(ListLeft, y, passes[i].Aos.UtcDateTime.ToString("d MMM HH:mm:ss", CultureInfo.InvariantCulture), ink);
            svg.Text(ListLeft + 200, y, string.Create(CultureInfo.InvariantCulture, $"{passes[i].Duration.TotalMinutes:0.0} min"), ink, "end");
            svg.Text(ListLeft + 290, y, string.Create(CultureInfo.InvariantCulture, $"{passes[i].MaxElevationDegrees:0.0}°"), ink, "end");
        }
        if (passes.Count > ListMax)
            svg.Text(ListLeft, OrbitPlotStyle.Top + 36 + (ListMax * Row), $"and {passes.Count - ListMax} more", "soft");
        return svg.End();
    }

    private static IEnumerable<(double X, double Y)> Points(SatelliteOrbit orbit, GroundSite site, GroundPass pass)
    {
        for (int i = 0; i <= PointsPerPass; i++)
        {
            DateTimeOffset at = pass.Aos + (pass.Duration * i / PointsPerPass);
            if (!orbit.TryStateAt(at, out TemeState state))
                continue;
            LookAngles look = site.Look(Frames.TemeToEcef(state.PositionKm, at));
            double radius = Radius * Math.Clamp(90 - look.ElevationDegrees, 0, 90) / 90;
            (double sin, double cos) = Math.SinCos(look.AzimuthDegrees * Math.PI / 180);
            yield return (CentreX + (radius * sin), CentreY - (radius * cos));
        }
    }
}
