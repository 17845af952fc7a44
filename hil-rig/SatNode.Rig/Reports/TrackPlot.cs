using System.Globalization;
using System.Text;

namespace SatNode.Rig.Reports;

/// <summary>A place under a satellite.</summary>
/// <param name="LatitudeDegrees">North positive.</param>
/// <param name="LongitudeDegrees">−180 to 180, east positive.</param>
/// <param name="IsLit">The satellite sees the Sun.</param>
internal readonly record struct TrackPoint(double LatitudeDegrees, double LongitudeDegrees, bool IsLit);

/// <summary>A ground track over the continents, in sunlight and in the Earth's shadow.</summary>
internal static class TrackPlot
{
    private const double MapWidth = OrbitPlotStyle.Width - (2 * OrbitPlotStyle.Left);
    private const double MapHeight = MapWidth / 2;
    private const double Bottom = OrbitPlotStyle.Top + MapHeight;

    /// <summary>The continents: a ring a line, of tenths of degrees east and north. Source: Natural Earth 1:110m land (public domain), thinned to 0.25°.</summary>
    private static readonly Lazy<string> Land = new(ReadLand);

    /// <summary>Draws the track.</summary>
    public static string Draw(string title, string subtitle, IReadOnlyList<TrackPoint> track)
    {
        SvgText svg = OrbitPlotStyle.Begin(Bottom + 40, title, subtitle);
        svg.Rectangle(OrbitPlotStyle.Left, OrbitPlotStyle.Top, MapWidth, MapHeight, "sea");
        svg.Path(Land.Value, "land");
        for (int degrees = -150; degrees <= 150; degrees += 30)
        {
            svg.Line(X(degrees), OrbitPlotStyle.Top, X(degrees), Bottom, "grid");
            if (degrees % 60 == 0)
                svg.Text(X(degrees), Bottom + 18, degrees == 0 ? "0°" : $"{Math.Abs(degrees)}° {(degrees > 0 ? "E" : "W")}", "soft", "middle");
        }
        for (int degrees = -60; degrees <= 60; degrees += 30)
        {
            svg.Line(OrbitPlotStyle.Left, Y(degrees), OrbitPlotStyle.Left + MapWidth, Y(degrees), "grid");
            svg.Text(OrbitPlotStyle.Left - 8, Y(degrees) + 4, degrees == 0 ? "0°" : $"{Math.Abs(degrees)}° {(degrees > 0 ? "N" : "S")}", "soft", "end");
        }
        foreach ((List<(double X, double Y)> points, bool isLit) in Pieces(track))
            svg.Polyline(points, isLit ? "line lit" : "line dark");
        if (track.Count > 0)
            svg.Circle(X(track[0].LongitudeDegrees), Y(track[0].LatitudeDegrees), 4.5, "start");
        double legend = OrbitPlotStyle.Left + MapWidth;
        svg.Text(legend, 26, "in sunlight", "lit-ink", "end");
        svg.Text(legend, 46, "in the Earth's shadow", "dark-ink", "end");
        return svg.End();
    }

    /// <summary>Lines of one kind that do not cross the map's edge: there they end, and begin again on the other side.</summary>
    internal static IEnumerable<(List<(double X, double Y)> Points, bool IsLit)> Pieces(IReadOnlyList<TrackPoint> track)
    {
        List<(double, double)> piece = [];
        for (int i = 0; i < track.Count; i++)
        {
            TrackPoint point = track[i];
            if (i > 0 && Math.Abs(point.LongitudeDegrees - track[i - 1].LongitudeDegrees) > 180)
            {
                TrackPoint before = track[i - 1];
                double side = before.LongitudeDegrees > 0 ? 180 : -180;
                double way = point.LongitudeDegrees + (2 * side) - before.LongitudeDegrees;
                double edge = way == 0 ? before.LatitudeDegrees : before.LatitudeDegrees + ((point.LatitudeDegrees - before.LatitudeDegrees) * (side - before.LongitudeDegrees) / way);
                piece.Add((X(side), Y(edge)));
                yield return (piece, before.IsLit);
                piece = [(X(-side), Y(edge))];
            }
            piece.Add((X(point.LongitudeDegrees), Y(point.LatitudeDegrees)));
            if (i == track.Count - 1 || track[i + 1].IsLit != point.IsLit)
            {
                yield return (piece, point.IsLit);
                piece = [(X(point.LongitudeDegrees), Y(point.LatitudeDegrees))];
            }
        }
    }

    private static double X(double longitudeDegrees) => OrbitPlotStyle.Left + ((longitudeDegrees + 180) / 360 * MapWidth);

    private static double Y(double latitudeDegrees) => OrbitPlotStyle.Top + ((90 - latitudeDegrees) / 180 * MapHeight);

    private static string ReadLand()
    {
        using Stream file = typeof(TrackPlot).Assembly.GetManifestResourceStream("SatNode.Rig.Reports.land.txt")!;
        using var reader = new StreamReader(file);
        var path = new StringBuilder();
        while (reader.ReadLine() is { } ring)
        {
            string[] points = ring.Split(' ');
            for (int i = 0; i < points.Length; i++)
            {
                int comma = points[i].IndexOf(',', StringComparison.Ordinal);
                double east = int.Parse(points[i].AsSpan(0, comma), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture) / 10.0;
                double north = int.Parse(points[i].AsSpan(comma + 1), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture) / 10.0;
                path.Append(i == 0 ? 'M' : 'L').Append(SvgText.N(X(east))).Append(' ').Append(SvgText.N(Y(north)));
            }
            path.Append('Z');
        }
        return path.ToString();
    }
}
