using System.Globalization;
using SatNode.Orbit.Elements;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace SatNode.Rig.Scenarios.Yaml;

/// <summary>A node with its place in the file, read strictly: a number in quotes is not a number. What does not fit is noted as a fault.</summary>
/// <param name="File">The file.</param>
/// <param name="Node">The node.</param>
/// <param name="Path">The keys that lead to it, for example <c>satellites[2].name</c>.</param>
internal sealed record YamlValue(YamlFile File, YamlNode Node, string Path)
{
    private static readonly string[] TimeFormats = ["yyyy-MM-dd'T'HH:mm:ss'Z'", "yyyy-MM-dd'T'HH:mm:ss.FFF'Z'", "yyyy-MM-dd'T'HH:mm'Z'"];

    /// <summary>Notes a fault at this node.</summary>
    public void Fault(string text) => File.Fault(Node.Start, $"{Path}: {text}");

    /// <summary>A text that is not empty, else "" and a fault.</summary>
    public string AsText()
    {
        if (Node is YamlScalarNode { Value: { Length: > 0 } text })
            return text;
        Fault($"expected a text, found {Found()}");
        return "";
    }

    /// <summary>A number within a range, else the lowest and a fault.</summary>
    public double AsNumber(double min, double max)
    {
        if (Node is not YamlScalarNode { Style: ScalarStyle.Plain, Value: { } text }
            || !double.TryParse(text, NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint | NumberStyles.AllowExponent, CultureInfo.InvariantCulture, out double value))
        {
            Fault($"expected a number, found {Found()}");
            return min;
        }
        if (value >= min && value <= max)
            return value;
        Fault($"expected {Round(min)} to {Round(max)}, found {text}");
        return min;
    }

    /// <summary>A whole number within a range, else the lowest and a fault.</summary>
    public long AsInteger(long min, long max)
    {
        if (Node is not YamlScalarNode { Style: ScalarStyle.Plain, Value: { } text }
            || !long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long value))
        {
            Fault($"expected a whole number, found {Found()}");
            return min;
        }
        if (value >= min && value <= max)
            return value;
        Fault($"expected {min} to {max}, found {text}");
        return min;
    }

    /// <summary>True or false, else false and a fault.</summary>
    public bool AsBoolean()
    {
        if (Node is YamlScalarNode { Style: ScalarStyle.Plain, Value: "true" or "false" } scalar)
            return scalar.Value is "true";
        Fault($"expected true or false, found {Found()}");
        return false;
    }

    /// <summary>A moment in UTC from 2000 to 2100, as ISO 8601 with Z, else 2000 and a fault.</summary>
    public DateTimeOffset AsTime()
    {
        var earliest = new DateTimeOffset(2000, 1, 1, 0, 0, 0, TimeSpan.Zero);
        if (Node is YamlScalarNode { Value: { } text } && DateTimeOffset.TryParseExact(text, TimeFormats, CultureInfo.InvariantCulture,
                DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out DateTimeOffset time) && time >= earliest && time.Year < 2100)
        {
            return time;
        }
        Fault($"expected a time of 2000 to 2099 like 2026-06-21T12:00:00Z, found {Found()}");
        return earliest;
    }

    /// <summary>A moment as <see cref="AsTime"/>, at which element sets can have their epoch.</summary>
    public DateTimeOffset AsElementEpoch()
    {
        DateTimeOffset time = AsTime();
        if (time.Year <= Tle.EpochYearMax)
            return time;
        Fault($"expected a time up to {Tle.EpochYearMax}, the last year of element sets, found {time.Year}");
        return time.AddYears(Tle.EpochYearMax - time.Year);
    }

    /// <summary>One of a few words, else the first and a fault.</summary>
    public string AsOneOf(params ReadOnlySpan<string> words)
    {
        string[] known = words.ToArray();
        if (Node is YamlScalarNode { Value: { } text })
        {
            if (known.Contains(text, StringComparer.Ordinal))
                return text;
            string hint = NearestName.Find(text, known) is { } near ? $"; did you mean '{near}'?" : "";
            Fault($"expected {string.Join(" or ", known.Select(word => $"'{word}'"))}, found '{text}'{hint}");
        }
        else
        {
            Fault($"expected {string.Join(" or ", known.Select(word => $"'{word}'"))}, found {Found()}");
        }
        return known[0];
    }

    /// <summary>A map, or null and a fault.</summary>
    public YamlMap? AsMap()
    {
        if (Node is YamlMappingNode map)
            return new(File, map, Path);
        Fault($"expected a map, found {Found()}");
        return null;
    }

    /// <summary>The items of a list, at most a number of them, else none and a fault.</summary>
    public IReadOnlyList<YamlValue> AsList(int max = Limits.MaxEntries)
    {
        if (Node is not YamlSequenceNode list)
        {
            Fault($"expected a list, found {Found()}");
            return [];
        }
        if (list.Children.Count > max)
            Fault($"expected at most {max} entries, found {list.Children.Count}");
        return [.. list.Children.Take(max).Select((child, i) => new YamlValue(File, child, $"{Path}[{i}]"))];
    }

    /// <summary>The full path of a file that must exist, taken against the file's folder; "" and a fault when there is none.</summary>
    public string AsFile(string what)
    {
        string name = AsText();
        if (name.Length == 0)
            return "";
        string path = System.IO.Path.GetFullPath(name, System.IO.Path.GetFullPath(File.Folder));
        if (System.IO.File.Exists(path))
            return path;
        Fault(Directory.Exists(path) ? $"expected {what}, found the folder '{name}'" : $"no such file '{name}' ({what})");
        return "";
    }

    private string Found() => Node switch
    {
        YamlScalarNode { Style: ScalarStyle.Plain, Value: null or "" or "~" or "null" } => "nothing",
        YamlScalarNode { Style: ScalarStyle.Plain } scalar => $"'{Cut(scalar.Value!)}'",
        YamlScalarNode scalar => $"the text \"{Cut(scalar.Value ?? "")}\"",
        YamlSequenceNode => "a list",
        _ => "a map",
    };

    private static string Cut(string text)
    {
        string line = text.ReplaceLineEndings(" ");
        return line.Length <= 40 ? line : line[..40] + "…";
    }

    private static string Round(double value) => value.ToString("0.######", CultureInfo.InvariantCulture);
}
