using System.Text.Json;
using SatNode.Ground.Cloud.Resources;
using SatNode.Ground.Placement;
using SatNode.Ground.Twins;
using SatNode.Protocol.Dictionary;
using SatNode.Protocol.Quantities;
using SatNode.Protocol.Time;

namespace SatNode.Ground.Cloud;

/// <summary>Keeps an object of each satellite in the cluster. Contact, mode and functions are told at once, numbers now and then; a satellite of which nothing is
/// heard is not written at all.</summary>
internal sealed partial class SatelliteReporter(ClusterClient client, Fleet fleet, TimeSpan statusPeriod, TimeProvider machineTime, ILogger<SatelliteReporter> logger)
{
    /// <summary>Machine time between two looks at the fleet.</summary>
    private static readonly TimeSpan LookPeriod = TimeSpan.FromSeconds(1);

    /// <summary>Machine time before a satellite whose object the server refused is tried again.</summary>
    private static readonly TimeSpan RetryAfter = TimeSpan.FromSeconds(30);

    /// <summary>The most functions of a satellite, as the resource's schema has it.</summary>
    private const int FunctionsMax = 256;

    private readonly Dictionary<string, SatelliteSpec> _objects = new(StringComparer.Ordinal);
    private readonly Dictionary<string, (SatelliteStatus? Status, long? Since)> _written = new(StringComparer.Ordinal);
    private readonly Dictionary<string, (long Since, string Fault)> _refused = new(StringComparer.Ordinal);

    private bool _isStale;

    /// <summary>Looks at what is there.</summary>
    public async Task ListAsync(CancellationToken stop)
    {
        _objects.Clear();
        _written.Clear();
        _isStale = false;
        foreach (SatelliteObject there in (await client.ListSatellitesAsync(stop)).Items)
        {
            _objects[there.Metadata.Name] = there.Spec;
            _written[there.Metadata.Name] = (there.Status, null);
        }
    }

    /// <summary>Makes what is missing, then reports until it is stopped. After <see cref="ListAsync"/>.</summary>
    public async Task RunAsync(CancellationToken stop)
    {
        while (true)
        {
            if (_isStale)
                await ListAsync(stop);
            foreach (FleetMember member in await fleet.LookAsync())
                await TryReportAsync(member, stop);
            await Task.Delay(LookPeriod, machineTime, stop);
        }
    }

    /// <summary>What the cluster is told of a satellite. Rounded to what a person reads, so that noise is no change, and within what the resource's schema takes, so
    /// that one value that a satellite made up does not keep the others from the cluster.</summary>
    public static SatelliteStatus StatusOf(TwinState twin, Candidate candidate)
    {
        string contact = candidate.IsReachable ? "Reachable" : twin.LastSeen > 0 ? "OutOfContact" : "NeverSeen";
        PassStatus? pass = contact == "OutOfContact" && candidate.NextPass is { } next ? new(next.Station, Second(next.Start), Second(next.End)) : null;
        PositionStatus? position = Value(Parameters.Latitude) is { } latitude && Value(Parameters.Longitude) is { } longitude && Value(Parameters.Altitude) is { } altitude
            ? new(Math.Clamp(Math.Round(latitude, 1), -90, 90), Math.Clamp(Math.Round(longitude, 1), -180, 180), Math.Round(altitude / 1000) * 1000)
            : null;
        return new(new(contact, Time(twin.ContactSince), pass), position,
            Value(Parameters.StateOfCharge) is { } charge ? Math.Clamp(Math.Round(charge, 2), 0, 1) : null,
            Value(Parameters.BoardTemperature) is { } kelvin ? Math.Clamp(Math.Round(new Temperature(kelvin).Celsius, 1), -273.1, 1000) : null,
            Value(Parameters.Mode) is { } mode ? OperatingModes.Name(mode) : null,
            twin.AgentVersion.Length is > 0 and <= 64 ? twin.AgentVersion : null,
            Time(twin.HousekeepingTime), Time(twin.LastSeen),
            [.. twin.Functions.Select(function => new FunctionStatus(Cut(function.Name, 63), Cut(function.Version, 32), Cut(function.Digest, 128))).DistinctBy(function => function.Name, StringComparer.Ordinal).Take(FunctionsMax)]);

        static string Cut(string text, int charsMax) => text.Length <= charsMax ? text : text[..charsMax];

        double? Value(ParameterDefinition parameter) => twin.Housekeeping.TryGetValue(parameter.Id, out double value) && double.IsFinite(value) ? value : null;
    }

    /// <summary>True when one must be told at once.</summary>
    public static bool IsUrgent(SatelliteStatus? before, SatelliteStatus now) => before is null || before.Contact?.State != now.Contact?.State || before.Mode != now.Mode
        || before.AgentVersion != now.AgentVersion || !(before.Functions ?? []).SequenceEqual(now.Functions ?? []);

    /// <summary>Reports one satellite; that the server refuses its object, or somebody deleted it, does not keep the others from theirs.</summary>
    private async Task TryReportAsync(FleetMember member, CancellationToken stop)
    {
        string name = member.Options.Name;
        if (_refused.TryGetValue(name, out (long Since, string Fault) refused) && machineTime.GetElapsedTime(refused.Since) < RetryAfter)
            return;
        try
        {
            await ReportAsync(member, stop);
            _refused.Remove(name);
        }
        catch (ClusterException e) when (e.IsConflict) // it is gone, or there already: looked up again, then made or corrected
        {
            _isStale = true;
        }
        catch (ClusterException e)
        {
            if (refused.Fault != e.Message)
                LogRefused(logger, e.Message);
            _refused[name] = (machineTime.GetTimestamp(), e.Message);
        }
    }

    private async Task ReportAsync(FleetMember member, CancellationToken stop)
    {
        string name = member.Options.Name;
        var spec = new SatelliteSpec(member.Options.Number, member.Options.Tle);
        if (!_objects.TryGetValue(name, out SatelliteSpec? there))
            await client.CreateSatelliteAsync(name, spec, stop);
        else if (Text(there) != Text(spec))
            await client.WriteSpecAsync(name, spec, stop);
        _objects[name] = spec;
        SatelliteStatus status = StatusOf(member.Twin, member.Candidate);
        (SatelliteStatus? before, long? since) = _written.GetValueOrDefault(name);
        bool isDue = IsUrgent(before, status) || since is null || machineTime.GetElapsedTime(since.Value) >= statusPeriod;
        if (!isDue || (before is not null && Text(before) == Text(status)))
            return;
        await client.WriteStatusAsync(name, status, stop);
        _written[name] = (status, machineTime.GetTimestamp());
    }

    [LoggerMessage(LogLevel.Warning, "cloud: {fault}; tried again")]
    private static partial void LogRefused(ILogger logger, string fault);

    private static string Text<T>(T value) => JsonSerializer.Serialize(value);

    private static DateTimeOffset? Time(long milliseconds) => milliseconds > 0 ? Second(new DtnTime((ulong)milliseconds).ToDateTimeOffset()) : null;

    private static DateTimeOffset Second(DateTimeOffset time) => new(time.UtcTicks - (time.UtcTicks % TimeSpan.TicksPerSecond), TimeSpan.Zero);
}
