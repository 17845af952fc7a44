using SatNode.Flight.Telemetry;
using SatNode.Protocol.Dictionary;
using SatNode.Protocol.Telemetry;

namespace SatNode.Flight.Housekeeping;

/// <summary>On-board monitoring: watches each parameter's soft and hard limits and the age of what sensors tell. An event on each change of state, and on nothing else. What commands change is
/// on disk before it holds. Thread-safe. Source: ECSS-E-ST-70-41C, service 12.</summary>
public sealed class ParameterMonitor
{
    private const int DescribedMax = 8; // names of a kind: all of it goes into one report

    private readonly MonitoringStore _store;
    private readonly IEventSink _events;
    private readonly TimeProvider _time;
    private readonly Lock _gate = new();
    private readonly Dictionary<ushort, MonitoredParameter> _parameters = Parameters.All.ToDictionary(parameter => parameter.Id, parameter => new MonitoredParameter(parameter));

    /// <summary>Takes up what commands said before the last reboot.</summary>
    /// <param name="database">Where that is kept.</param>
    /// <param name="events">Where changes of state go.</param>
    /// <param name="time">The world's clock, which samples age by.</param>
    public ParameterMonitor(FlightDatabase database, IEventSink events, TimeProvider time)
    {
        ArgumentNullException.ThrowIfNull(database);
        ArgumentNullException.ThrowIfNull(events);
        ArgumentNullException.ThrowIfNull(time);
        _store = new(database);
        _events = events;
        _time = time;
        foreach (MonitoringStore.Row row in _store.Read())
        {
            if (!_parameters.TryGetValue(row.Parameter, out MonitoredParameter? parameter)) // of an agent in the other slot
                continue;
            parameter.Set(row.Limits);
            parameter.Enable(row.IsEnabled);
        }
    }

    /// <summary>Judges one sample of all parameters; what is not in it grows old.</summary>
    public void Check(Protocol.Telemetry.Housekeeping housekeeping)
    {
        ArgumentNullException.ThrowIfNull(housekeeping);
        DateTimeOffset now = _time.GetUtcNow();
        lock (_gate)
        {
            foreach (ParameterSample sample in housekeeping.Samples)
            {
                if (double.IsFinite(sample.Value) && _parameters.TryGetValue(sample.ParameterId, out MonitoredParameter? parameter))
                    parameter.Take(sample.Value, now, _events);
            }
            foreach (MonitoredParameter parameter in _parameters.Values)
                parameter.Look(now, _events);
        }
    }

    /// <summary>Watches a parameter by other limits.</summary>
    /// <returns>False when the disk refuses: the limits are as they were.</returns>
    /// <exception cref="ArgumentException">The limits have a fault.</exception>
    public bool TrySet(ParameterDefinition parameter, ParameterLimits limits)
    {
        if (limits.Fault() is { } fault)
            throw new ArgumentException(fault, nameof(limits));
        lock (_gate)
        {
            MonitoredParameter monitored = Of(parameter);
            ParameterLimits? kept = limits == parameter.Limits ? null : limits; // back to the dictionary, and with it to that of a later version
            if (!_store.TryWrite(new(parameter.Id, monitored.IsEnabled, kept)))
                return false;
            monitored.Set(kept);
            return true;
        }
    }

    /// <summary>Watches a parameter, or watches it no more.</summary>
    /// <returns>False when the disk refuses: all is as it was.</returns>
    public bool TryEnable(ParameterDefinition parameter, bool isEnabled)
    {
        lock (_gate)
        {
            MonitoredParameter monitored = Of(parameter);
            if (!_store.TryWrite(new(parameter.Id, isEnabled, monitored.Commanded)))
                return false;
            monitored.Enable(isEnabled);
            return true;
        }
    }

    /// <summary>State, limits and age of a parameter, for people.</summary>
    public string Describe(ParameterDefinition parameter)
    {
        lock (_gate)
            return Of(parameter).ToString();
    }

    /// <summary>All that is not as the dictionary has it and nominal, for people.</summary>
    public string DescribeAll()
    {
        lock (_gate)
        {
            string[] parts =
            [
                Part("not nominal", parameter => parameter.State != MonitoringState.Nominal, parameter => $"{parameter.Definition.Name} {MonitoredParameter.Name(parameter.State)}"),
                Part("disabled", parameter => !parameter.IsEnabled, parameter => parameter.Definition.Name),
                Part("limits by command", parameter => parameter.Commanded is not null, parameter => parameter.Definition.Name),
            ];
            string text = string.Join("; ", parts.Where(part => part.Length > 0));
            return text.Length > 0 ? text : "all nominal, by the dictionary's limits";
        }

        string Part(string what, Func<MonitoredParameter, bool> isOf, Func<MonitoredParameter, string> name)
        {
            string[] names = [.. _parameters.Values.Where(isOf).OrderBy(parameter => parameter.Definition.Id).Select(name)];
            string more = names.Length > DescribedMax ? $" and {names.Length - DescribedMax} more" : "";
            return names.Length > 0 ? $"{what}: {string.Join(", ", names.Take(DescribedMax))}{more}" : "";
        }
    }

    private MonitoredParameter Of(ParameterDefinition parameter)
    {
        ArgumentNullException.ThrowIfNull(parameter);
        return _parameters[parameter.Id];
    }
}
