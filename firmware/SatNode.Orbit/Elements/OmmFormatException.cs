namespace SatNode.Orbit.Elements;

/// <summary>A text is not an orbit mean-elements message (OMM) that SGP4 can fly; says where, what was expected and what was found.</summary>
/// <param name="line">Line of the text, from 1.</param>
/// <param name="column">Column of the line, from 1; in JSON, bytes of the line.</param>
/// <param name="expected">What the format demands there.</param>
/// <param name="found">What stands there.</param>
public sealed class OmmFormatException(int line, int column, string expected, string found) : ElementFormatException("omm", line, column, expected, found);
