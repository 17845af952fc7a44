using System.Globalization;
using SatNode.Protocol.Dictionary;
using SatNode.Rig.Comparison;
using SatNode.Rig.Scenarios;
using SatNode.Rig.Scenarios.Checks;

namespace SatNode.Rig.Reports;

/// <summary>A comparison as a picture: the board, the charge and the work done of every policy over the same time; eclipses shaded, limits and the oracle's work drawn.</summary>
internal static class PolicyPlot
{
    /// <summary>The plot's name.</summary>
    public const string Name = "policies";

    private const double Width = 960, Left = 64, Right = 128, Bottom = 44;
    private const double TemperatureTop = 76, TemperatureHeight = 190;
    private const double ChargeTop = TemperatureTop + TemperatureHeight + 34, ChargeHeight = 130;
    private const double WorkTop = ChargeTop + ChargeHeight + 34, WorkHeight = 110;
    private const double End = WorkTop + WorkHeight;
    private const int MaxPoints = 900;
    private const double CelsiusZeroKelvin = 273.15;

    private const string Style = """

        svg { font-family: Inter, system-ui, "Segoe UI", "Helvetica Neue", "DejaVu Sans", sans-serif; font-size: 12px; background: #fff }
        .page { fill: #fff } .ink { fill: #1b1f24 } .title { fill: #1b1f24; font-size: 18px; font-weight: 600 } .soft { fill: #656d76 }
        .grid { stroke: #d8dee4; stroke-width: 1 } .axis { stroke: #8c959f; stroke-width: 1 } .eclipse { fill: #1b2a41; fill-opacity: .11 }
        .line { fill: none; stroke-width: 1.6; stroke-linejoin: round; stroke-linecap: round } .limit { stroke: #57606a; stroke-width: 1.2; stroke-dasharray: 6 4 }
        .forecast { stroke: #1f7a4d; stroke-width: 2.2 } .off { stroke: #c4391d } .hyperdrive { stroke: #8250df; stroke-dasharray: 7 3 } .thresholds { stroke: #1f6fb2 }
        .forecast-ink { fill: #1f7a4d; font-weight: 600 } .off-ink { fill: #c4391d } .hyperdrive-ink { fill: #8250df } .thresholds-ink { fill: #1f6fb2 }
        @media (prefers-color-scheme: dark) {
          svg { background: #0d1117 } .page { fill: #0d1117 } .ink, .title { fill: #e6edf3 } .soft { fill: #8d96a0 } .grid { stroke: #262c34 } .axis { stroke: #57606a }
          .eclipse { fill: #9db7e0; fill-opacity: .11 } .limit { stroke: #8d96a0 }
          .forecast { stroke: #3fb970 } .off { stroke: #ff8062 } .hyperdrive { stroke: #b392f0 } .thresholds { stroke: #58a6ff }
          .forecast-ink { fill: #3fb970 } .off-ink { fill: #ff8062 } .hyperdrive-ink { fill: #b392f0 } .thresholds-ink { fill: #58a6ff }
        }

        """;

    /// <summary>Draws the plot.</summary>
    public static string Draw(PolicyComparison comparison)
    {
        Scenario scenario = comparison.Scenario;
        var svg = new SvgText(Width, End + Bottom, $"{scenario.Name}: every policy over the same load", Style);
        double last = scenario.Duration.TotalMinutes;
        PlotAxis time = PlotAxis.Covering(0, last, 12, Left, Width - Right) with { Low = 0, High = last };
        svg.Rectangle(0, 0, Width, End + Bottom, "page");
        svg.Text(Left, 28, scenario.Name, "title");
        double x = Left;
        foreach (PolicyOutcome outcome in comparison.Outcomes)
        {
            svg.Line(x, 44, x + 22, 44, $"line {outcome.Policy}");
            svg.Text(x + 28, 48, outcome.Policy, $"{outcome.Policy}-ink");
            x += 128;
        }
        DrawEclipses(svg, scenario, comparison.Outcomes[0].Satellite.Truth, time);
        double kelvinMax = scenario.Comparison!.BoardTemperatureMaxCelsius, reserve = 100 * scenario.Satellites[0].Vehicle.StateOfChargeReserve;
        DrawPanel(svg, comparison, time, TemperatureTop, TemperatureHeight, "°C", point => point.BoardKelvin - CelsiusZeroKelvin, kelvinMax, $"limit {kelvinMax:0.#} °C", 0);
        DrawPanel(svg, comparison, time, ChargeTop, ChargeHeight, "%", point => 100 * point.StateOfCharge, reserve, $"reserve {reserve:0} %", 1);
        DrawWork(svg, comparison, time);
        time.DrawMinutes(svg, End, scenario.Epoch);
        return svg.End();
    }

