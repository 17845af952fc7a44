using Wasmtime;

namespace SatNode.Functions.Hosting;

/// <summary>Advances the engine's epoch while at least one function runs, so that each is looked at once a period; idle it costs nothing.</summary>
/// <remarks>It guards the real CPU, so it ticks in real time, whatever the mission clock's rate; and on a thread of its own, because timers of the
/// thread pool come late when functions keep every pool thread busy.</remarks>
internal sealed class EpochTicker : IDisposable
{
    private readonly Engine _engine;
    private readonly TimeSpan _period;
    private readonly ManualResetEventSlim _busy = new();
    private readonly ManualResetEventSlim _stop = new();
    private readonly Lock _lock = new();
    private readonly Thread _thread;
    private int _running;

    public EpochTicker(Engine engine, TimeSpan period)
    {
        _engine = engine;
        _period = period;
        _thread = new(Run, maxStackSize: 128 * 1024) { IsBackground = true, Name = "function epoch" };
        _thread.Start();
    }

    /// <summary>Call before a function runs.</summary>
    public void Enter()
    {
        lock (_lock)
        {
            if (_running++ == 0 && !_busy.IsSet)
                _busy.Set();
        }
    }

    /// <summary>Call after a function ended, once for each <see cref="Enter"/>.</summary>
    public void Leave()
    {
        lock (_lock)
        {
            _running--; // the ticker finds out by itself: waking it for each of many short functions would cost more than they do
        }
    }

    /// <summary>Stops the ticks. No function may be running.</summary>
    public void Dispose()
    {
        _stop.Set();
        _busy.Set();
        _thread.Join();
        _stop.Dispose();
        _busy.Dispose();
    }

    private void Run()
    {
        while (!_stop.IsSet)
        {
            _busy.Wait();
            _stop.Wait(_period);
            _engine.IncrementEpoch();
            lock (_lock)
            {
                if (_running == 0 && !_stop.IsSet)
                    _busy.Reset();
            }
        }
    }
}
