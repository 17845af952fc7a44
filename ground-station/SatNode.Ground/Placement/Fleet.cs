using System.Collections.Concurrent;
using SatNode.Ground.Archive;
using SatNode.Ground.Broker;
using SatNode.Ground.Commanding;
using SatNode.Ground.Configuration;
using SatNode.Ground.Twins;
using SatNode.Protocol.Dictionary;
using SatNode.Protocol.Quantities;
using SatNode.Protocol.Time;

namespace SatNode.Ground.Placement;

/// <summary>All satellites as placement sees them: their twins, their contacts and passes, and the requests on their way. A twin is asked again only after it
/// changed, so that a satellite about which nothing is heard costs nothing.</summary>
internal sealed class Fleet : IDisposable
{
    private readonly SatelliteOptions[] _satellites;
    private readonly PassBook _passes;
    private readonly IGrainFactory _grains;
    private readonly TwinFeeder _feeder;
    private readonly ContactRegistry _contacts;
    private readonly ArchiveReader _archive;
    private readonly TimeProvider _clock;
    private readonly ConcurrentDictionary<string, TwinState> _twins = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, long> _fed = new(StringComparer.Ordinal);

    public Fleet(IEnumerable<SatelliteOptions> satellites, PassBook passes, IGrainFactory grains, TwinFeeder feeder, ContactRegistry contacts, ArchiveReader archive,
        TimeProvider clock)
    {
        _satellites = [.. satellites];
        (_passes, _grains, _feeder, _contacts, _archive, _clock) = (passes, grains, feeder, contacts, archive, clock);
        _feeder.Fed += Forget;
    }

    /// <summary>Raised after something was heard of a satellite; handlers must be quick.</summary>
#pragma warning disable MA0046 // one process, one sender: the name says all
    public event Action<string>? Changed;
#pragma warning restore MA0046

    public void Dispose() => _feeder.Fed -= Forget;

    /// <summary>All satellites as they stand.</summary>
    public async Task<IReadOnlyList<FleetMember>> LookAsync()
    {
        DateTimeOffset now = _clock.GetUtcNow();
        Dictionary<string, int> outstanding = _archive.Read(CommandStore.OutstandingInvocations);
        var members = new FleetMember[_satellites.Length];
        for (int i = 0; i < members.Length; i++)
        {
            SatelliteOptions satellite = _satellites[i];
            TwinState twin = await TwinAsync(satellite.Name);
            members[i] = new(satellite, twin, CandidateOf(twin, _contacts[satellite.Name].IsReachable, _passes.At(satellite.Name, now), outstanding.GetValueOrDefault(satellite.Name)));
        }
        return members;
    }

    /// <summary>What placement knows from a twin.</summary>
    public static Candidate CandidateOf(TwinState twin, bool isReachable, (PassWindow? Now, PassWindow? Next) passes, int outstanding) => new()
    {
        Name = twin.Node,
        IsReachable = isReachable,
        ContactEnd = isReachable ? passes.Now?.End : null,
        NextPass = passes.Next,
        Measured = twin.HousekeepingTime > 0 ? new DtnTime((ulong)twin.HousekeepingTime).ToDateTimeOffset() : null,
        IsSafeMode = Value(twin, Parameters.Mode) is { } mode ? mode == (double)OperatingMode.Safe : null,
        Board = Worse(twin, Parameters.BoardTemperature, Parameters.ForecastPeakTemperature, Math.Max) is { } kelvin ? new Temperature(kelvin) : null,
        Charge = Worse(twin, Parameters.StateOfCharge, Parameters.ForecastLowestCharge, Math.Min) is { } charge ? new Ratio(charge) : null,
        MemoryBytes = Value(twin, Parameters.ResidentMemory),
        Functions = twin.Functions.ToDictionary(function => function.Name,
            function => new PlacedFunction(function.Digest, new DtnTime((ulong)function.Since).ToDateTimeOffset()), StringComparer.Ordinal),
        Outstanding = outstanding,
    };

    private async ValueTask<TwinState> TwinAsync(string name)
    {
        if (_twins.TryGetValue(name, out TwinState? known))
            return known;
        long fed = _fed.GetValueOrDefault(name);
        TwinState twin = await _grains.GetGrain<ISatelliteTwin>(name).Get();
        if (_fed.GetValueOrDefault(name) == fed) // else it was fed meanwhile, perhaps after it answered
            _twins[name] = twin;
        return twin;
    }

    private void Forget(string name)
    {
        _fed.AddOrUpdate(name, 1, (_, count) => count + 1);
        _twins.TryRemove(name, out _);
        Changed?.Invoke(name);
    }

    private static double? Value(TwinState twin, ParameterDefinition parameter) =>
        twin.Housekeeping.TryGetValue(parameter.Id, out double value) && double.IsFinite(value) ? value : null;

    /// <summary>The worse of what was measured and what is forecast; null when it was not measured. Where nothing is forecast the agent itself admits nothing.</summary>
    private static double? Worse(TwinState twin, ParameterDefinition measured, ParameterDefinition forecast, Func<double, double, double> worse) =>
        Value(twin, measured) is { } now ? worse(now, Value(twin, forecast) ?? now) : null;
}

/// <summary>A satellite: as configured, as its twin knows it, and as placement sees it.</summary>
internal sealed record FleetMember(SatelliteOptions Options, TwinState Twin, Candidate Candidate);
