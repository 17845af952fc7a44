using SatNode.Functions.Hosting;
using SatNode.Functions.Runtime;
using SatNode.Protocol.Functions;
using Wasmtime;

namespace SatNode.Functions.Isolation;

/// <summary>The agent's end of a worker process: hands it invocations, serves its host calls with the agent's own checks, and ends it when it does what it may not.</summary>
/// <remarks>A worker may have been taken over by its function. Nothing that it says is believed: a frame that cannot be ends it, pointers are checked against the shared window, fuel only
/// falls, CPU time is the kernel's count, and what it changes is noted here and committed only when its invocation completed.</remarks>
internal sealed class Worker : ICallee, IDisposable
{
    private readonly WorkerPool? _pool;
    private readonly WorkerProcess _process;
    private readonly WorkerSocket _socket;
    private readonly SharedMemory _memory;
    private readonly InvocationContext _context;
    private readonly byte[] _packet = new byte[WorkerBounds.FrameBytes];
    private readonly ValueBox[] _arguments = new ValueBox[WorkerFrame.ArgumentsMax];
    private readonly ValueBox[] _results = new ValueBox[1];
    private GuestFaultException? _fault;
    private TimeSpan _cpuStart;
    private ulong _invocation;
    private int _outputBytes;

    /// <summary>Takes over the agent's ends of a started worker.</summary>
    public Worker(WorkerPool? pool, WorkerProcess process, WorkerSocket socket, SharedMemory memory)
    {
        _pool = pool;
        _process = process;
        _socket = socket;
        _memory = memory;
        _context = new() { Worker = this, Memory = memory };
    }

    public WorkerProcess Process => _process;

    /// <summary>When it was first seen idle, on the mission clock; null while it is busy.</summary>
    public DateTimeOffset? IdleSince { get; set; }

    /// <summary>True when its window may hold pages that an idle worker need not have.</summary>
    public bool IsUntrimmed { get; private set; }

    /// <summary>True when no invocation came to it yet.</summary>
    public bool IsNew => _invocation == 0;

    /// <summary>Fuel that the running function has left.</summary>
    public ulong Fuel { get; set; }

    /// <summary>CPU time of the process since the invocation began.</summary>
    public TimeSpan CpuTime => _process.CpuTime - _cpuStart;

    /// <summary>Why it is lost; null while it is not.</summary>
    public string? Loss { get; private set; }

    /// <inheritdoc/>
    public ReadOnlySpan<byte> Output => _memory.Window[.._outputBytes];

    /// <summary>Waits until it is ready; false when it was not in time, is lost, or nobody wants it any more.</summary>
    public bool WaitUntilReady(TimeSpan timeout, Func<bool> isWanted)
    {
        _socket.SetTimeout(WorkerBounds.LookPeriod);
        long start = TimeProvider.System.GetTimestamp();
        try
        {
            int length;
            while ((length = _socket.Receive(_packet)) < 0)
            {
                if (!isWanted() || TimeProvider.System.GetElapsedTime(start) > timeout)
                    throw new WorkerFaultException($"expected it to be ready within {timeout.TotalSeconds} s, found it was not");
            }
            _ = Expect(length, FrameKind.Ready, FrameKind.Ready);
            return true;
        }
        catch (WorkerFaultException e)
        {
            Lose(e);
            return false;
        }
    }

    /// <summary>True unless it ended, or said something unasked, while nobody looked.</summary>
    public bool IsWell()
    {
        int length = _socket.Receive(_packet, wait: false);
        if (length >= 0)
            Lose(new WorkerFaultException($"expected nothing from an idle worker, found {length} bytes") { HasEnded = length == 0 });
        return Loss is null;
    }

