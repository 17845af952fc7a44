using System.Globalization;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;
using YamlDotNet.RepresentationModel;

namespace SatNode.Ground.Configuration;

/// <summary>A mapping of a YAML document, read strictly: each key is asked for once with its range, and <see cref="End"/> refuses what nobody asked
/// for. Every fault is a <see cref="YamlInputException"/> with source and line.</summary>
internal sealed class YamlSection
{
    private readonly string _source;
    private readonly string _path;
    private readonly YamlMappingNode _node;
    private readonly SortedSet<string> _asked = new(StringComparer.Ordinal);

    /// <summary>How deep keys, lists, the document and the stream may stand in each other.</summary>
    public const int NestingMax = 32;

    private YamlSection(string source, string path, YamlMappingNode node)
    {
        _source = source;
        _path = path;
        _node = node;
    }

    /// <summary>The line on which the section begins.</summary>
    public long Line => _node.Start.Line;

    /// <summary>Parses a text that holds exactly one document, which is a mapping.</summary>
    /// <param name="source">What error texts call the text, a file name for example.</param>
    /// <param name="text">The YAML.</param>
    /// <param name="maxCharacters">The longest text that is looked at.</param>
    public static YamlSection Parse(string source, string text, int maxCharacters)
    {
        if (text.Length > maxCharacters)
            throw new YamlInputException(source, 1, $"expected at most {maxCharacters} characters, found {text.Length}");
        try
        {
            CheckStructure(source, text);
            var stream = new YamlStream();
            using var reader = new StringReader(text);
            stream.Load(reader);
            if (stream.Documents.Count != 1)
                throw new YamlInputException(source, 1, $"expected one document, found {stream.Documents.Count}");
            return stream.Documents[0].RootNode is YamlMappingNode root
                ? new(source, "", root)
                : throw new YamlInputException(source, stream.Documents[0].RootNode.Start.Line, "expected keys and values, found something else");
        }
        catch (YamlException e)
        {
            throw new YamlInputException(source, e.Start.Line, e.Message.TrimEnd('.'));
        }
        catch (Exception e) when (e is InvalidOperationException or ArgumentException) // what the parser throws beside its own kind, over mapping keys and tags that are none
        {
            throw new YamlInputException(source, 1, $"expected YAML, found a text that cannot be read as such: {e.Message.TrimEnd('.')}");
        }
    }

    /// <summary>Refuses what is nested deeper than anything that has a meaning here, and aliases, by which a node may contain itself: nodes are read and compared by recursion, and both
    /// would end the process.</summary>
    private static void CheckStructure(string source, string text)
    {
        using var reader = new StringReader(text);
        var parser = new Parser(reader);
        int depth = 0;
        while (parser.MoveNext())
        {
            if (parser.Current is AnchorAlias)
                throw new YamlInputException(source, parser.Current.Start.Line, "expected no aliases, found one; write out what it stands for");
            depth += parser.Current!.NestingIncrease;
            if (depth > NestingMax)
                throw new YamlInputException(source, parser.Current.Start.Line, $"expected at most {NestingMax} levels, found more");
        }
    }

    /// <summary>A text of 1 to 1,024 characters.</summary>
    public string Text(string key) => OptionalText(key) ?? throw Missing(key, "a text");

    /// <summary>A text, or null when the key is absent.</summary>
    public string? OptionalText(string key)
    {
        if (Find(key) is not { } node)
            return null;
        return node is YamlScalarNode { Value.Length: >= 1 and <= 1024 } scalar ? scalar.Value : throw Fault(key, "expected a text of 1 to 1024 characters");
    }

    /// <summary>A whole number within a range.</summary>
    public int Integer(string key, int min, int max, int? fallback = null) => (int)Whole(key, min, max, fallback);

    /// <summary>A whole number within a range.</summary>
    public long Whole(string key, long min, long max, long? fallback = null)
    {
        if (Find(key) is not { } node)
            return fallback ?? throw Missing(key, $"a whole number of {min} to {max}");
        string? found = (node as YamlScalarNode)?.Value;
        return long.TryParse(found, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long value) && value >= min && value <= max
            ? value
            : throw Fault(key, $"expected a whole number of {min} to {max}, found {Shown(found)}");
    }

    /// <summary>A finite number within a range.</summary>
    public double Real(string key, double min, double max, double? fallback = null)
    {
        if (Find(key) is not { } node)
            return fallback ?? throw Missing(key, $"a number of {min} to {max}");
        return Number(key, node, min, max);
    }

    /// <summary>One of the given words.</summary>
    public string Choice(string key, IReadOnlyList<string> words, string? fallback = null)
    {
        string? found = OptionalText(key);
        if (found is null)
            return fallback ?? throw Missing(key, string.Join(" or ", words));
        return words.Contains(found, StringComparer.Ordinal)
            ? found
            : throw Fault(key, $"expected {string.Join(" or ", words)}, found {Shown(found)}{Suggestion.For(found, words)}");
    }

