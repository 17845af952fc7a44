namespace SatNode.Ground.Configuration;

/// <summary>A YAML text that is not what it should be. The text is <c>source:line: what was expected and found</c>.</summary>
internal sealed class YamlInputException(string source, long line, string text) : Exception($"{source}:{line}: {text}");
