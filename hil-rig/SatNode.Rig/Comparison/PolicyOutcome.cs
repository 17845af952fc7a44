using SatNode.Protocol.Dictionary;
using SatNode.Protocol.Quantities;
using SatNode.Rig.Oracle;
using SatNode.Rig.Scenarios;
using SatNode.Rig.Scenarios.Checks;

namespace SatNode.Rig.Comparison;

/// <summary>How long and how far a limit was passed in the truth.</summary>
/// <param name="Seconds">World seconds beyond it.</param>
/// <param name="Depth">The furthest beyond: K, or a share of the charge; 0 when it was kept.</param>
public readonly record struct Violation(double Seconds, double Depth)
{
    /// <summary>True when the limit was kept throughout.</summary>
    public bool IsNone => Seconds == 0;

    /// <summary>Measures samples of a second each.</summary>
    internal static Violation Of(IEnumerable<double> beyond)
    {
        double seconds = 0, depth = 0;
        foreach (double value in beyond)
        {
            if (value <= 0)
                continue;
            seconds++;
            depth = Math.Max(depth, value);
        }
        return new(seconds, depth);
    }
}

/// <summary>What one policy did in a flight of a single satellite, measured on the truth and on what the agent wrote on its console.</summary>
public sealed record PolicyOutcome
{
    /// <summary>The policy.</summary>
    public required string Policy { get; init; }

    /// <summary>The satellite.</summary>
    public required SatelliteRecord Satellite { get; init; }

    /// <summary>The board over its limit.</summary>
    public required Violation Heat { get; init; }

    /// <summary>The battery below its reserve.</summary>
    public required Violation Charge { get; init; }

    /// <summary>The hottest that the board was, K.</summary>
    public required double BoardKelvinHighest { get; init; }

    /// <summary>The lowest state of charge.</summary>
    public required double StateOfChargeLowest { get; init; }

    /// <summary>Invocations that completed until the end.</summary>
    public required int Completed { get; init; }

    /// <summary>CPU time of those, in the world's seconds.</summary>
    public required double WorkSeconds { get; init; }

    /// <summary>Invocations that were refused or failed: who waited for them got nothing by their deadline.</summary>
    public required int DeadlinesMissed { get; init; }

    /// <summary>Invocations that were deferred at least once.</summary>
    public required int Deferred { get; init; }

    /// <summary>How often the agent fell into safe mode.</summary>
    public required int SafeModes { get; init; }

    /// <summary>The cores that the agent took for itself, mean.</summary>
    public required double OwnCores { get; init; }

    /// <summary>When there was a function to run; null when none was deployed.</summary>
    public required DateTimeOffset? WorkFrom { get; init; }

    /// <summary>What an oracle could have done at most on the same satellite, with the same load of the agent itself; null when nothing was deployed.</summary>
    public OracleAnswer? Oracle { get; init; }

    /// <summary>The work as a share of the oracle's; NaN when that is not known.</summary>
    public double WorkShare => Oracle is { CpuSeconds: > 0 } oracle ? WorkSeconds / oracle.CpuSeconds : double.NaN;

    /// <summary>True when neither limit was passed.</summary>
    public bool KeepsLimits => Satellite.Truth.Count > 0 && Heat.IsNone && Charge.IsNone;

    /// <summary>Measures a flight of one satellite; the oracle isn't asked yet.</summary>
    public static PolicyOutcome Of(FlightRecord flight, string policy)
    {
        ArgumentNullException.ThrowIfNull(flight);
        Scenario scenario = flight.Scenario;
        SatelliteRecord satellite = flight.Satellites[0];
        double kelvinMax = Temperature.FromCelsius(scenario.Comparison!.BoardTemperatureMaxCelsius).Kelvin;
        double reserve = scenario.Satellites[0].Vehicle.StateOfChargeReserve;
        TruthPoint[] truth = [.. satellite.Truth.Where(point => point.Time <= scenario.End)];
        EventRecord[] said = [.. satellite.Console.Where(item => item.Time <= scenario.End)];
        EventRecord[] completed = [.. said.Where(item => item.Name == Events.InvocationCompleted.Name)];
        double work = completed.Sum(item => item.Number("cpu_seconds"));
        return new()
        {
            Policy = policy,
            Satellite = satellite with { Truth = truth },
            Heat = Violation.Of(truth.Select(point => point.BoardKelvin - kelvinMax)),
            Charge = Violation.Of(truth.Select(point => reserve - point.StateOfCharge)),
            BoardKelvinHighest = truth.Length == 0 ? double.NaN : truth.Max(point => point.BoardKelvin),
            StateOfChargeLowest = truth.Length == 0 ? double.NaN : truth.Min(point => point.StateOfCharge),
            Completed = completed.Length,
            WorkSeconds = work,
            DeadlinesMissed = said.Count(item => item.Name == Events.InvocationRefused.Name || item.Name == Events.InvocationFailed.Name),
            Deferred = said.Where(item => item.Name == Events.InvocationDeferred.Name).Select(item => item.Text("invocation")).Distinct(StringComparer.Ordinal).Count(),
            SafeModes = said.Count(item => item.Name == Events.ModeChanged.Name && item.Text("mode") == "safe"),
            OwnCores = Math.Max(0, satellite.BusyCoreSeconds - work) / scenario.Duration.TotalSeconds,
            WorkFrom = said.FirstOrDefault(item => item.Name == Events.FunctionDeployed.Name)?.Time,
        };
    }
}
