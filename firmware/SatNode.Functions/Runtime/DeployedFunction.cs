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

/// <summary>A function that is ready to run, with its idle instances. Owns its machine code; dispose it when no new invocation is wanted: running ones end as they would.</summary>
/// <remarks>After <see cref="FunctionInstances.IdleTimeout"/> without an invocation, and when there was none yet, it holds neither instances nor machine code; the next one loads the
/// code from the cache.</remarks>
public sealed class DeployedFunction : IDisposable
{
    private readonly Lock _lock = new();
    private readonly Stack<FunctionInstance> _idle = new();
    private readonly Func<Module?> _load;
    private readonly WarmBudget _warm;
    private Module? _module;
    private DateTimeOffset _lastUsed;
    private int _running;
    private bool _isDisposed;

    internal DeployedFunction(FunctionManifest manifest, Module module, bool initializes, ModuleOrigin origin, string cacheRemark, Func<Module?> load, bool mayUnload,
        WarmBudget warm)
    {
        Manifest = manifest;
        _module = module;
        Initializes = initializes;
        Origin = origin;
        CacheRemark = cacheRemark;
        _load = load;
        MayUnload = mayUnload;
        _warm = warm;
    }

    /// <summary>The manifest it was installed with.</summary>
    public FunctionManifest Manifest { get; }

    /// <summary>Where its machine code came from.</summary>
    public ModuleOrigin Origin { get; }

    /// <summary>Why the cache was not used or not written, for an event; empty when all went well.</summary>
    public string CacheRemark { get; }

    /// <summary>True while its machine code is in memory.</summary>
    public bool IsLoaded
    {
        get
        {
            lock (_lock)
                return _module is not null;
        }
    }

    /// <summary>Instances that wait for an invocation.</summary>
    public int IdleInstances
    {
        get
        {
            lock (_lock)
                return _idle.Count;
        }
    }

    internal bool Initializes { get; }

    internal bool IsDisposed
    {
        get
        {
            lock (_lock)
                return _isDisposed;
        }
    }

    private bool MayUnload { get; }

    /// <summary>Loads the machine code if it is not in memory: for when an invocation is on its way.</summary>
    /// <returns>False when it cannot be had any more.</returns>
    public bool Prepare()
    {
        lock (_lock)
            return !_isDisposed && (_module ??= _load()) is not null;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        lock (_lock)
        {
            _isDisposed = true;
            DropIdle();
            Unload();
        }
    }

    /// <summary>An idle instance, or the machine code to make one from.</summary>
    internal InstanceStart Begin(out FunctionInstance? instance, out Module? module)
    {
        lock (_lock)
        {
            instance = null;
            module = _module;
            if (_isDisposed)
                return InstanceStart.None;
            _running++;
            if (_idle.TryPop(out instance))
            {
                _warm.Return(instance.MemoryBytes);
                return InstanceStart.Warm;
            }
            if (module is not null)
                return InstanceStart.Fresh;
            module = _module = _load();
            if (module is not null)
                return InstanceStart.Cold;
            _running--;
            return InstanceStart.None;
        }
    }

    /// <summary>Call once for each <see cref="Begin"/> that gave something, when the invocation ended.</summary>
    internal void End(DateTimeOffset now)
    {
        lock (_lock)
        {
            _running--;
            _lastUsed = now;
            if (_isDisposed)
                Unload();
        }
    }

    /// <summary>Takes an instance back to serve again.</summary>
    internal bool TryKeep(FunctionInstance instance)
    {
        lock (_lock)
        {
            if (_isDisposed || _idle.Count >= Manifest.Instances.KeepWarmMax || !_warm.TryTake(instance.MemoryBytes))
                return false;
            _idle.Push(instance);
            return true;
        }
    }

    /// <summary>Gives up what has been idle for too long.</summary>
    internal void ReleaseIdle(DateTimeOffset now)
    {
        lock (_lock)
        {
            if (_running > 0 || _lastUsed + Manifest.Instances.IdleTimeout > now)
                return;
            DropIdle();
            if (MayUnload)
                Unload();
        }
    }

    private void DropIdle()
    {
        while (_idle.TryPop(out FunctionInstance? instance))
        {
            _warm.Return(instance.MemoryBytes);
            instance.Dispose();
        }
    }

    private void Unload()
    {
        if (_running > 0)
            return;
        _module?.Dispose();
        _module = null;
    }
}
