using SatNode.Protocol.Quantities;
using SatNode.Protocol.Telemetry;
using SatNode.Protocol.Time;

namespace SatNode.Flight.Invocations;

/// <summary>One function's profile as it is counted: some 1.2 KB, whatever the function does.</summary>
internal sealed class ProfileEntry
{
    private readonly string _function;
    private readonly ulong[] _failed;
    private readonly DurationHistogram _cpuTime;
    private readonly DurationHistogram _wallTime;
    private readonly DtnTime _since;
    private ulong _completed, _refused, _called, _cold, _fresh, _warm, _memory, _bytesIn, _bytesOut;
    private double _joules;

    public ProfileEntry(FunctionProfile known)
    {
        (_function, Version, _since) = (known.Function, known.Version, known.Since);
        (_completed, _refused, _called) = (known.Completed, known.Refused, known.Called);
        (_cold, _fresh, _warm) = (known.ColdStarts, known.FreshStarts, known.WarmStarts);
        (_memory, _bytesIn, _bytesOut, _joules) = (known.MemoryBytesHighest, known.Bytes.In, known.Bytes.Out, known.Energy.Joules);
        _failed = [.. known.Failed];
        _cpuTime = known.CpuTime.Copy();
        _wallTime = known.WallTime.Copy();
    }

    public ProfileEntry(string function, string version, DateTimeOffset since)
    {
        (_function, Version, _since) = (function, version, DtnTime.From(since));
        _failed = new ulong[FunctionProfile.Faults];
        (_cpuTime, _wallTime) = (new(), new());
    }

    public string Version { get; }

    /// <summary>True when something was counted since it was told last.</summary>
    public bool IsChanged { get; set; }

    /// <summary>When it is told next, if it has changed.</summary>
    public DateTimeOffset NextTelling { get; set; }

    public void Add(in InvocationUse use, double loadFactor, Energy energy, bool isCalled)
    {
        IsChanged = true;
        if (use.Result == InvocationResult.Refused)
        {
            _refused++;
            return;
        }
        if (use.Result == InvocationResult.Completed)
            _completed++;
        else
            _failed[(int)use.Fault]++;
        if (isCalled)
            _called++;
        _cold += use.Start == InvocationStart.Cold ? 1UL : 0;
        _fresh += use.Start == InvocationStart.Fresh ? 1UL : 0;
        _warm += use.Start == InvocationStart.Warm ? 1UL : 0;
        if (use.Start != InvocationStart.None) // else there was no instance to run it
        {
            _cpuTime.Add(use.CpuTime * loadFactor);
            _wallTime.Add(use.WallTime * loadFactor);
        }
        _memory = Math.Max(_memory, (ulong)use.MemoryBytesHighest);
        _bytesIn += (ulong)use.InputBytes;
        _bytesOut += (ulong)use.OutputBytes;
        if (double.IsFinite(energy.Joules))
            _joules += energy.Joules;
    }

    public FunctionProfile ToProfile() => new()
    {
        Function = _function,
        Version = Version,
        Since = _since,
        Completed = _completed,
        Failed = [.. _failed],
        Refused = _refused,
        Called = _called,
        ColdStarts = _cold,
        FreshStarts = _fresh,
        WarmStarts = _warm,
        CpuTime = _cpuTime.Copy(),
        WallTime = _wallTime.Copy(),
        MemoryBytesHighest = _memory,
        Bytes = (_bytesIn, _bytesOut),
        Energy = new(_joules),
    };
}
