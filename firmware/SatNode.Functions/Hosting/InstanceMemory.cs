using Wasmtime;

namespace SatNode.Functions.Hosting;

/// <summary>The memory of an instance.</summary>
internal sealed class InstanceMemory(Memory memory) : LinearMemory
{
    /// <inheritdoc/>
    public override long Length => memory.GetLength();

    /// <inheritdoc/>
    public override nint Address => memory.GetPointer();

    /// <inheritdoc/>
    public override Span<byte> Slice(long start, int length) => memory.GetSpan(start, length);
}
