using System.Globalization;
using SatNode.Protocol.Dictionary;
using SatNode.Protocol.Telemetry;
using SatNode.Rig.Scenarios;
using SatNode.Rig.Scenarios.Checks;

namespace SatNode.Rig.Reports;

/// <summary>One satellite's flight as a picture: temperature, charge, and what ran when, over the same time; eclipses shaded, limits drawn, decisions marked.</summary>
internal static class SatellitePlot
{
    private const double Width = 960;
    private const double Left = 64;
    private const double Right = 118; // room for the labels at the lines' ends
    private const double TemperatureTop = 64, TemperatureHeight = 150;
    private const double ChargeTop = TemperatureTop + TemperatureHeight + 26, ChargeHeight = 110;
    private const double StripTop = ChargeTop + ChargeHeight + 24, StripRow = 20;
    private const double Bottom = 44;
    private const double LabelGap = 14;
    private const int MaxPoints = 600;
    private const int MaxRows = 8;
    private const double CelsiusZeroKelvin = 273.15;

    private const string Style = """

        svg { font-family: Inter, system-ui, "Segoe UI", "Helvetica Neue", "DejaVu Sans", sans-serif; font-size: 12px; background: #fff }
        .page { fill: #fff } .ink { fill: #1b1f24 } .title { fill: #1b1f24; font-size: 18px; font-weight: 600 } .soft { fill: #656d76 }
        .grid { stroke: #d8dee4; stroke-width: 1 } .axis { stroke: #8c959f; stroke-width: 1 }
        .eclipse { fill: #1b2a41; fill-opacity: .11 } .row { fill: #eef1f4 }
        .line { fill: none; stroke-width: 2; stroke-linejoin: round; stroke-linecap: round }
        .board { stroke: #c4391d } .structure { stroke: #b0802a; stroke-width: 1.4 } .charge { stroke: #1f6fb2 }
        .board-ink { fill: #c4391d; font-weight: 600 } .structure-ink { fill: #8f6517 } .charge-ink { fill: #1f6fb2; font-weight: 600 }
        .limit { stroke: #57606a; stroke-width: 1.2; stroke-dasharray: 6 4 } .dot { fill: #fff; stroke: #c4391d; stroke-width: 1.5 }
        .ran { fill: #2f8f5b } .failed { fill: #a40e26 } .deferred { fill: none; stroke: #9a4d00; stroke-width: 1.8 } .offloaded { fill: none; stroke: #6f42c1; stroke-width: 1.8 }
        .deferred-ink { fill: #9a4d00 } .offloaded-ink { fill: #6f42c1 } .ran-ink { fill: #2f8f5b } .contact { fill: #7aa7d0 } .halo { fill: none; stroke: #fff; stroke-width: 6; stroke-linecap: round; stroke-linejoin: round }
        @media (prefers-color-scheme: dark) {
          svg { background: #0d1117 } .page { fill: #0d1117 } .ink, .title { fill: #e6edf3 } .soft { fill: #8d96a0 } .grid { stroke: #262c34 } .axis { stroke: #57606a }
          .eclipse { fill: #9db7e0; fill-opacity: .11 } .row { fill: #161b22 } .limit { stroke: #8d96a0 } .dot { fill: #0d1117; stroke: #ff8062 }
          .board { stroke: #ff8062 } .structure { stroke: #d9a94e } .charge { stroke: #58a6ff } .board-ink { fill: #ff8062 } .structure-ink { fill: #d9a94e } .charge-ink { fill: #58a6ff }
          .halo { stroke: #0d1117 } .ran { fill: #3fb970 } .ran-ink { fill: #3fb970 } .deferred { stroke: #f0a04b } .deferred-ink { fill: #f0a04b } .offloaded { stroke: #b392f0 } .offloaded-ink { fill: #b392f0 }
        }

        """;

