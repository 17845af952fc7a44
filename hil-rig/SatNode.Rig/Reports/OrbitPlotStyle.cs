namespace SatNode.Rig.Reports;

/// <summary>What the pictures of orbits have in common: size, margins and style sheet, of the same colours as the flights' pictures.</summary>
internal static class OrbitPlotStyle
{
    /// <summary>Width of a picture.</summary>
    public const double Width = 960;

    /// <summary>Left margin.</summary>
    public const double Left = 64;

    /// <summary>Right margin: room for labels.</summary>
    public const double Right = 118;

    /// <summary>Where what is drawn begins below the title.</summary>
    public const double Top = 64;

    /// <summary>The style sheet.</summary>
    public const string Sheet = """

        svg { font-family: Inter, system-ui, "Segoe UI", "Helvetica Neue", "DejaVu Sans", sans-serif; font-size: 12px; background: #fff }
        .page { fill: #fff } .ink { fill: #1b1f24 } .title { fill: #1b1f24; font-size: 18px; font-weight: 600 } .soft { fill: #656d76 }
        .grid { stroke: #d8dee4; stroke-width: 1; fill: none } .axis { stroke: #8c959f; stroke-width: 1; fill: none }
        .sea { fill: #eef3f8 } .land { fill: #d3dbd0; stroke: #b4bfb0; stroke-width: .6; stroke-linejoin: round } .row { fill: #eef1f4 }
        .line { fill: none; stroke-width: 2; stroke-linejoin: round; stroke-linecap: round }
        .lit { stroke: #c8741a } .dark { stroke: #2b4a78 } .lit-ink { fill: #9a560d; font-weight: 600 } .dark-ink { fill: #2b4a78; font-weight: 600 }
        .umbra { fill: #2b4a78 } .penumbra { fill: #9db2d2 } .bar { fill: #2f8f5b } .beta { stroke: #c8741a } .beta-ink { fill: #9a560d; font-weight: 600 }
        .start { fill: #fff; stroke: #1b1f24; stroke-width: 1.8 } .site { fill: #a40e26; stroke: #fff; stroke-width: 1.5 } .best { stroke: #c4391d } .pass { stroke: #1f6fb2; stroke-width: 1.6 }
        @media (prefers-color-scheme: dark) {
          svg { background: #0d1117 } .page { fill: #0d1117 } .ink, .title { fill: #e6edf3 } .soft { fill: #8d96a0 } .grid { stroke: #262c34 } .axis { stroke: #57606a }
          .sea { fill: #121a24 } .land { fill: #2a332c; stroke: #3d4a40 } .row { fill: #161b22 } .lit, .beta { stroke: #f0a04b } .dark { stroke: #79a8e8 } .lit-ink, .beta-ink { fill: #f0a04b } .dark-ink { fill: #79a8e8 }
          .umbra { fill: #79a8e8 } .penumbra { fill: #3c5478 } .bar { fill: #3fb970 } .start { fill: #0d1117; stroke: #e6edf3 } .site { stroke: #0d1117; fill: #ff8062 } .best { stroke: #ff8062 } .pass { stroke: #58a6ff }
        }

        """;

    /// <summary>Begins a picture with its title, and what stands beside or below it.</summary>
    public static SvgText Begin(double height, string title, string subtitle)
    {
        var svg = new SvgText(Width, height, title, Sheet);
        svg.Rectangle(0, 0, Width, height, "page");
        svg.Text(Left, 26, title, "title");
        svg.Text(Left, 46, subtitle, "soft");
        return svg;
    }

    /// <summary>The axis of time (UTC) below a picture, with ticks at round minutes, hours or days.</summary>
    public static void TimeAxis(SvgText svg, PlotAxis hours, DateTimeOffset from, double top, double bottom)
    {
        double[] steps = [1.0 / 60, 5.0 / 60, 10.0 / 60, 0.5, 1, 2, 3, 6, 12, 24, 48, 24 * 7, 24 * 14, 24 * 31];
        double step = steps.FirstOrDefault(step => (hours.High - hours.Low) / step <= 9, 24 * 61);
        string format = step >= 24 ? "d MMM" : hours.High > 24 ? "d MMM HH:mm" : "HH:mm";
        double first = Math.Ceiling((from.UtcDateTime.TimeOfDay.TotalHours / step) - 1e-9) * step - from.UtcDateTime.TimeOfDay.TotalHours;
        for (double hour = first; hour <= hours.High + 1e-9; hour += step)
        {
            svg.Line(hours.At(hour), top, hours.At(hour), bottom, "grid");
            svg.Text(hours.At(hour), bottom + 18, from.AddHours(hour).UtcDateTime.ToString(format, System.Globalization.CultureInfo.InvariantCulture), "soft", "middle");
        }
        svg.Line(hours.Start, bottom, hours.End, bottom, "axis");
    }
}
