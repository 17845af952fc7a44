namespace SatNode.Functions.Isolation;

/// <summary>Starts workers, one after the other, on a thread of its own: the kernel ends a worker with the thread that started it, and no invocation waits for more than it must. Counts the workers
/// of all functions.</summary>
internal sealed class WorkerStarter : IDisposable
{
    private static readonly TimeSpan WaitMax = TimeSpan.FromMilliseconds(100);

    private readonly List<WorkerPool> _pools = [];
    private readonly PriorityQueue<WorkerPool, long> _wanted = new();
    private readonly List<WorkerProcess> _processes = [];
    private readonly Lock _counting = new();
    private TimeSpan _cpuOfEnded;
    private readonly Thread _thread;
    private int _workers;
    private bool _isDisposed;

    public WorkerStarter(WorkerProgram program, TimeProvider time, Action<WorkerLoss>? whenLost)
    {
        Program = program;
        Time = time;
        WhenLost = whenLost;
        _thread = new(Run, maxStackSize: 256 * 1024) { IsBackground = true, Name = "function workers" };
        _thread.Start();
    }

    /// <summary>The one lock of all pools, waited on by whoever needs a worker.</summary>
    public object Gate { get; } = new();

    /// <summary>True when no worker is wanted any more.</summary>
    public bool IsDisposed => Volatile.Read(ref _isDisposed);

    public WorkerProgram Program { get; }

    /// <summary>The machine's clock.</summary>
    public TimeProvider Time { get; }

    public Action<WorkerLoss>? WhenLost { get; }

    /// <summary>CPU time of all workers, living and ended, since the start; it never falls.</summary>
    public TimeSpan CpuTime
    {
        get
        {
            lock (_counting)
            {
                DropEnded();
                return _processes.Aggregate(_cpuOfEnded, (sum, process) => sum + process.CpuTime);
            }
        }
    }

    /// <summary>Counts a worker's CPU time from now on.</summary>
    public WorkerProcess Count(WorkerProcess process)
    {
        lock (_counting)
        {
            DropEnded(); // so that there are never more than there are places, and those that wait to be dropped
            _processes.Add(process);
            return process;
        }
    }

    public void Add(WorkerPool pool)
    {
        lock (Gate)
            _pools.Add(pool);
    }

    public void Remove(WorkerPool pool)
    {
        lock (Gate)
            _pools.Remove(pool);
    }

    /// <summary>Takes a place for a worker and has it started; an idle worker of another function has to go when there is none left. Call it within the gate.</summary>
    public bool TryWant(WorkerPool pool, long notBefore)
    {
        if (_isDisposed || (_workers == WorkerBounds.WorkersMax && !_pools.Any(other => other != pool && other.TryGiveUpIdle())))
            return false;
        _workers++;
        _wanted.Enqueue(pool, notBefore);
        Monitor.PulseAll(Gate);
        return true;
    }

    /// <summary>A worker's place is free again. Call it within the gate.</summary>
    public void Leave() => _workers--;

    public void Dispose()
    {
        lock (Gate)
        {
            _isDisposed = true;
            Monitor.PulseAll(Gate);
        }
        _thread.Join();
        foreach (WorkerPool pool in _pools.ToArray())
            pool.Dispose();
    }

    private void DropEnded()
    {
        foreach (WorkerProcess ended in _processes.FindAll(process => process.HasEnded))
        {
            _cpuOfEnded += ended.CpuTime;
            _processes.Remove(ended);
        }
    }

    private void Run()
    {
        WorkerRights.GiveUpPrivileges(); // of this thread: workers inherit it
        while (TryTakeWanted() is { } pool)
            pool.Start();
    }

    private WorkerPool? TryTakeWanted()
    {
        lock (Gate)
        {
            while (!_isDisposed)
            {
                if (!_wanted.TryPeek(out WorkerPool? pool, out long notBefore))
                    Monitor.Wait(Gate);
                else if (Time.GetTimestamp() < notBefore)
                    Monitor.Wait(Gate, WaitMax);
                else
                    return _wanted.Dequeue();
            }
            return null;
        }
    }
}
