using System.Buffers;
using System.Runtime.InteropServices;
using System.Text;
using SatNode.Functions.Isolation;
using SatNode.Functions.Runtime;
using SatNode.Protocol.Functions;
using Wasmtime;

namespace SatNode.Functions.Hosting;

/// <summary>All that belongs to one invocation: its input, its budget, and its effects until they are committed. A warm instance begins it anew each time.</summary>
internal sealed class InvocationContext
{
    private IFunctionEnvironment _environment = null!;
    private CancellationToken _cancellation;
    private ReadOnlyMemory<byte> _input;
    private ArrayBufferWriter<byte>? _output;
    private LinearMemory? _memory;
    private TimeSpan _cpuStart;
    private long _wallStart;
    private ulong _random;
    private int _inputTaken;
    private int _logLines;
    private TimeSpan _cpuSeen;
    private TimeSpan _rest;

    public FunctionManifest Manifest { get; private set; } = null!;

    public IFunctionEnvironment Environment => _environment;

    /// <summary>The invocation that called this one; null for the first.</summary>
    public InvocationContext? Caller { get; private set; }

    /// <summary>The key of the actor that handles a message here; empty when it is none.</summary>
    public string Actor { get; private set; } = "";

    /// <summary>The key under which its memory is kept.</summary>
    public string ActorMemoryKey { get; private set; } = "";

    /// <summary>What runs it.</summary>
    public FunctionRuntime Runtime { get; private set; } = null!;

    public EffectLog Effects { get; private set; } = null!;

    /// <summary>How many stand above it, over all nodes.</summary>
    public int Depth { get; private set; }

    /// <summary>How many stand above it on this thread.</summary>
    public int Nested { get; private set; }

    /// <summary>The store it runs in; null when it runs in a worker process.</summary>
    public Store? Store { get; set; }

    /// <summary>The worker process that it runs in; null when it runs in a store of this process.</summary>
    public Worker? Worker { get; init; }

    /// <summary>Fuel that it has left.</summary>
    public ulong Fuel
    {
        get => Worker is { } worker ? worker.Fuel : Store!.Fuel;
        set
        {
            if (Worker is { } worker)
                worker.Fuel = value;
            else
                Store!.Fuel = value;
        }
    }

    /// <summary>The last function that it called, kept until its output is taken.</summary>
    public ICallee? Callee { get; private set; }

    /// <summary>What the shim of a warm instance handed over.</summary>
    public long Returned { get; set; }

    /// <summary>The length of an input that came while the instance started.</summary>
    public int ReceivedBytes { get; private set; }

    public int HostCalls { get; private set; }

    public int LogLinesLost { get; private set; }

    /// <summary>The first limit that refused something.</summary>
    public string LimitReached { get; private set; } = "";

    /// <summary>CPU time of its thread and, where it has one, of its worker process, since it began.</summary>
    public TimeSpan CpuTime => ThreadCpuClock.Now - _cpuStart + (Worker?.CpuTime ?? TimeSpan.Zero);

    /// <summary>The rest that this thread owed for its share of a core so far.</summary>
    public TimeSpan RestOwed { get; private set; }

    public TimeSpan WallTime => TimeProvider.System.GetElapsedTime(_wallStart);

    public ReadOnlySpan<byte> Output => _output is null ? default : _output.WrittenSpan;

    public LinearMemory Memory
    {
        get => _memory ?? throw new GuestFaultException(InvocationEnd.Trapped, "host call: expected an exported memory, found none");
        init => _memory = value;
    }

    /// <summary>Begins an invocation.</summary>
    public void Begin(FunctionRuntime runtime, FunctionManifest manifest, string actor, ReadOnlyMemory<byte> input, IFunctionEnvironment environment, InvocationContext? caller, EffectLog effects,
        CancellationToken cancellation)
    {
        Runtime = runtime;
        Manifest = manifest;
        if (!string.Equals(Actor, actor, StringComparison.Ordinal))
            (Actor, ActorMemoryKey) = (actor, actor.Length == 0 ? "" : ServiceKeys.ActorMemory(actor));
        _input = input;
        _environment = environment;
        Caller = caller;
        Effects = effects;
        _cancellation = cancellation;
        Depth = caller is null ? environment.Depth : caller.Depth + 1;
        Nested = caller is null ? 0 : caller.Nested + 1;
        _random = caller is null ? environment.Seed : caller.NextRandom();
        _output?.ResetWrittenCount();
        _inputTaken = ReceivedBytes = 0;
        Count();
    }

