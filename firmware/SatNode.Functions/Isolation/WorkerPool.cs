using Microsoft.Win32.SafeHandles;
using SatNode.Protocol.Functions;

namespace SatNode.Functions.Isolation;

/// <summary>The workers of one function: some idle, some busy, some about to start. Thread-safe.</summary>
internal sealed class WorkerPool : IDisposable
{
    private static readonly TimeSpan LookPeriod = TimeSpan.FromMilliseconds(20);
    private static readonly TimeSpan TrimAfter = TimeSpan.FromSeconds(5);

    private readonly WorkerStarter _starter;
    private readonly FunctionManifest _manifest;
    private readonly bool _initializes;
    private readonly Func<byte[]?> _code;
    private readonly Stack<Worker> _idle = new();
    private SafeFileHandle? _codeFile;
    private string _lastLoss = "";
    private long _notBefore;
    private int _workers;
    private int _starting;
    private int _lostInARow;
    private bool _isDisposed;

    /// <summary>Makes the pool; no worker is started.</summary>
    /// <param name="starter">What starts them.</param>
    /// <param name="manifest">The function.</param>
    /// <param name="initializes">True when its module has an <c>_initialize</c>.</param>
    /// <param name="code">Its machine code; null when it cannot be had any more.</param>
    public WorkerPool(WorkerStarter starter, FunctionManifest manifest, bool initializes, Func<byte[]?> code)
    {
        _starter = starter;
        _manifest = manifest;
        _initializes = initializes;
        _code = code;
        starter.Add(this);
    }

    /// <summary>Workers that wait for an invocation.</summary>
    public int Idle
    {
        get
        {
            lock (_starter.Gate)
                return _idle.Count;
        }
    }

    /// <summary>True while workers can be started without the machine code being loaded again.</summary>
    public bool HasCode
    {
        get
        {
            lock (_starter.Gate)
                return _codeFile is not null;
        }
    }

    /// <summary>Has a worker started when there is none: for when an invocation is on its way.</summary>
    public void Prepare()
    {
        lock (_starter.Gate)
        {
            if (_workers == 0)
                TryWant();
        }
    }

    /// <summary>Waits for a worker that is free, and has one started when there is a place for it.</summary>
    /// <param name="timeout">How long.</param>
    /// <param name="cancellation">Ends the wait.</param>
    /// <param name="waited">True when there was none that was free.</param>
    /// <param name="reason">Why there is none.</param>
    public Worker? Take(TimeSpan timeout, CancellationToken cancellation, out bool waited, out string reason)
    {
        waited = false;
        long start = TimeProvider.System.GetTimestamp();
        lock (_starter.Gate)
        {
            while (true)
            {
                while (!_isDisposed && _idle.TryPop(out Worker? worker))
                {
                    worker.IdleSince = null;
                    if (worker.IsWell())
                    {
                        reason = "";
                        return worker;
                    }
                    Lost(worker);
                }
                if (!_isDisposed && _starting == 0)
                    TryWant();
                TimeSpan left = timeout - TimeProvider.System.GetElapsedTime(start);
                if (_isDisposed || cancellation.IsCancellationRequested || left <= TimeSpan.Zero)
                {
                    reason = _isDisposed ? "its workers have ended" : _lastLoss.Length > 0 && _workers - _starting == 0
                        ? $"no worker process: {_lostInARow} lost in a row, the last: {_lastLoss}" : "no worker process became free in time";
                    return null;
                }
                waited = true;
                Monitor.Wait(_starter.Gate, left < LookPeriod ? left : LookPeriod);
            }
        }
    }

    /// <summary>Takes a worker back, lost or not.</summary>
    public void Return(Worker worker)
    {
        lock (_starter.Gate)
        {
            if (worker.Loss is not null)
            {
                Lost(worker);
            }
            else if (_isDisposed || worker.Process.CpuTime > WorkerBounds.CpuTimeKept)
            {
                End(worker);
            }
            else
            {
                _lostInARow = 0;
                _idle.Push(worker);
            }
            Monitor.PulseAll(_starter.Gate);
        }
    }

