using System.Globalization;

namespace SatNode.Rig.Reports;

/// <summary>A linear axis with round ticks.</summary>
/// <param name="Low">The value at the start.</param>
/// <param name="High">The value at the end.</param>
/// <param name="Step">The distance of ticks.</param>
/// <param name="Start">The coordinate of <paramref name="Low"/>.</param>
/// <param name="End">The coordinate of <paramref name="High"/>.</param>
internal readonly record struct PlotAxis(double Low, double High, double Step, double Start, double End)
{
    private static readonly double[] Steps = [1, 2, 5, 10];

    /// <summary>The coordinate of a value.</summary>
    public double At(double value) => Start + ((value - Low) / (High - Low) * (End - Start));

    /// <summary>The ticks.</summary>
    public IEnumerable<double> Ticks
    {
        get
        {
            for (double number = Math.Ceiling((Low / Step) - 1e-9); number * Step <= High + (Step * 1e-6); number++)
                yield return (number * Step) + 0.0; // −0 becomes 0
        }
    }

    /// <summary>Draws it as the axis of minutes below a flight.</summary>
    /// <param name="svg">The picture.</param>
    /// <param name="y">Where.</param>
    /// <param name="epoch">When minute 0 was.</param>
    public void DrawMinutes(SvgText svg, double y, DateTimeOffset epoch)
    {
        foreach (double minute in Ticks)
        {
            svg.Line(At(minute), y, At(minute), y + 5, "axis");
            svg.Text(At(minute), y + 19, minute.ToString("0.#", CultureInfo.InvariantCulture), "soft", "middle");
        }
        svg.Line(Start, y, End, y, "axis");
        svg.Text(End, y + 36, string.Create(CultureInfo.InvariantCulture, $"minutes from {epoch:yyyy-MM-dd HH:mm} UTC"), "soft", "end");
    }

    /// <summary>An axis that covers a range, widened to whole ticks, with at most a number of intervals.</summary>
    public static PlotAxis Covering(double low, double high, int intervals, double start, double end)
    {
        double span = Math.Max(high - low, 1e-6);
        double magnitude = Math.Pow(10, Math.Floor(Math.Log10(span / intervals)));
        double step = Steps.Select(factor => factor * magnitude).First(step => Math.Ceiling(high / step) - Math.Floor(low / step) <= intervals || step >= 10 * magnitude);
        return new(Math.Floor(low / step) * step, Math.Ceiling(high / step) * step, step, start, end);
    }
}