    /// <summary>Waits for the input that was on its way while the instance started; what this thread does for it is not the function's CPU time.</summary>
    /// <exception cref="GuestFaultException">It did not come, or is longer than the manifest allows.</exception>
    public ReadOnlyMemory<byte> Receive(Lazy<ReadOnlyMemory<byte>?> pending)
    {
        TimeSpan before = ThreadCpuClock.Now;
        ReadOnlyMemory<byte>? input = pending.Value;
        _cpuStart += ThreadCpuClock.Now - before;
        if (input is not { } received)
            throw new GuestFaultException(InvocationEnd.Refused, "the input is not there");
        ReceivedBytes = received.Length;
        if (received.Length > Manifest.Limits.InputBytesMax)
            throw new GuestFaultException(InvocationEnd.Refused, $"input: expected at most {Manifest.Limits.InputBytesMax} bytes, found {received.Length}", "limits.inputBytesMax");
        return _input = received;
    }

    /// <summary>Goes on as the next of several functions in one instance: with its own budget and randomness, and the effects of all.</summary>
    public void Become(FunctionManifest manifest, IFunctionEnvironment environment)
    {
        Manifest = manifest;
        _environment = environment;
        Depth = environment.Depth;
        _random = environment.Seed;
        Count();
    }

    /// <summary>True when this, or one that waits for it, is the actor.</summary>
    public bool IsWithin(ActorAddress actor) =>
        (string.Equals(Actor, actor.Key, StringComparison.Ordinal) && string.Equals(Manifest.Name, actor.Function, StringComparison.Ordinal)) || Caller?.IsWithin(actor) == true;

    /// <summary>Called before each host call.</summary>
    /// <exception cref="GuestFaultException">There were too many.</exception>
    public void EnterHostCall(Caller caller)
    {
        if (_memory is null && caller.GetMemory("memory") is { } memory)
            _memory = new InstanceMemory(memory);
        CountHostCall();
    }

    /// <summary>Counts a host call.</summary>
    /// <exception cref="GuestFaultException">There were too many.</exception>
    public void CountHostCall()
    {
        if (++HostCalls > Manifest.Limits.HostCallsMax)
        {
            throw new GuestFaultException(InvocationEnd.Trapped, $"host calls: expected at most {Manifest.Limits.HostCallsMax} an invocation, found more", "limits.hostCallsMax");
        }
    }

    /// <summary>Called on every tick of the epoch, on the function's thread.</summary>
    /// <exception cref="GuestFaultException">The function, or one that called it, has to end now.</exception>
    public void Check()
    {
        Caller?.Check();
        if (_cancellation.IsCancellationRequested)
            throw new GuestFaultException(InvocationEnd.Cancelled, "cancelled by the caller");
        TimeSpan used = CpuTime;
        if (used > Manifest.Limits.TimeMax)
        {
            throw new GuestFaultException(InvocationEnd.DeadlineExceeded,
                $"expected to end within {Manifest.Limits.TimeMax.TotalMilliseconds} ms of CPU time, found {used.TotalMilliseconds:F1} ms used", "limits.timeMax")
            { Owner = this };
        }
        if (Runtime.Channel is { } channel)
            channel.ThrowIfStopped(); // the agent looks at clock and caller
        else if (_environment.Deadline is { } deadline && _environment.Clock.GetUtcNow() > deadline)
            throw new GuestFaultException(InvocationEnd.DeadlineExceeded, $"expected to end by {deadline:O} on the mission clock", "slo.deadline");
    }

    /// <summary>Called on every tick of the epoch after <see cref="Check"/>, on the function's thread: rests as long as the share that the node leaves it asks for. What it calls works
    /// within its share.</summary>
    public void Rest()
    {
        if (Caller is { } caller)
        {
            caller.Rest();
            return;
        }
        TimeSpan onThread = ThreadCpuClock.Now - _cpuStart; // a worker process rests by itself for what it used
        double share = Runtime.Channel is { } channel ? channel.Memory.Share : _environment.Pace(CpuTime);
        TimeSpan owed = share >= 1 ? TimeSpan.Zero : (onThread - _cpuSeen) * ((1 - share) / Math.Max(share, FunctionBounds.ShareMin));
        RestOwed += owed;
        _rest = share >= 1 ? TimeSpan.Zero : _rest + owed;
        _cpuSeen = onThread;
        if (_rest < TimeSpan.FromMilliseconds(1))
            return;
        long began = TimeProvider.System.GetTimestamp();
        _ = _cancellation.WaitHandle.WaitOne(_rest < FunctionBounds.RestMax ? _rest : FunctionBounds.RestMax);
        _rest -= TimeProvider.System.GetElapsedTime(began);
        if (_rest < TimeSpan.Zero)
            _rest = TimeSpan.Zero;
    }

