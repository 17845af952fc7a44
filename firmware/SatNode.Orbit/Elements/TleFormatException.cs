namespace SatNode.Orbit.Elements;

/// <summary>A text is not a two-line element set; says where, what was expected and what was found.</summary>
/// <param name="line">Line of the text, from 1.</param>
/// <param name="column">Column of the line, from 1.</param>
/// <param name="expected">What the format demands there.</param>
/// <param name="found">What stands there.</param>
public sealed class TleFormatException(int line, int column, string expected, string found) : ElementFormatException("tle", line, column, expected, found);
