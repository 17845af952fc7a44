using System.Globalization;
using SatNode.Rig.Scenarios;
using SatNode.Rig.Scenarios.Checks;

namespace SatNode.Rig.Reports;

/// <summary>The objective of a function as a picture: the share of requests that were fast enough over the time, every step of the cluster marked on it, and which
/// satellites had the function when.</summary>
internal static class SloPlot
{
    /// <summary>The plot's name.</summary>
    public const string Name = "objective";

    private const double Width = 960;
    private const double Left = 64;
    private const double Right = 24;
    private const double ShareTop = 84, ShareHeight = 190;
    private const double StripTop = ShareTop + ShareHeight + 18, StripRow = 22;
    private const double StepRow = 19;
    private const double MarkGap = 17; // between the numbers of two steps

    private const string Style = """

        svg { font-family: Inter, system-ui, "Segoe UI", "Helvetica Neue", "DejaVu Sans", sans-serif; font-size: 12px; background: #fff }
        .page { fill: #fff } .ink { fill: #1b1f24 } .title { fill: #1b1f24; font-size: 18px; font-weight: 600 } .soft { fill: #656d76 }
        .grid { stroke: #d8dee4; stroke-width: 1 } .axis { stroke: #8c959f; stroke-width: 1 }
        .missed { fill: #c4391d; fill-opacity: .07 } .row { fill: #eef1f4 } .placed { fill: #2f8f5b }
        .share { fill: none; stroke: #1f6fb2; stroke-width: 2; stroke-linejoin: round; stroke-linecap: round }
        .limit { stroke: #57606a; stroke-width: 1.2; stroke-dasharray: 6 4 } .mark { stroke: #9a4d00; stroke-width: 1 } .mark-ink { fill: #9a4d00; font-weight: 600 }
        @media (prefers-color-scheme: dark) {
          svg { background: #0d1117 } .page { fill: #0d1117 } .ink, .title { fill: #e6edf3 } .soft { fill: #8d96a0 } .grid { stroke: #262c34 } .axis { stroke: #57606a }
          .missed { fill: #ff8062; fill-opacity: .1 } .row { fill: #161b22 } .placed { fill: #3fb970 } .share { stroke: #58a6ff } .limit { stroke: #8d96a0 }
          .mark { stroke: #f0a04b } .mark-ink { fill: #f0a04b }
        }

        """;

    /// <summary>Draws the plot.</summary>
    public static string Draw(FlightRecord flight, CloudTimeline timeline)
    {
        ArgumentNullException.ThrowIfNull(flight);
        ArgumentNullException.ThrowIfNull(timeline);
        Scenario scenario = flight.Scenario;
        CloudRecord cloud = flight.Cloud!;
        string[] satellites = [.. cloud.Deployments.Where(trace => trace.TimeOf("completed") is not null).Select(trace => trace.Satellite).Distinct(StringComparer.Ordinal)];
        double bottom = StripTop + (StripRow * satellites.Length);
        double listTop = bottom + 66;
        double height = listTop + (StepRow * ((timeline.Steps.Count + 1) / 2)) + 12;
        var svg = new SvgText(Width, height, $"{scenario.Cloud!.Function}: requests that were fast enough", Style);
        svg.Rectangle(0, 0, Width, height, "page");
        svg.Text(Left, 28, $"{scenario.Cloud.Function}: requests that were fast enough", "title");
        svg.Text(Left, 48, string.Create(CultureInfo.InvariantCulture,
            $"share answered within {scenario.Cloud.Threshold.TotalSeconds:0.#} s, over {scenario.Cloud.Window.TotalSeconds:0} s, as Prometheus scraped it · {timeline.RequestsTaken} requests · {scenario.Rate:0.#} × real time"), "soft");
        double last = Math.Max(scenario.Duration.TotalMinutes, 1);
        PlotAxis time = PlotAxis.Covering(0, last, 12, Left, Width - Right) with { Low = 0, High = last };
        PlotAxis share = PlotAxis.Covering(0, 100, 5, ShareTop + ShareHeight, ShareTop);

        DateTimeOffset? missed = timeline.Steps.FirstOrDefault(step => step.Name == "objective-missed")?.Time, met = timeline.Steps.FirstOrDefault(step => step.Name == "objective-met")?.Time;
        if (missed is { } from)
        {
            double start = time.At(Minutes(scenario, from)), end = met is { } to ? time.At(Minutes(scenario, to)) : time.End;
            svg.Rectangle(start, ShareTop, end - start, bottom - ShareTop, "missed");
        }
        foreach (double tick in share.Ticks)
        {
            svg.Line(Left, share.At(tick), Width - Right, share.At(tick), "grid");
            svg.Text(Left - 8, share.At(tick) + 4, tick.ToString("0", CultureInfo.InvariantCulture), "soft", "end");
        }
        svg.Text(Left - 8, ShareTop - 10, "%", "soft", "end");
        svg.Line(Left, share.At(100 * scenario.Cloud.Share), Width - Right, share.At(100 * scenario.Cloud.Share), "limit");
        svg.Text(Left + 6, share.At(100 * scenario.Cloud.Share) + 14, string.Create(CultureInfo.InvariantCulture, $"objective {100 * scenario.Cloud.Share:0} %"), "soft");
        DrawMarks(svg, scenario, timeline, time, bottom);
        svg.Polyline(cloud.Share.Where(sample => Minutes(scenario, sample.Time) <= last).Select(sample => (time.At(Minutes(scenario, sample.Time)), share.At(100 * sample.Value))), "share");
        DrawPlacements(svg, scenario, cloud, satellites, time);
        time.DrawMinutes(svg, bottom, scenario.Epoch);
        DrawList(svg, timeline, listTop);
        return svg.End();
    }