    /// <summary>Ends workers that were idle for longer than the manifest allows, takes memory from others, and finds out which have ended.</summary>
    public void ReleaseIdle(DateTimeOffset now)
    {
        lock (_starter.Gate)
        {
            Worker[] all = [.. _idle.Reverse()];
            _idle.Clear();
            foreach (Worker worker in all)
            {
                worker.IdleSince ??= now;
                if (!worker.IsWell())
                {
                    Lost(worker);
                }
                else if (now - worker.IdleSince >= _manifest.Instances.IdleTimeout)
                {
                    End(worker);
                }
                else
                {
                    if (worker.IsUntrimmed && now - worker.IdleSince >= TrimAfter)
                        worker.Trim();
                    _idle.Push(worker);
                }
            }
            if (_workers == 0)
                DropCode();
        }
    }

    /// <summary>Ends an idle worker, so that another function's may start. Called within the gate.</summary>
    public bool TryGiveUpIdle()
    {
        if (!_idle.TryPop(out Worker? worker))
            return false;
        End(worker);
        return true;
    }

    /// <summary>Starts a worker that was wanted; called by the starter alone.</summary>
    public void Start()
    {
        Worker? worker = null;
        string fault = "";
        try
        {
            worker = Make();
            if (worker is not null && !worker.WaitUntilReady(WorkerBounds.StartTimeout, () => !Volatile.Read(ref _isDisposed) && !_starter.IsDisposed))
                fault = worker.Loss!;
        }
        catch (IOException e)
        {
            fault = e.Message;
        }
        lock (_starter.Gate)
        {
            _starting--;
            if (worker is null || fault.Length > 0 || _isDisposed)
            {
                worker?.Dispose();
                Leave();
                if (!_isDisposed)
                    Note($"could not be started: {(fault.Length > 0 ? fault : "its machine code is gone")}");
            }
            else
            {
                _idle.Push(worker);
            }
            Monitor.PulseAll(_starter.Gate);
        }
    }

    /// <summary>Ends all that are idle; busy ones end when they come back.</summary>
    public void Dispose()
    {
        lock (_starter.Gate)
        {
            _isDisposed = true;
            while (TryGiveUpIdle())
            {
                // the next one
            }
            DropCode();
            _starter.Remove(this);
            Monitor.PulseAll(_starter.Gate);
        }
    }

    private Worker? Make()
    {
        SafeFileHandle? code;
        lock (_starter.Gate)
            code = _codeFile;
        if (code is null)
        {
            if (_code() is not { } bytes)
                return null;
            code = SharedMemory.Sealed(bytes);
            lock (_starter.Gate)
                _codeFile = code;
        }
        (WorkerSocket ours, WorkerSocket theirs) = WorkerSocket.Pair();
        SharedMemory memory;
        try
        {
            memory = SharedMemory.Create();
        }
        catch
        {
            ours.Dispose();
            theirs.Dispose();
            throw;
        }
        using (theirs)
        {
            try
            {
                FunctionWorker.WriteStart(memory.Header, _manifest, _initializes);
                return new(this, _starter.Count(WorkerProcess.Start(_starter.Program, theirs.Handle, memory.File, code)), ours, memory);
            }
            catch
            {
                ours.Dispose();
                memory.Dispose();
                throw;
            }
        }
    }

    // The rest is called within the gate.
    private void TryWant()
    {
        if (_workers < WorkerBounds.WorkersPerFunctionMax && _starter.TryWant(this, _notBefore))
        {
            _workers++;
            _starting++;
        }
    }

    private void Lost(Worker worker)
    {
        End(worker);
        Note(worker.Loss!);
        if (!_isDisposed && _starting == 0)
            TryWant(); // after its back-off
    }

    private void Note(string reason)
    {
        _lastLoss = reason;
        _lostInARow++;
        TimeSpan backOff = WorkerBounds.BackOffMin * Math.Pow(2, Math.Min(_lostInARow - 1, 20));
        backOff = backOff < WorkerBounds.BackOffMax ? backOff : WorkerBounds.BackOffMax;
        _notBefore = _starter.Time.GetTimestamp() + (long)(backOff.TotalSeconds * _starter.Time.TimestampFrequency);
        _starter.WhenLost?.Invoke(new(_manifest.Name, reason, _lostInARow, backOff));
    }

    private void End(Worker worker)
    {
        worker.Dispose();
        Leave();
    }

    private void Leave()
    {
        _workers--;
        _starter.Leave();
    }

    private void DropCode()
    {
        _codeFile?.Dispose();
        _codeFile = null;
    }
}
