using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace SatNode.Rig.Scenarios.Yaml;

/// <summary>A map whose keys are asked for one by one. <see cref="Close"/> then refuses the keys nobody asked for and those that are missing,
/// so that a mistyped key never becomes a default.</summary>
internal sealed class YamlMap
{
    private readonly YamlFile _file;
    private readonly YamlMappingNode _node;
    private readonly string _path;
    private readonly Dictionary<string, (Mark Key, YamlNode Value)> _pairs = new(StringComparer.Ordinal);
    private readonly List<string> _known = [];
    private readonly List<string> _missing = [];

    /// <summary>Wraps a map.</summary>
    public YamlMap(YamlFile file, YamlMappingNode node, string path)
    {
        _file = file;
        _node = node;
        _path = path;
        foreach ((YamlNode key, YamlNode value) in node.Children)
        {
            if (key is YamlScalarNode { Value: { } name })
                _pairs[name] = (key.Start, value);
            else
                file.Fault(key.Start, $"{At("")}expected a text as key");
        }
    }

    /// <summary>The file it stands in.</summary>
    public YamlFile File => _file;

    /// <summary>The keys that are there, in the file's order.</summary>
    public IEnumerable<string> Keys => _pairs.Keys;

    /// <summary>The value of a key that may be absent.</summary>
    public YamlValue? Find(string key)
    {
        _known.Add(key);
        return _pairs.TryGetValue(key, out (Mark Key, YamlNode Value) pair) ? new(_file, pair.Value, At(key)) : null;
    }

    /// <summary>The value of a key that must be there; null and a fault when it is not.</summary>
    public YamlValue? Need(string key)
    {
        YamlValue? value = Find(key);
        if (value is null)
            _missing.Add(key);
        return value;
    }

    /// <summary>Notes a fault at the map.</summary>
    public void Fault(string text) => _file.Fault(_node.Start, _path.Length == 0 ? text : $"{_path}: {text}");

    /// <summary>Notes a fault at a key, or at the map when the key is not there.</summary>
    public void FaultAt(string key, string text) => _file.Fault(_pairs.TryGetValue(key, out (Mark Key, YamlNode Value) pair) ? pair.Key : _node.Start, $"{At(key)}: {text}");

    /// <summary>Refuses unknown and missing keys; a missing key whose misspelling was refused is not named twice.</summary>
    public void Close()
    {
        foreach ((string key, (Mark at, _)) in _pairs)
        {
            if (_known.Contains(key, StringComparer.Ordinal))
                continue;
            string? near = NearestName.Find(key, _known.Where(name => !_pairs.ContainsKey(name)));
            if (near is not null)
                _missing.Remove(near);
            string where = _path.Length == 0 ? "" : $" in {_path}";
            string hint = near is null ? $"; known are {string.Join(", ", _known)}" : $"; did you mean '{near}'?";
            _file.Fault(at, $"unknown key '{key}'{where}{hint}");
        }
        CloseForOthers();
    }

    /// <summary>Refuses missing keys alone: the others are for who reads the file next.</summary>
    public void CloseForOthers()
    {
        foreach (string key in _missing)
            _file.Fault(_node.Start, $"missing key '{key}'{(_path.Length == 0 ? "" : $" in {_path}")}");
    }

    private string At(string key) => _path.Length == 0 ? key : $"{_path}.{key}";
}
