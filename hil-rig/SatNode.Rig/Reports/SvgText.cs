using System.Globalization;
using System.Security;
using System.Text;

namespace SatNode.Rig.Reports;

/// <summary>Writes the few SVG elements that a plot needs. Colours are classes, so that one style sheet serves light and dark pages.</summary>
internal sealed class SvgText
{
    private readonly StringBuilder _text = new();

    /// <summary>Begins a picture.</summary>
    public SvgText(double width, double height, string title, string style)
    {
        _text.Append(CultureInfo.InvariantCulture, $"<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} {height}\" width=\"{width}\" height=\"{height}\" role=\"img\">\n");
        _text.Append($"<title>{Escape(title)}</title>\n<style>{style}</style>\n");
    }

    public void Rectangle(double x, double y, double width, double height, string @class, double radius = 0, string? title = null)
    {
        _text.Append($"<rect class=\"{@class}\" x=\"{N(x)}\" y=\"{N(y)}\" width=\"{N(Math.Max(0, width))}\" height=\"{N(height)}\"{(radius > 0 ? $" rx=\"{N(radius)}\"" : "")}");
        _text.Append(title is null ? "/>\n" : $"><title>{Escape(title)}</title></rect>\n");
    }

    public void Line(double x1, double y1, double x2, double y2, string @class) =>
        _text.Append($"<line class=\"{@class}\" x1=\"{N(x1)}\" y1=\"{N(y1)}\" x2=\"{N(x2)}\" y2=\"{N(y2)}\"/>\n");

    public void Polyline(IEnumerable<(double X, double Y)> points, string @class)
    {
        _text.Append($"<polyline class=\"{@class}\" points=\"");
        _text.AppendJoin(' ', points.Select(point => $"{N(point.X)},{N(point.Y)}"));
        _text.Append("\"/>\n");
    }

    public void Path(string data, string @class, string? title = null) =>
        _text.Append($"<path class=\"{@class}\" d=\"{data}\"{(title is null ? "/>" : $"><title>{Escape(title)}</title></path>")}\n");

    public void Circle(double x, double y, double radius, string @class) => _text.Append($"<circle class=\"{@class}\" cx=\"{N(x)}\" cy=\"{N(y)}\" r=\"{N(radius)}\"/>\n");

    /// <summary>Writes text; the anchor is start, middle or end.</summary>
    public void Text(double x, double y, string text, string @class, string anchor = "start") =>
        _text.Append($"<text class=\"{@class}\" x=\"{N(x)}\" y=\"{N(y)}\"{(anchor == "start" ? "" : $" text-anchor=\"{anchor}\"")}>{Escape(text)}</text>\n");

    /// <summary>Ends the picture.</summary>
    public string End() => _text.Append("</svg>\n").ToString();

    /// <summary>A coordinate with a tenth of a pixel.</summary>
    public static string N(double value) => Math.Round(value, 1).ToString("0.#", CultureInfo.InvariantCulture);

    private static string Escape(string text) => SecurityElement.Escape(text) ?? "";
}