    private static void DrawEclipses(SvgText svg, Scenario scenario, IReadOnlyList<TruthPoint> truth, PlotAxis time)
    {
        DateTimeOffset? since = null;
        foreach (TruthPoint point in truth)
        {
            if (point.SunFraction < 0.5)
                since ??= point.Time;
            else if (since is { } dark)
                (since, _) = (null, Shade(dark, point.Time));
        }
        if (since is { } open)
            Shade(open, scenario.End);

        bool Shade(DateTimeOffset from, DateTimeOffset to)
        {
            double start = time.At(Minutes(scenario, from)), end = time.At(Minutes(scenario, to));
            svg.Rectangle(start, TemperatureTop - 14, end - start, End - TemperatureTop + 14, "eclipse");
            if (end - start > 50)
                svg.Text((start + end) / 2, TemperatureTop - 3, "eclipse", "soft", "middle");
            return true;
        }
    }

    private static void DrawPanel(SvgText svg, PolicyComparison comparison, PlotAxis time, double top, double height, string unit, Func<TruthPoint, double> value, double limit, string label, double room)
    {
        double[] all = [.. comparison.Outcomes.SelectMany(outcome => outcome.Satellite.Truth.Select(value)), limit];
        PlotAxis axis = PlotAxis.Covering(all.Min() - room, all.Max() + room, 6, top + height, top);
        Frame(svg, axis, unit, top);
        foreach (PolicyOutcome outcome in comparison.Outcomes.Reverse()) // ours on top
        {
            IReadOnlyList<TruthPoint> truth = outcome.Satellite.Truth;
            int step = Math.Max(1, truth.Count / MaxPoints);
            svg.Polyline(truth.Where((_, i) => i % step == 0).Select(point => (time.At(Minutes(comparison.Scenario, point.Time)), axis.At(value(point)))), $"line {outcome.Policy}");
        }
        svg.Line(Left, axis.At(limit), Width - Right, axis.At(limit), "limit");
        svg.Text(Width - Right + 8, axis.At(limit) + 4, label, "soft");
    }

    private static void DrawWork(SvgText svg, PolicyComparison comparison, PlotAxis time)
    {
        double oracle = (comparison.Outcomes[0].Oracle?.CpuSeconds ?? 0) / 60;
        PlotAxis axis = PlotAxis.Covering(0, Math.Max(1, comparison.Outcomes.Max(outcome => outcome.WorkSeconds / 60)) is var most && oracle > most ? oracle : most, 4, WorkTop + WorkHeight, WorkTop);
        Frame(svg, axis, "min", WorkTop);
        foreach (PolicyOutcome outcome in comparison.Outcomes.Reverse())
        {
            double minutes = 0;
            List<(double, double)> points = [(time.At(0), axis.At(0))];
            foreach (EventRecord item in outcome.Satellite.Console.Where(item => item.Name == Events.InvocationCompleted.Name && item.Time <= comparison.Scenario.End))
                points.Add((time.At(Minutes(comparison.Scenario, item.Time)), axis.At(minutes += item.Number("cpu_seconds") / 60)));
            svg.Polyline(points, $"line {outcome.Policy}");
        }
        svg.Text(Left + 6, WorkTop + 12, "CPU time of completed invocations", "soft");
        if (oracle <= 0)
            return;
        svg.Line(Left, axis.At(oracle), Width - Right, axis.At(oracle), "limit");
        svg.Text(Width - Right + 8, axis.At(oracle) + 4, "oracle", "soft");
    }

    private static void Frame(SvgText svg, PlotAxis axis, string unit, double top)
    {
        foreach (double tick in axis.Ticks)
        {
            svg.Line(Left, axis.At(tick), Width - Right, axis.At(tick), "grid");
            svg.Text(Left - 8, axis.At(tick) + 4, tick.ToString("0.##", CultureInfo.InvariantCulture), "soft", "end");
        }
        svg.Text(Left - 8, top - 10, unit, "soft", "end");
    }

    private static double Minutes(Scenario scenario, DateTimeOffset time) => (time - scenario.Epoch).TotalMinutes;
}