    /// <summary>Runs an invocation. What the node does about the outcome, and whether the worker may serve again, is the caller's affair.</summary>
    /// <remarks>An exception of <paramref name="environment"/>'s own leaves this unchanged; the worker is lost then.</remarks>
    public InvocationOutcome Run(FunctionRuntime runtime, FunctionManifest manifest, string actor, ReadOnlySpan<byte> input, Lazy<ReadOnlyMemory<byte>?>? pending,
        IFunctionEnvironment environment, InvocationContext? caller, EffectLog effects, ulong fuel, CancellationToken cancellation)
    {
        Fuel = fuel;
        _outputBytes = 0;
        _cpuStart = _process.CpuTime;
        _invocation++;
        IsUntrimmed = true;
        _context.Begin(runtime, manifest, actor, default, environment, caller, effects, cancellation);
        WorkerResult result;
        _fault = null;
        try
        {
            result = Serve(pending is null ? input : _context.Receive(pending).Span);
        }
        catch (WorkerFaultException e)
        {
            Lose(e);
            result = new(InvocationEnd.Trapped, GaveUp: false, InstanceStart.Fresh, 0, 0, 0, 0, "", $"its worker process was lost: {Loss}");
        }
        catch (GuestFaultException e)
        {
            _fault = e;
            result = new(e.End, e.IsOwnDecision, InstanceStart.Fresh, 0, 0, 0, 0, e.Limit, e.Message);
        }
        catch (Exception e)
        {
            Lose(new WorkerFaultException($"the node failed to serve a host call: {e.Message}"));
            throw;
        }
        finally
        {
            _context.Keep(null);
        }
        _outputBytes = result.OutputBytes;
        return new InvocationOutcome
        {
            End = result.End,
            Reason = result.Reason,
            Limit = result.Limit.Length > 0 ? result.Limit : _context.LimitReached,
            GaveUp = result.GaveUp,
            OutputBytes = result.OutputBytes,
            IsCallersLimit = _fault?.Owner is { } owner ? owner != _context : result.End == InvocationEnd.OutOfFuel && fuel < manifest.Limits.FuelMax,
            InputBytes = pending is null ? input.Length : _context.ReceivedBytes,
            FuelUsed = fuel - Fuel,
            MemoryBytesHighest = result.MemoryBytesHighest,
            ResidentBytesHighest = _process.ResidentBytesHighest,
            HostCalls = Math.Max(result.HostCalls, _context.HostCalls),
            LogLinesLost = result.LogLinesLost + _context.LogLinesLost,
            Start = result.Start,
            CpuTime = _context.CpuTime,
            WallTime = _context.WallTime,
            RestOwed = _context.RestOwed,
        };
    }

    /// <inheritdoc/>
    public void Release(bool mayServeAgain)
    {
        _outputBytes = 0;
        if (_pool is null)
            Dispose();
        else
            _pool.Return(this);
    }

    /// <summary>Gives back what an idle worker need not have.</summary>
    public void Trim()
    {
        _memory.Trim();
        IsUntrimmed = false;
    }

    /// <summary>Ends the process.</summary>
    public void Dispose()
    {
        _socket.Dispose();
        _process.End(isEnding: false);
        _memory.Dispose();
    }

    private void Lose(WorkerFaultException fault)
    {
        string end = _process.End(fault.HasEnded);
        Loss = fault.HasEnded && end.StartsWith("signal", StringComparison.Ordinal) ? end : $"{fault.Message}; {end}";
    }

