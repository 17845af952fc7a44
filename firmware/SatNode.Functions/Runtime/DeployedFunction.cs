using SatNode.Functions.Isolation;
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
    private FunctionInstance? _ahead;
    private long _aheadBytes;
    private bool _startsItself;

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

    /// <summary>Instances, or worker processes, that wait for an invocation.</summary>
    public int IdleInstances
    {
        get
        {
            if (Workers is { } workers)
                return workers.Idle;
            lock (_lock)
                return _idle.Count;
        }
    }

    /// <summary>True while a fresh instance is ready for the next invocation.</summary>
    public bool IsAhead
    {
        get
        {
            lock (_lock)
                return _ahead is not null;
        }
    }

    internal bool Initializes { get; }

    /// <summary>Its worker processes; null when it runs in the agent's.</summary>
    internal WorkerPool? Workers { get; init; }

    internal bool IsDisposed
    {
        get
        {
            lock (_lock)
                return _isDisposed;
        }
    }

    private bool MayUnload { get; }

    /// <summary>Loads the machine code if it is not in memory, or has a worker process started if there is none: for when an invocation is on its way.</summary>
    /// <returns>False when it cannot be had any more.</returns>
    public bool Prepare()
    {
        Workers?.Prepare();
        lock (_lock)
        {
            if (Workers is { HasCode: true })
                return !_isDisposed;
            return !_isDisposed && (_module ??= _load()) is not null;
        }
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
        Workers?.Dispose();
    }

    /// <summary>Its machine code, for a worker process; null when it cannot be had any more.</summary>
    internal byte[]? Serialize()
    {
        lock (_lock)
        {
            if (_isDisposed || (_module ??= _load()) is not { } module)
                return null;
            byte[] code = module.Serialize();
            if (MayUnload)
                Unload();
            return code;
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
            if (_ahead is not null)
            {
                (instance, _ahead) = (_ahead, null);
                _warm.Return(_aheadBytes);
                return InstanceStart.Ahead;
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

    /// <summary>Loads the machine code, and makes one fresh instance ready where none waits and the board's bound leaves room. None of the function's own code runs: what it does when it
    /// starts belongs to an invocation.</summary>
    internal bool Warm(FunctionEngine engine, DateTimeOffset now)
    {
        if (Workers is not null)
            return Prepare();
        lock (_lock)
        {
            if (_isDisposed || (_module ??= _load()) is not { } module)
                return false;
            if (now > _lastUsed)
                _lastUsed = now;
            long bytes = module.Exports.OfType<MemoryExport>().First().Minimum * Memory.PageSize; // the inspector saw to it that there is one
            if (_ahead is not null || _idle.Count > 0 || _startsItself || !_warm.TryTake(bytes))
                return true;
            var instance = new FunctionInstance(engine, this);
            try
            {
                instance.Instantiate(module);
                (_ahead, _aheadBytes) = (instance, bytes);
            }
            catch (WasmtimeException e)
            {
                // A start section is the function's own code and has no fuel here. Whatever else it is, the invocation will say it.
                _startsItself = e is TrapException;
                instance.Dispose();
                _warm.Return(bytes);
            }
            return true;
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
        Workers?.ReleaseIdle(now);
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
        if (_ahead is null)
            return;
        _warm.Return(_aheadBytes);
        _ahead.Dispose();
        _ahead = null;
    }

    private void Unload()
    {
        if (_running > 0)
            return;
        _module?.Dispose();
        _module = null;
    }
}