    /// <summary>Tells the node what was used so far, and asks for the share of a core that is left to it.</summary>
    /// <param name="below">What worker processes of its callees used.</param>
    public double Pace(TimeSpan below = default) =>
        Caller is { } caller ? caller.Pace(below + (Worker?.CpuTime ?? TimeSpan.Zero)) : _environment.Pace(CpuTime + below);

    public bool TryGetState(string key, out StateValue value)
    {
        value = default;
        if (!Manifest.Needs.HasFlag(FunctionNeeds.State))
            return false;
        if (!Effects.TryFind(Manifest.Name, key, out EffectLog.Change? change))
            return _environment.TryGetState(Manifest.Name, key, out value);
        value = new(change.Value, change.Version);
        return change.Value is not null;
    }

    /// <summary>Length and version of a value; −1 and 0 when there is none.</summary>
    public (int Length, ulong Version) DescribeState(string key)
    {
        if (!Manifest.Needs.HasFlag(FunctionNeeds.State))
            return (-1, 0);
        if (!Effects.TryFind(Manifest.Name, key, out EffectLog.Change? change))
            return _environment.DescribeState(Manifest.Name, key);
        return change.Value is { } value ? (value.Length, change.Version) : (-1, 0);
    }

    /// <summary>The keys that begin with a prefix, as this invocation sees them, in ordinal order.</summary>
    public IEnumerable<string> ListState(string prefix)
    {
        if (!Manifest.Needs.HasFlag(FunctionNeeds.State))
            return [];
        var keys = new SortedSet<string>(_environment.ListState(Manifest.Name, prefix).Where(key => !ServiceKeys.IsService(key)), StringComparer.Ordinal);
        foreach ((string key, bool isThere) in Effects.Changed(Manifest.Name))
        {
            if (ServiceKeys.IsService(key))
                continue;
            if (!isThere)
                keys.Remove(key);
            else if (key.StartsWith(prefix, StringComparison.Ordinal))
                keys.Add(key);
        }
        return keys.Take(FunctionBounds.StateListMax);
    }

    /// <summary>Notes a change; a null value deletes. False when the manifest does not ask for state or a bound is reached.</summary>
    /// <param name="key">The key.</param>
    /// <param name="value">The new value.</param>
    /// <param name="delete">Deletes.</param>
    /// <param name="expected">The version that the key must still have when it is committed, 0 for absent; null when it does not matter.</param>
    public bool TryChange(string key, ReadOnlySpan<byte> value, bool delete, ulong? expected = null) =>
        Manifest.Needs.HasFlag(FunctionNeeds.State) && TryKeep(key, value, delete, expected, isFree: false);

    /// <summary>Looks up what a service of the node keeps for the function, as this invocation sees it.</summary>
    public bool TryGetKept(string key, out StateValue value)
    {
        if (!Effects.TryFind(Manifest.Name, key, out EffectLog.Change? change))
            return _environment.TryGetState(Manifest.Name, key, out value);
        value = new(change.Value, change.Version);
        return change.Value is not null;
    }

    /// <summary>Notes a change of what a service of the node keeps for the function; a bound that is reached refuses it.</summary>
    /// <param name="key">The service's key.</param>
    /// <param name="value">The new value.</param>
    /// <param name="delete">Deletes.</param>
    /// <param name="expected">As with <see cref="TryChange"/>.</param>
    /// <param name="isFree">As with <see cref="EffectLog.Set"/>.</param>
    public bool TryKeep(string key, ReadOnlySpan<byte> value, bool delete, ulong? expected, bool isFree)
    {
        if (value.Length > Effects.BytesLeft)
            return Reached("effect bytes");
        if (Effects.WritesLeft == 0)
            return Reached("state writes");
        bool isChanged = Effects.TryFind(Manifest.Name, key, out EffectLog.Change? change);
        if (!isChanged && !isFree && Effects.KeysLeft == 0)
            return Reached("changed keys");
        (int before, ulong version) = isChanged ? (change!.Value?.Length ?? -1, change.Version) : _environment.DescribeState(Manifest.Name, key);
        long growth = (delete ? 0 : key.Length + value.Length) - (before < 0 ? 0 : key.Length + before);
        if (growth > 0 && _environment.StateBytes(Manifest.Name) + Effects.GrowthOf(Manifest.Name) + growth > Manifest.Limits.StateBytesMax)
            return Reached("limits.stateBytesMax");
        Effects.Set(Manifest.Name, key, new(delete ? null : value.ToArray(), version + 1, isChanged ? change!.Expected : expected, (change?.Growth ?? 0) + growth), isFree);
        return true;
    }

