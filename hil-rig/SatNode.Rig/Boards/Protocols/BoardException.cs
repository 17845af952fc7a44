namespace SatNode.Rig.Boards.Protocols;

/// <summary>A board did not do what it was asked to. The text says which board, what was expected and what was found.</summary>
public sealed class BoardException : Exception
{
    /// <summary>Creates the exception.</summary>
    public BoardException(string message) : base(message)
    {
    }

    /// <summary>Creates the exception around its cause.</summary>
    public BoardException(string message, Exception innerException) : base(message, innerException)
    {
    }
}
