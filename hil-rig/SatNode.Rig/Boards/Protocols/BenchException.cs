namespace SatNode.Rig.Boards.Protocols;

/// <summary>The bench, this machine or a file does not allow what was asked, and nothing was done. The text says where, what was expected, what was found and what to do.</summary>
public sealed class BenchException : Exception
{
    /// <summary>Creates the exception.</summary>
    public BenchException(string message) : base(message)
    {
    }

    /// <summary>Creates the exception around its cause.</summary>
    public BenchException(string message, Exception innerException) : base(message, innerException)
    {
    }
}
