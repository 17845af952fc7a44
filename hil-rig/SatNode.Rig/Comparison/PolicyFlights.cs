using SatNode.Orbit;
using SatNode.Protocol.Quantities;
using SatNode.Rig.Oracle;
using SatNode.Rig.Scenarios;
using SatNode.Rig.Scenarios.Checks;
using SatNode.Rig.Scenarios.Flight;

namespace SatNode.Rig.Comparison;

/// <summary>Turns a scenario's comparison into one flight a policy, and these into outcomes.</summary>
public static class PolicyFlights
{
    /// <summary>The flight of a policy: the same world and load, in a folder of its own.</summary>
    public static Scenario Of(Scenario scenario, string policy)
    {
        ArgumentNullException.ThrowIfNull(scenario);
        return scenario with { Name = $"{scenario.Name}-{policy}", Policy = policy };
    }

    /// <summary>Measures a flight and asks the oracle what could have been done in its place.</summary>
    public static PolicyOutcome Measure(FlightRecord flight)
    {
        ArgumentNullException.ThrowIfNull(flight);
        Scenario scenario = flight.Scenario;
        var outcome = PolicyOutcome.Of(flight, scenario.Policy!);
        if (outcome.WorkFrom is not { } workFrom)
            return outcome;
        SatelliteSpec satellite = scenario.Satellites[0];
        return outcome with
        {
            Oracle = WorkOracle.Ask(new()
            {
                Vehicle = Bench.Options(satellite.Vehicle),
                Orbit = new SatelliteOrbit(SpecOrbits.ElementsOf(satellite.Orbit, scenario.Epoch)),
                Stations = SpecOrbits.SitesOf(scenario.Stations),
                Start = scenario.Epoch,
                WorkFrom = workFrom,
                End = scenario.End,
                FunctionCores = scenario.Comparison!.FunctionCores,
                OwnCores = outcome.OwnCores,
                BoardKelvinMax = Temperature.FromCelsius(scenario.Comparison.BoardTemperatureMaxCelsius).Kelvin,
                StateOfChargeReserve = satellite.Vehicle.StateOfChargeReserve,
            }),
        };
    }
}
