using SatNode.Protocol.Functions;

namespace SatNode.Functions.Prefetch;

/// <summary>The bounds of what is read ahead.</summary>
public static class PrefetchLimits
{
    /// <summary>The most keys that are read ahead for one invocation: as many as a manifest names.</summary>
    public const int KeysMax = FunctionManifest.PrefetchMax;

    /// <summary>The most bytes that are read ahead for one invocation: as much as a function may keep on a node.</summary>
    public const long BytesMax = FunctionLimits.StateBytesCeiling;

    /// <summary>The most bytes that are held for all invocations together, 64 MiB: of a board of 1 GB, as much as one function's memory. What is over it is read when it is asked for.</summary>
    public const long NodeBytesMax = 64L * 1024 * 1024;
}
