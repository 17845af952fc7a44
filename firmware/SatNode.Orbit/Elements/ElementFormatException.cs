namespace SatNode.Orbit.Elements;

/// <summary>A text does not hold the element sets it should; says where, what was expected and what was found.</summary>
public abstract class ElementFormatException : Exception
{
    private protected ElementFormatException(string format, int line, int column, string expected, string found)
        : base($"{format}: line {line} column {column}: expected {expected}, found {found}")
    {
        Line = line;
        Column = column;
        Expected = expected;
        Found = found;
    }

    /// <summary>Line of the text, from 1.</summary>
    public int Line { get; }

    /// <summary>Column of the line, from 1; in JSON, bytes of the line.</summary>
    public int Column { get; }

    /// <summary>What the format demands there.</summary>
    public string Expected { get; }

    /// <summary>What stands there.</summary>
    public string Found { get; }
}
