namespace SatNode.Functions.Runtime;

/// <summary>What ran a function and holds its output: an instance of this process, or a worker.</summary>
internal interface ICallee
{
    /// <summary>The output of the last call. Valid until it is released.</summary>
    ReadOnlySpan<byte> Output { get; }

    /// <summary>Done with: it may serve again when its invocation did well, else it ends.</summary>
    void Release(bool mayServeAgain);
}