    /// <summary>Draws the plot.</summary>
    public static string Draw(Scenario scenario, SatelliteRecord satellite)
    {
        ArgumentNullException.ThrowIfNull(scenario);
        ArgumentNullException.ThrowIfNull(satellite);
        string[] functions = [.. Functions(satellite).Take(MaxRows)];
        double stripHeight = StripRow * (functions.Length + 1);
        double bottom = StripTop + stripHeight;
        var svg = new SvgText(Width, bottom + Bottom, $"{satellite.Name}: temperature and charge over the flight", Style);
        TruthPoint[] truth = Thin(satellite.Truth);
        double last = Math.Max(scenario.Duration.TotalMinutes, truth.Length > 0 ? Minutes(scenario, truth[^1].Time) : 0); // the way home takes longer
        double first = Math.Min(0, truth.Length > 0 ? Minutes(scenario, truth[0].Time) : 0); // an emulated board is on before the epoch
        PlotAxis time = PlotAxis.Covering(first, last, 12, Left, Width - Right) with { Low = first, High = last };
        svg.Rectangle(0, 0, Width, bottom + Bottom, "page");
        DrawEclipses(svg, scenario, truth, time, bottom);
        DrawHeading(svg, satellite, truth);
        if (truth.Length > 1)
        {
            DrawTemperature(svg, scenario, satellite, truth, time);
            DrawCharge(svg, scenario, satellite, truth, time);
        }
        DrawStrip(svg, scenario, satellite, functions, time);
        time.DrawMinutes(svg, bottom, scenario.Epoch);
        return svg.End();
    }

    private static IEnumerable<string> Functions(SatelliteRecord satellite) =>
        satellite.Invocations.Select(report => report.Function)
            .Concat(satellite.Archive.Where(IsDecision).Select(item => item.Text("function"))).Where(name => name.Length > 0).Distinct(StringComparer.Ordinal);

    private static bool IsDecision(EventRecord item) => item.Name == Events.InvocationDeferred.Name || item.Name == Events.InvocationOffloaded.Name;

    private static void DrawHeading(SvgText svg, SatelliteRecord satellite, TruthPoint[] truth)
    {
        svg.Text(Left, 28, satellite.Name, "title");
        if (truth.Length == 0)
        {
            svg.Text(Left + 96, 28, "nothing was recorded", "soft");
            return;
        }
        int ran = satellite.Invocations.Count(report => report.Result == InvocationResult.Completed);
        svg.Text(Left + 96, 28, string.Create(CultureInfo.InvariantCulture,
            $"board up to {truth.Max(point => point.BoardKelvin) - CelsiusZeroKelvin:0.0} °C · charge down to {truth.Min(point => point.StateOfCharge) * 100:0} % · {ran} invocations completed · {satellite.Archive.Count(IsDecision)} deferred or offloaded"), "soft");
    }

    private static void DrawEclipses(SvgText svg, Scenario scenario, TruthPoint[] truth, PlotAxis time, double bottom)
    {
        bool labelled = false;
        for (int i = 0; i < truth.Length;)
        {
            if (truth[i].SunFraction >= 0.5)
            {
                i++;
                continue;
            }
            int first = i;
            while (i < truth.Length && truth[i].SunFraction < 0.5)
                i++;
            double from = time.At(Minutes(scenario, truth[first].Time)), to = time.At(Minutes(scenario, truth[Math.Min(i, truth.Length - 1)].Time));
            svg.Rectangle(from, TemperatureTop - 16, to - from, bottom - TemperatureTop + 16, "eclipse");
            if (!labelled && to - from > 60)
            {
                svg.Text((from + to) / 2, TemperatureTop - 4, "eclipse", "soft", "middle");
                labelled = true;
            }
        }
    }

    private static void DrawTemperature(SvgText svg, Scenario scenario, SatelliteRecord satellite, TruthPoint[] truth, PlotAxis time)
    {
        double peak = truth.Max(point => point.BoardKelvin) - CelsiusZeroKelvin;
        double low = truth.Min(point => Math.Min(point.BoardKelvin, point.StructureKelvin)) - CelsiusZeroKelvin;
        double high = Math.Max(peak, truth.Max(point => point.StructureKelvin) - CelsiusZeroKelvin);
        double[] limits = [.. Limits(satellite, "K").Select(kelvin => kelvin - CelsiusZeroKelvin)];
        PlotAxis axis = PlotAxis.Covering(low, limits.Append(high).Max(), 6, TemperatureTop + TemperatureHeight, TemperatureTop);
        Frame(svg, axis, "°C", TemperatureTop);
        foreach (double limit in limits)
            Limit(svg, axis, limit, string.Create(CultureInfo.InvariantCulture, $"limit {limit:0.#} °C"));
        svg.Polyline(truth.Select(point => (time.At(Minutes(scenario, point.Time)), axis.At(point.StructureKelvin - CelsiusZeroKelvin))), "line structure");
        svg.Polyline(truth.Select(point => (time.At(Minutes(scenario, point.Time)), axis.At(point.BoardKelvin - CelsiusZeroKelvin))), "line board");
        TruthPoint top = truth.MaxBy(point => point.BoardKelvin);
        svg.Circle(time.At(Minutes(scenario, top.Time)), axis.At(peak), 3.5, "dot");
        double board = axis.At(truth[^1].BoardKelvin - CelsiusZeroKelvin), structure = axis.At(truth[^1].StructureKelvin - CelsiusZeroKelvin);
        (board, structure) = Apart(board, structure);
        EndLabel(svg, time, board, "board", "board-ink");
        EndLabel(svg, time, structure, "structure", "structure-ink");
    }

