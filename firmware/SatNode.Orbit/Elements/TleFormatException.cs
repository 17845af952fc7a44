namespace SatNode.Orbit.Elements;

/// <summary>A text is not a two-line element set; says where, what was expected and what was found.</summary>
public sealed class TleFormatException : Exception
{
    /// <summary>A fault at a place of the text.</summary>
    /// <param name="line">Line of the text, from 1.</param>
    /// <param name="column">Column of the line, from 1.</param>
    /// <param name="expected">What the format demands there.</param>
    /// <param name="found">What stands there.</param>
    public TleFormatException(int line, int column, string expected, string found)
        : base($"tle: line {line} column {column}: expected {expected}, found {found}")
    {
        Line = line;
        Column = column;
        Expected = expected;
        Found = found;
    }

    /// <summary>Line of the text, from 1.</summary>
    public int Line { get; }

    /// <summary>Column of the line, from 1.</summary>
    public int Column { get; }

    /// <summary>What the format demands there.</summary>
    public string Expected { get; }

    /// <summary>What stands there.</summary>
    public string Found { get; }
}