    /// <summary>A line a step; steps that are too near for a number each share one label.</summary>
    private static void DrawMarks(SvgText svg, Scenario scenario, CloudTimeline timeline, PlotAxis time, double bottom)
    {
        double[] at = [.. timeline.Steps.Where(step => step.Time is not null).Select(step => time.At(Minutes(scenario, step.Time!.Value)))];
        foreach (double x in at)
            svg.Line(x, ShareTop - 6, x, bottom, "mark");
        for (int first = 0; first < at.Length;)
        {
            int last = first;
            while (last + 1 < at.Length && at[last + 1] - at[last] < MarkGap)
                last++;
            string label = first == last ? $"{first + 1}" : $"{first + 1}–{last + 1}";
            svg.Text((at[first] + at[last]) / 2, ShareTop - 10, label, "mark-ink", "middle");
            first = last + 1;
        }
    }

    private static void DrawPlacements(SvgText svg, Scenario scenario, CloudRecord cloud, string[] satellites, PlotAxis time)
    {
        for (int i = 0; i < satellites.Length; i++)
        {
            double top = StripTop + (i * StripRow);
            svg.Rectangle(Left, top + 3, Width - Right - Left, StripRow - 6, "row", 3);
            DateTimeOffset since = cloud.Deployments.First(trace => trace.Satellite == satellites[i] && trace.TimeOf("completed") is not null).TimeOf("completed")!.Value;
            double from = time.At(Math.Clamp(Minutes(scenario, since), 0, time.High));
            svg.Rectangle(from, top + 6, time.End - from, StripRow - 12, "placed", 2, $"{satellites[i]} has the function");
            svg.Text(Left - 8, top + 15, satellites[i], "soft", "end");
        }
    }

    /// <summary>What the numbers mean, in two columns.</summary>
    private static void DrawList(SvgText svg, CloudTimeline timeline, double top)
    {
        int half = (timeline.Steps.Count + 1) / 2;
        svg.Text(Left, top - 8, "seconds of the world since the objective was missed, and who did it", "soft");
        for (int i = 0; i < timeline.Steps.Count; i++)
        {
            CloudStep step = timeline.Steps[i];
            double x = Left + (i / half * ((Width - Left) / 2)), y = top + (i % half * StepRow) + 12;
            svg.Text(x, y, (i + 1).ToString(CultureInfo.InvariantCulture), "mark-ink", "end");
            svg.Text(x + 8, y, step.Name, "ink");
            svg.Text(x + 170, y, timeline.SinceMissed(step) is { } seconds ? string.Create(CultureInfo.InvariantCulture, $"{seconds:+0.0;-0.0;0.0} s · {step.By}") : "did not happen", "soft");
        }
    }

    private static double Minutes(Scenario scenario, DateTimeOffset time) => (time - scenario.Epoch).TotalMinutes;
}