    /// <summary>A moment in ISO 8601, with its offset from UTC.</summary>
    public DateTimeOffset Time(string key)
    {
        string found = Text(key);
        return found.Contains('T', StringComparison.Ordinal)
            && DateTimeOffset.TryParse(found, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out DateTimeOffset time)
            ? time
            : throw Fault(key, $"expected a time such as 2026-06-21T12:00:00Z, found {Shown(found)}");
    }

    /// <summary>A section that must be there.</summary>
    public YamlSection Section(string key) => OptionalSection(key) ?? throw Missing(key, "keys and values");

    /// <summary>A section, or null when the key is absent.</summary>
    public YamlSection? OptionalSection(string key)
    {
        if (Find(key) is not { } node)
            return null;
        return node is YamlMappingNode mapping ? new(_source, PathOf(key), mapping) : throw Fault(key, "expected keys and values, found something else");
    }

    /// <summary>A list of sections; none when the key is absent.</summary>
    public IReadOnlyList<YamlSection> Sections(string key, int max) => [.. Items(key, max).Select((node, i) => node is YamlMappingNode mapping
        ? new YamlSection(_source, $"{PathOf(key)}[{i}]", mapping)
        : throw new YamlInputException(_source, node.Start.Line, $"{PathOf(key)}[{i}]: expected keys and values, found something else"))];

    /// <summary>A list of texts; none when the key is absent.</summary>
    public IReadOnlyList<string> Texts(string key, int max) => [.. Items(key, max).Select((node, i) => node is YamlScalarNode { Value.Length: >= 1 and <= 1024 } scalar
        ? scalar.Value
        : throw new YamlInputException(_source, node.Start.Line, $"{PathOf(key)}[{i}]: expected a text of 1 to 1024 characters"))];

    /// <summary>A mapping from free names to numbers; none when the key is absent.</summary>
    public IReadOnlyDictionary<string, double> Numbers(string key, double min, double max)
    {
        if (OptionalSection(key) is not { } section)
            return new Dictionary<string, double>(StringComparer.Ordinal);
        return section._node.Children.ToDictionary(pair => ((YamlScalarNode)pair.Key).Value ?? "",
            pair => section.Number(((YamlScalarNode)pair.Key).Value ?? "", pair.Value, min, max), StringComparer.Ordinal);
    }

    /// <summary>Refuses keys that nobody asked for.</summary>
    public void End()
    {
        foreach (YamlNode key in _node.Children.Keys)
        {
            string name = (key as YamlScalarNode)?.Value ?? key.ToString();
            if (!_asked.Contains(name))
                throw new YamlInputException(_source, key.Start.Line, $"{PathOf(name)}: unknown key{Suggestion.For(name, _asked)} (known: {string.Join(", ", _asked)})");
        }
    }

    /// <summary>A fault of a key, for the reader of the section to throw.</summary>
    public YamlInputException Fault(string key, string text) => new(_source, Find(key)?.Start.Line ?? Line, $"{PathOf(key)}: {text}");

    /// <summary>A fault of one item of a list, with the item's own line.</summary>
    public YamlInputException Fault(string key, int index, string text) =>
        new(_source, (Find(key) as YamlSequenceNode)?.Children[index].Start.Line ?? Line, $"{PathOf(key)}[{index}]: {text}");

    private static string Shown(string? found) => found is null ? "no single value" : $"'{(found.Length <= 80 ? found : found[..80] + "…")}'";

    private double Number(string key, YamlNode node, double min, double max)
    {
        string? found = (node as YamlScalarNode)?.Value;
        return double.TryParse(found, NumberStyles.Float, CultureInfo.InvariantCulture, out double value) && value >= min && value <= max
            ? value
            : throw new YamlInputException(_source, node.Start.Line, $"{PathOf(key)}: expected a number of {min} to {max}, found {Shown(found)}");
    }

    private IEnumerable<YamlNode> Items(string key, int max)
    {
        if (Find(key) is not { } node)
            return [];
        if (node is not YamlSequenceNode sequence)
            throw Fault(key, "expected a list, found something else");
        return sequence.Children.Count <= max ? sequence.Children : throw Fault(key, $"expected at most {max} items, found {sequence.Children.Count}");
    }

    private YamlNode? Find(string key)
    {
        _asked.Add(key);
        return _node.Children.TryGetValue(new YamlScalarNode(key), out YamlNode? node) ? node : null;
    }

    private YamlInputException Missing(string key, string expected)
    {
        foreach (YamlNode node in _node.Children.Keys)
        {
            if (node is YamlScalarNode { Value: { } name } && !_asked.Contains(name) && Suggestion.For(name, [key]) is { Length: > 0 } suggestion)
                return new(_source, node.Start.Line, $"{PathOf(name)}: unknown key{suggestion}");
        }
        return new(_source, Line, $"{PathOf(key)}: expected {expected}, found nothing");
    }

    private string PathOf(string key) => _path.Length == 0 ? key : key.Length == 0 ? _path : $"{_path}.{key}";
}