    private WorkerResult Serve(ReadOnlySpan<byte> input)
    {
        input.CopyTo(_memory.Window);
        _memory.IsStopped = false;
        _memory.Share = _context.Pace();
        var begin = new WorkerFrame { Kind = FrameKind.Begin, Fuel = Fuel };
        begin.Values[0] = input.Length;
        Send(begin);
        GuestFaultException? fault = null;
        bool isRefused = false;
        TimeProvider time = TimeProvider.System;
        long looked = time.GetTimestamp(), stopped = 0, watched = looked;
        TimeSpan cpuWatched = TimeSpan.Zero;
        while (true)
        {
            int length = _socket.Receive(_packet);
            if (fault is null && (length < 0 || time.GetElapsedTime(looked) > WorkerBounds.LookPeriod))
            {
                fault = Look();
                looked = stopped = time.GetTimestamp();
                if (time.GetElapsedTime(watched, looked) > WorkerBounds.StallPeriod)
                {
                    TimeSpan cpu = CpuTime;
                    if (cpu - cpuWatched < WorkerBounds.StallCpuMin)
                    {
                        throw new WorkerFaultException(
                            $"expected it to work, found {(cpu - cpuWatched).TotalMilliseconds:F1} ms of CPU time used in {WorkerBounds.StallPeriod.TotalSeconds} s");
                    }
                    (watched, cpuWatched) = (looked, cpu);
                }
            }
            WorkerFrame frame = length < 0 ? default : Expect(length, FrameKind.Call, FrameKind.Result);
            Fuel = length < 0 ? Fuel : Math.Min(Fuel, frame.Fuel);
            if (frame.Kind == FrameKind.Result)
            {
                WorkerResult result = WorkerResult.Read(frame, _memory.Header, _context.Manifest);
                // One that completed just when it was told to end has completed.
                if (fault is null || (result.End == InvocationEnd.Completed && !isRefused))
                    return result;
                _fault = fault;
                return result with { End = fault.End, GaveUp = fault.IsOwnDecision, OutputBytes = 0, Limit = fault.Limit, Reason = fault.Message };
            }
            if (fault is not null && time.GetElapsedTime(stopped) > WorkerBounds.StopGrace)
            {
                Lose(new WorkerFaultException($"expected it to stop within {WorkerBounds.StopGrace.TotalMilliseconds} ms, found it running"));
                throw fault;
            }
            if (frame.Kind != FrameKind.Call)
                continue;
            if (fault is not null)
            {
                isRefused = true;
                Send(new WorkerFrame { Kind = FrameKind.Reply, Code = 1 });
                continue;
            }
            long asked = time.GetTimestamp();
            fault = Answer(frame);
            stopped = time.GetTimestamp();
            watched += stopped - asked; // it waited for this side
            if (fault is not null)
                _memory.IsStopped = isRefused = true;
        }
    }

    /// <summary>Looks whether the invocation has to end, and tells the worker.</summary>
    private GuestFaultException? Look()
    {
        try
        {
            _context.Check();
            _memory.Share = _context.Pace();
            return null;
        }
        catch (GuestFaultException e)
        {
            _memory.IsStopped = true;
            return e;
        }
    }

    /// <summary>Does a host call. Returns what has to end the invocation.</summary>
    private GuestFaultException? Answer(WorkerFrame frame)
    {
        if (frame.Code < 0 || frame.Code >= WorkerCalls.Served.Count)
            throw new WorkerFaultException($"call: expected a number of 0 to {WorkerCalls.Served.Count - 1}, found {frame.Code}");
        HostFunction call = WorkerCalls.Served[frame.Code];
        for (int i = 0; i < call.Parameters.Length; i++)
            _arguments[i] = call.Parameters[i] == 'i' ? unchecked((int)frame.Values[i]) : frame.Values[i];
        ulong before = Fuel;
        try
        {
            if (WorkerCalls.IsFunctions(frame.Code))
                _context.CountHostCall();
            call.Body(_context, _arguments.AsSpan(0, call.Parameters.Length), _results.AsSpan(0, call.Result.Length));
        }
        catch (GuestFaultException e)
        {
            Send(new WorkerFrame { Kind = FrameKind.Reply, Code = 1 });
            return e;
        }
        var reply = new WorkerFrame { Kind = FrameKind.Reply, Fuel = before - Fuel };
        if (call.Result.Length > 0)
            reply.Values[0] = call.Result is "i" ? _results[0].AsInt32() : _results[0].AsInt64();
        Send(reply);
        return null;
    }

    private void Send(WorkerFrame frame)
    {
        frame.Invocation = _invocation;
        frame.Write(_packet);
        if (!_socket.Send(_packet))
            throw new WorkerFaultException("expected it to read what it asked for, found its socket closed or full") { HasEnded = true };
    }

    private WorkerFrame Expect(int length, FrameKind one, FrameKind other)
    {
        if (length == 0)
            throw Ended();
        if (length != WorkerBounds.FrameBytes)
            throw new WorkerFaultException($"frame: expected {WorkerBounds.FrameBytes} bytes, found {length}");
        WorkerFrame frame = WorkerFrame.Read(_packet);
        if (frame.Kind != one && frame.Kind != other)
            throw new WorkerFaultException($"frame: expected a {(one == other ? one : $"{one} or {other}")}, found {frame.Kind}");
        return frame.Invocation == _invocation ? frame
            : throw new WorkerFaultException($"frame: expected invocation {_invocation}, found {frame.Invocation}");
    }

    private static WorkerFaultException Ended() => new("its end of the socket is closed") { HasEnded = true };
}
