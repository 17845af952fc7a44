namespace SatNode.Protocol.Functions;

/// <summary>How a function's module is called.</summary>
public enum FunctionKind
{
    /// <summary>Exports <c>memory</c>, <c>satnode_alloc</c> and <c>satnode_handle</c>; input and output lie in its linear memory.</summary>
    Reactor = 0,

    /// <summary>A WASI preview-1 command: exports <c>memory</c> and <c>_start</c>; input on stdin, output on stdout.</summary>
    Command = 1,
}
