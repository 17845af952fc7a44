namespace SatNode.Functions.Runtime;

/// <summary>A module that cannot be deployed. The text says which function, what was expected and what was found.</summary>
public sealed class FunctionModuleException : Exception
{
    /// <summary>Creates the exception with a text such as <c>function denoise: expected an export satnode_handle, found none; not installed</c>.</summary>
    public FunctionModuleException(string message) : base(message)
    {
    }

    /// <summary>Creates the exception around the engine's own.</summary>
    public FunctionModuleException(string message, Exception innerException) : base(message, innerException)
    {
    }
}