    private static void DrawCharge(SvgText svg, Scenario scenario, SatelliteRecord satellite, TruthPoint[] truth, PlotAxis time)
    {
        double reserve = 100 * (scenario.Satellites.FirstOrDefault(spec => spec.Name == satellite.Name)?.Vehicle.StateOfChargeReserve ?? VehicleSpec.Default.StateOfChargeReserve);
        double low = 100 * truth.Min(point => point.StateOfCharge), high = 100 * truth.Max(point => point.StateOfCharge);
        PlotAxis axis = PlotAxis.Covering(Math.Max(0, Math.Min(low, reserve) - 3), Math.Min(100, high + 3), 5, ChargeTop + ChargeHeight, ChargeTop);
        Frame(svg, axis, "%", ChargeTop);
        Limit(svg, axis, reserve, string.Create(CultureInfo.InvariantCulture, $"reserve {reserve:0} %"));
        svg.Polyline(truth.Select(point => (time.At(Minutes(scenario, point.Time)), axis.At(100 * point.StateOfCharge))), "line charge");
        EndLabel(svg, time, axis.At(100 * truth[^1].StateOfCharge), string.Create(CultureInfo.InvariantCulture, $"charge {100 * truth[^1].StateOfCharge:0} %"), "charge-ink");
    }

    private static void DrawStrip(SvgText svg, Scenario scenario, SatelliteRecord satellite, string[] functions, PlotAxis time)
    {
        for (int i = 0; i < functions.Length; i++)
        {
            double top = StripTop + (i * StripRow);
            svg.Rectangle(Left, top + 2, Width - Right - Left, StripRow - 4, "row", 3);
            svg.Text(Width - Right + 8, top + 14, functions[i], "ink");
            foreach (InvocationReport report in satellite.Invocations.Where(report => report.Function == functions[i] && report.Result is not (InvocationResult.Offloaded or InvocationResult.Refused)))
            {
                double from = time.At(Minutes(scenario, report.Started.ToDateTimeOffset())), to = time.At(Minutes(scenario, report.Ended.ToDateTimeOffset()));
                svg.Rectangle(from, top + 4, Math.Max(2.5, to - from), StripRow - 8, report.Result == InvocationResult.Completed ? "ran" : "failed", 1.5,
                    string.Create(CultureInfo.InvariantCulture, $"{report.Function}: {report.Result}, {report.CpuTime.TotalSeconds:0.#} s CPU, {report.Energy.Joules:0} J"));
            }
            foreach (EventRecord item in satellite.Archive.Where(item => IsDecision(item) && item.Text("function") == functions[i]))
                Mark(svg, time.At(Minutes(scenario, item.Time)), top + (StripRow / 2), item);
        }
        DrawContacts(svg, scenario, satellite, time, StripTop + (functions.Length * StripRow));
        if (functions.Length > 0)
            svg.Text(Left - 8, StripTop + 14, "ran", "soft", "end");
        DrawLegend(svg);
    }

    private static void DrawContacts(SvgText svg, Scenario scenario, SatelliteRecord satellite, PlotAxis time, double top)
    {
        svg.Text(Width - Right + 8, top + 14, "ground contact", "soft");
        svg.Rectangle(Left, top + 7, Width - Right - Left, StripRow - 14, "row", 2);
        DateTimeOffset? since = null;
        foreach (EventRecord item in satellite.Archive)
        {
            if (item.Name == Events.ContactGained.Name)
                since ??= item.Time;
            else if (item.Name == Events.ContactLost.Name && since is { } from)
                (since, _) = (null, Bar(from, item.Time));
        }
        if (since is { } open)
            Bar(open, scenario.Epoch.AddMinutes(time.High));

        bool Bar(DateTimeOffset from, DateTimeOffset to)
        {
            double start = time.At(Minutes(scenario, from));
            svg.Rectangle(start, top + 7, Math.Max(2, time.At(Math.Min(Minutes(scenario, to), time.High)) - start), StripRow - 14, "contact", 2);
            return true;
        }
    }

