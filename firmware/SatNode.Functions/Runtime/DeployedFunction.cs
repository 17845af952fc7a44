using SatNode.Protocol.Functions;
using Wasmtime;

namespace SatNode.Functions.Runtime;

/// <summary>Where a deployed function's machine code came from.</summary>
public enum ModuleOrigin
{
    /// <summary>Compiled now.</summary>
    Compiled = 0,

    /// <summary>Taken from the cache.</summary>
    Cache = 1,
}

/// <summary>A function that is ready to run. Owns its machine code; dispose it when no new invocation is wanted: running ones end as they would.</summary>
public sealed class DeployedFunction : IDisposable
{
    internal DeployedFunction(FunctionManifest manifest, Module module, bool initializes, ModuleOrigin origin, string cacheRemark)
    {
        Manifest = manifest;
        Module = module;
        Initializes = initializes;
        Origin = origin;
        CacheRemark = cacheRemark;
    }

    /// <summary>The manifest it was installed with.</summary>
    public FunctionManifest Manifest { get; }

    /// <summary>Where its machine code came from.</summary>
    public ModuleOrigin Origin { get; }

    /// <summary>Why the cache was not used or not written, for an event; empty when all went well.</summary>
    public string CacheRemark { get; }

    internal Module Module { get; }

    internal bool Initializes { get; }

    /// <inheritdoc/>
    public void Dispose() => Module.Dispose();
}