    /// <summary>Does several changes as one: when one of them is refused, none is made.</summary>
    public bool TryAll(Func<bool> change)
    {
        EffectLog.Mark mark = Effects.Save();
        if (change())
            return true;
        Effects.Restore(mark);
        return false;
    }

    /// <summary>Emits, or sends a message to an actor.</summary>
    /// <param name="topic">The topic, or the actor's address.</param>
    /// <param name="payload">What.</param>
    /// <param name="priority">The message's priority; null for what is no message.</param>
    public bool TryEmit(string topic, ReadOnlySpan<byte> payload, int? priority = null)
    {
        if (Effects.EmissionsOf(Manifest.Name) >= Manifest.Limits.FanOutMax)
            return Reached("limits.fanOutMax");
        if (payload.Length > Effects.BytesLeft)
            return Reached("effect bytes");
        Effects.Emit(Manifest.Name, new(topic, payload.ToArray(), priority));
        return true;
    }

    public void Log(FunctionLogLevel level, ReadOnlySpan<byte> text)
    {
        if (_logLines == FunctionBounds.LogLinesMax)
        {
            LogLinesLost++;
            Reached("log lines");
            return;
        }
        _logLines++;
        _environment.Log(Manifest.Name, level, Words(text));
    }

    /// <summary>What a function says to people; cut at <see cref="FunctionBounds.LogBytesMax"/>.</summary>
    public static string Words(ReadOnlySpan<byte> text)
    {
        // Copied once, before it is looked at: what a worker process shares may change meanwhile.
        Span<byte> bytes = stackalloc byte[Math.Min(text.Length, FunctionBounds.LogBytesMax)];
        text[..bytes.Length].CopyTo(bytes);
        return Encoding.UTF8.GetString(bytes);
    }

    /// <summary>Notes the limit that refused something; always false, for callers to return.</summary>
    public bool Reached(string limit)
    {
        if (LimitReached.Length == 0)
            LimitReached = limit;
        return false;
    }

    /// <summary>Keeps a called function until its output is taken; the one before goes.</summary>
    public void Keep(ICallee? callee)
    {
        if (Callee is { } before)
        {
            Callee = null;
            before.Release(mayServeAgain: true);
            Runtime.LeaveNested();
        }
        Callee = callee;
    }

    /// <summary>Moves input into <paramref name="destination"/> and returns its length; 0 at the end.</summary>
    public int TakeInput(Span<byte> destination)
    {
        int taken = Math.Min(destination.Length, _input.Length - _inputTaken);
        _input.Span.Slice(_inputTaken, taken).CopyTo(destination);
        _inputTaken += taken;
        return taken;
    }

    /// <summary>Adds to the output of a command.</summary>
    /// <exception cref="GuestFaultException">The output is over its limit.</exception>
    public void AddOutput(ReadOnlySpan<byte> bytes)
    {
        _output ??= new();
        if (bytes.Length > Manifest.Limits.OutputBytesMax - _output.WrittenCount)
        {
            throw new GuestFaultException(InvocationEnd.Trapped,
                $"output: expected at most {Manifest.Limits.OutputBytesMax} bytes, found {(long)_output.WrittenCount + bytes.Length}", "limits.outputBytesMax");
        }
        _output.Write(bytes);
    }

    /// <summary>Fills with the invocation's own random bytes: SplitMix64 (Steele, Lea, Flood, OOPSLA 2014) from the seed, little-endian.</summary>
    public void FillRandom(Span<byte> destination)
    {
        if (Runtime.Channel is { } channel)
        {
            channel.FillRandom(destination);
            return;
        }
        Span<ulong> word = stackalloc ulong[1];
        while (!destination.IsEmpty)
        {
            word[0] = NextRandom();
            ReadOnlySpan<byte> bytes = MemoryMarshal.AsBytes(word);
            int count = Math.Min(bytes.Length, destination.Length);
            bytes[..count].CopyTo(destination);
            destination = destination[count..];
        }
    }

    /// <summary>Begins to count anew what an invocation may use.</summary>
    private void Count()
    {
        _cpuStart = ThreadCpuClock.Now;
        _wallStart = TimeProvider.System.GetTimestamp();
        _logLines = 0;
        HostCalls = LogLinesLost = 0;
        LimitReached = "";
        _cpuSeen = _rest = RestOwed = TimeSpan.Zero;
    }

    private ulong NextRandom()
    {
        unchecked
        {
            _random += 0x9E3779B97F4A7C15;
            ulong z = _random;
            z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
            z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
            return z ^ (z >> 31);
        }
    }
}
