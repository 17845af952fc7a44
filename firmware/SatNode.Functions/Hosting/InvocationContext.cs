using System.Buffers;
using System.Runtime.InteropServices;
using System.Text;
using SatNode.Functions.Runtime;
using SatNode.Protocol.Functions;
using Wasmtime;

namespace SatNode.Functions.Hosting;

/// <summary>All that belongs to one invocation: its input, its budget, and its effects until they are committed.</summary>
internal sealed class InvocationContext(
    FunctionManifest manifest, ReadOnlyMemory<byte> input, IFunctionEnvironment environment, CancellationToken cancellation)
{
    private readonly TimeSpan _cpuStart = ThreadCpuClock.Now;
    private Dictionary<string, byte[]?>? _changes;
    private List<string>? _changedKeys;
    private List<Emission>? _emissions;
    private ArrayBufferWriter<byte>? _output;
    private Memory? _memory;
    private ulong _random = environment.Seed;
    private int _inputTaken;
    private int _effectBytes;
    private int _logLines;

    public FunctionManifest Manifest => manifest;

    public IFunctionEnvironment Environment => environment;

    public int LogLinesLost { get; private set; }

    public TimeSpan CpuTime => ThreadCpuClock.Now - _cpuStart;

    public ReadOnlyMemory<byte> Output => _output?.WrittenMemory ?? default;

    public FunctionEffects? Effects => _changes is null && _emissions is null ? null : new(
        _changedKeys?.ConvertAll(key => new StateChange(key, _changes![key] is { } value ? (ReadOnlyMemory<byte>?)value : null)) ?? [], _emissions ?? []);

    public static InvocationContext Of(Caller caller) => (InvocationContext)caller.GetData()!;

    public Memory MemoryOf(Caller caller) => _memory ??= caller.GetMemory("memory")
        ?? throw new GuestFaultException(InvocationEnd.Trapped, "host call: expected an exported memory, found none");

    /// <summary>Called on every tick of the epoch, on the function's thread.</summary>
    /// <exception cref="GuestFaultException">The function has to end now.</exception>
    public void Check()
    {
        if (cancellation.IsCancellationRequested)
            throw new GuestFaultException(InvocationEnd.Cancelled, "cancelled by the caller");
        TimeSpan used = CpuTime;
        if (used > manifest.Limits.TimeMax)
        {
            throw new GuestFaultException(InvocationEnd.DeadlineExceeded,
                $"expected to end within {manifest.Limits.TimeMax.TotalMilliseconds} ms of CPU time, found {used.TotalMilliseconds:F1} ms used");
        }
        if (environment.Deadline is { } deadline && environment.Clock.GetUtcNow() > deadline)
            throw new GuestFaultException(InvocationEnd.DeadlineExceeded, $"expected to end by {deadline:O} on the mission clock");
    }

    public bool TryGetState(string key, out ReadOnlyMemory<byte> value)
    {
        value = default;
        if (_changes is null || !_changes.TryGetValue(key, out byte[]? changed))
            return manifest.Needs.HasFlag(FunctionNeeds.State) && environment.TryGetState(key, out value);
        value = changed;
        return changed is not null;
    }

    /// <summary>Notes a change; null deletes. False when the manifest does not ask for state or a bound is reached.</summary>
    public bool TryChange(string key, ReadOnlySpan<byte> value, bool delete)
    {
        if (!manifest.Needs.HasFlag(FunctionNeeds.State) || value.Length > FunctionBounds.EffectBytesMax - _effectBytes)
            return false;
        _changes ??= new(StringComparer.Ordinal);
        _changedKeys ??= [];
        if (!_changes.ContainsKey(key))
        {
            if (_changes.Count == FunctionBounds.StateChangesMax)
                return false;
            _changedKeys.Add(key);
        }
        _effectBytes += value.Length;
        _changes[key] = delete ? null : value.ToArray();
        return true;
    }

    public bool TryEmit(string topic, ReadOnlySpan<byte> payload)
    {
        if ((_emissions?.Count ?? 0) >= manifest.Limits.FanOutMax || payload.Length > FunctionBounds.EffectBytesMax - _effectBytes)
            return false;
        _effectBytes += payload.Length;
        (_emissions ??= []).Add(new(topic, payload.ToArray()));
        return true;
    }

    public void Log(FunctionLogLevel level, ReadOnlySpan<byte> text)
    {
        if (_logLines == FunctionBounds.LogLinesMax)
        {
            LogLinesLost++;
            return;
        }
        _logLines++;
        environment.Log(level, Encoding.UTF8.GetString(text[..Math.Min(text.Length, FunctionBounds.LogBytesMax)]));
    }

    /// <summary>Moves input into <paramref name="destination"/> and returns its length; 0 at the end.</summary>
    public int TakeInput(Span<byte> destination)
    {
        int taken = Math.Min(destination.Length, input.Length - _inputTaken);
        input.Span.Slice(_inputTaken, taken).CopyTo(destination);
        _inputTaken += taken;
        return taken;
    }

    /// <summary>Adds to the output of a command.</summary>
    /// <exception cref="GuestFaultException">The output is over its limit.</exception>
    public void AddOutput(ReadOnlySpan<byte> bytes)
    {
        _output ??= new();
        if (bytes.Length > manifest.Limits.OutputBytesMax - _output.WrittenCount)
        {
            throw new GuestFaultException(InvocationEnd.Trapped,
                $"output: expected at most {manifest.Limits.OutputBytesMax} bytes, found {(long)_output.WrittenCount + bytes.Length}");
        }
        _output.Write(bytes);
    }

    /// <summary>Fills with the invocation's own random bytes: SplitMix64 (Steele, Lea, Flood, OOPSLA 2014) from the seed, little-endian.</summary>
    public void FillRandom(Span<byte> destination)
    {
        Span<ulong> word = stackalloc ulong[1];
        while (!destination.IsEmpty)
        {
            unchecked
            {
                _random += 0x9E3779B97F4A7C15;
                ulong z = _random;
                z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
                z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
                word[0] = z ^ (z >> 31);
            }
            ReadOnlySpan<byte> bytes = MemoryMarshal.AsBytes(word);
            int count = Math.Min(bytes.Length, destination.Length);
            bytes[..count].CopyTo(destination);
            destination = destination[count..];
        }
    }
}