    /// <summary>What the marks mean, right of the title.</summary>
    private static void DrawLegend(SvgText svg)
    {
        double x = Width - Right + 8;
        svg.Rectangle(x, 14, 10, 8, "ran", 1.5);
        svg.Text(x + 16, 22, "completed", "ran-ink");
        svg.Path($"M{SvgText.N(x)} 34h9m-3 -3l3 3l-3 3", "deferred");
        svg.Text(x + 16, 38, "deferred", "deferred-ink");
        svg.Path($"M{SvgText.N(x + 5)} 55v-9m-3 3l3 -3l3 3", "offloaded");
        svg.Text(x + 16, 54, "offloaded", "offloaded-ink");
    }

    /// <summary>Deferred is an arrow to the right, to later; offloaded one upwards, away.</summary>
    private static void Mark(SvgText svg, double x, double y, EventRecord item)
    {
        bool deferred = item.Name == Events.InvocationDeferred.Name;
        string data = deferred ? $"M{SvgText.N(x - 4)} {SvgText.N(y)}h9m-3 -3l3 3l-3 3" : $"M{SvgText.N(x)} {SvgText.N(y + 5)}v-9m-3 3l3 -3l3 3";
        svg.Path(data, "halo");
        svg.Path(data, deferred ? "deferred" : "offloaded",
            $"{item.Text("function")} {(deferred ? "deferred" : $"offloaded to {item.Text("to")}")} for {item.Text("constraint")}: predicted {item.Text("predicted")}, limit {item.Text("limit")} {item.Text("unit")}");
    }

    /// <summary>The limits that decisions named, each once.</summary>
    private static IEnumerable<double> Limits(SatelliteRecord satellite, string unit) =>
        satellite.Archive.Where(item => IsDecision(item) && item.Text("unit") == unit).Select(item => Math.Round(item.Number("limit"), 2)).Where(double.IsFinite).Distinct().Take(3);

    private static void Frame(SvgText svg, PlotAxis axis, string unit, double top)
    {
        foreach (double tick in axis.Ticks)
        {
            svg.Line(Left, axis.At(tick), Width - Right, axis.At(tick), "grid");
            svg.Text(Left - 8, axis.At(tick) + 4, tick.ToString("0.##", CultureInfo.InvariantCulture), "soft", "end");
        }
        svg.Text(Left - 8, top - 10, unit, "soft", "end");
    }

    private static void Limit(SvgText svg, PlotAxis axis, double value, string text)
    {
        svg.Line(Left, axis.At(value), Width - Right, axis.At(value), "limit");
        svg.Text(Left + 6, axis.At(value) - 5, text, "soft");
    }

    private static void EndLabel(SvgText svg, PlotAxis time, double y, string text, string @class) => svg.Text(time.End + 8, y + 4, text, @class);

    /// <summary>Moves two labels apart that would overlap.</summary>
    private static (double One, double Other) Apart(double one, double other)
    {
        double gap = Math.Abs(one - other);
        if (gap >= LabelGap)
            return (one, other);
        double shift = (LabelGap - gap) / 2;
        return one <= other ? (one - shift, other + shift) : (one + shift, other - shift);
    }

    private static double Minutes(Scenario scenario, DateTimeOffset time) => (time - scenario.Epoch).TotalMinutes;

    /// <summary>At most <see cref="MaxPoints"/> points, the hottest among them.</summary>
    private static TruthPoint[] Thin(IReadOnlyList<TruthPoint> truth)
    {
        int step = Math.Max(1, (int)Math.Ceiling(truth.Count / (double)MaxPoints));
        if (step == 1)
            return [.. truth];
        int hottest = Enumerable.Range(0, truth.Count).MaxBy(i => truth[i].BoardKelvin);
        return [.. Enumerable.Range(0, truth.Count).Where(i => i % step == 0 || i == hottest || i == truth.Count - 1).Select(i => truth[i])];
    }
}
