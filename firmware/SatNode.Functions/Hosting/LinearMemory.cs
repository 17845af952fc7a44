namespace SatNode.Functions.Hosting;

/// <summary>What a host call's pointers point into: a function's own memory, or, for a function in a worker process, the memory shared with it.</summary>
internal abstract class LinearMemory
{
    /// <summary>Bytes of it, at this moment.</summary>
    public abstract long Length { get; }

    /// <summary>Where it begins in this process.</summary>
    public abstract nint Address { get; }

    /// <summary>Bytes of it; the caller has checked that they are there. Valid until the function runs on.</summary>
    public abstract Span<byte> Slice(long start, int length);
}
