using SatNode.Flight.Telemetry;
using SatNode.Protocol.Dictionary;
using SatNode.Protocol.Telemetry;

namespace SatNode.Flight.Housekeeping;

/// <summary>Watches every parameter's nominal range: <c>limit.violated</c> after <see cref="Repeats"/> samples in a row outside it,
/// <c>limit.cleared</c> after as many inside it by the parameter's accuracy (1 % of the limit where there is no sensor), so that noise at a limit
/// raises one event. A parameter that was not measured changes nothing. Source: ECSS-E-ST-70-41C, service 12.</summary>
/// <param name="events">Where violations go.</param>
public sealed class LimitMonitor(IEventSink events)
{
    /// <summary>Samples in a row that change the state: 30 s at the usual period.</summary>
    public const int Repeats = 3;

    private readonly State[] _states = new State[Parameters.All.Count + 1];

    /// <summary>Parameters outside their range now.</summary>
    public int Violations { get; private set; }

    /// <summary>Checks one sample of all parameters.</summary>
    public void Check(Protocol.Telemetry.Housekeeping housekeeping)
    {
        ArgumentNullException.ThrowIfNull(housekeeping);
        foreach (ParameterSample sample in housekeeping.Samples)
        {
            if (Parameters.Find(sample.ParameterId) is { } parameter && (parameter.Nominal.Low ?? parameter.Nominal.High) is not null)
                Check(parameter, sample.Value, ref _states[parameter.Id]);
        }
    }

    private void Check(ParameterDefinition parameter, double value, ref State state)
    {
        NominalRange range = state.IsViolated ? Narrowed(parameter) : parameter.Nominal;
        bool isChange = range.Contains(value) == state.IsViolated;
        state.Count = isChange ? state.Count + 1 : 0;
        if (state.Count < Repeats)
            return;
        state = new() { IsViolated = !state.IsViolated };
        if (state.IsViolated)
        {
            Violations++;
            events.Raise(Events.LimitViolated, parameter.Name, value, parameter.Nominal.Low ?? double.NegativeInfinity, parameter.Nominal.High ?? double.PositiveInfinity);
        }
        else
        {
            Violations--;
            events.Raise(Events.LimitCleared, parameter.Name, value);
        }
    }

    private static NominalRange Narrowed(ParameterDefinition parameter)
    {
        double? low = parameter.Nominal.Low, high = parameter.Nominal.High;
        return new(low + Hysteresis(parameter, low), high - Hysteresis(parameter, high));
    }

    private static double? Hysteresis(ParameterDefinition parameter, double? limit) => parameter.Accuracy > 0 ? parameter.Accuracy : Math.Abs(limit ?? 0) / 100;

    private struct State
    {
        public bool IsViolated { get; set; }

        public int Count { get; set; }
    }
}
