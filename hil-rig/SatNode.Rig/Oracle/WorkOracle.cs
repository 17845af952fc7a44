using SatNode.Rig.World;

namespace SatNode.Rig.Oracle;

/// <summary>Says how much work a satellite could have done at most under its limits, by the truth itself with a load that can be poured. Why each bound holds from above: ADR 33.</summary>
public static class WorkOracle
{
    private const double StepSeconds = 1; // the world's
    private const double LargeBattery = 50; // times the real one: neither full nor empty, so that heat alone is asked

    /// <summary>Answers; integrates the truth twice.</summary>
    public static OracleAnswer Ask(OracleQuestion question)
    {
        ArgumentNullException.ThrowIfNull(question);
        double seconds = Math.Max(0, (question.End - question.WorkFrom).TotalSeconds);
        return new(ByHeat(question).Sum(cores => cores * StepSeconds), ChargeBound.Of(question, Idle(question)), question.FunctionCores * seconds);
    }

    /// <summary>The functions' cores, second by second from the start, of the load that is as hot as allowed at any time: the greedy one.</summary>
    internal static IReadOnlyList<double> ByHeat(OracleQuestion question)
    {
        SatelliteOptions vehicle = question.Vehicle with
        {
            BatteryMilliampereHours = question.Vehicle.BatteryMilliampereHours * LargeBattery,
            BatteryWattHours = question.Vehicle.BatteryWattHours * LargeBattery,
            StateOfChargeInitial = 0.5,
        };
        (TrueWorld world, SatelliteTruth satellite, FluidLoad load) = Build(question, vehicle);
        List<double> poured = [];
        double before = satellite.Now.BoardKelvin, cores = question.OwnCores;
        while (world.Now < question.End)
        {
            double now = satellite.Now.BoardKelvin;
            // What the next step brings is what the last one brought, and what the load changes of it.
            double untilLimit = question.BoardKelvinMax - now - (now - before);
            double wish = cores + (untilLimit * vehicle.BoardJoulesPerKelvin / (vehicle.BoardCoreWatts * StepSeconds));
            cores = question.OwnCores + (world.Now >= question.WorkFrom ? Math.Clamp(wish - question.OwnCores, 0, question.FunctionCores) : 0);
            load.Add(cores * StepSeconds);
            world.Advance(world.Now + TrueWorld.Step);
            before = now;
            poured.Add(cores - question.OwnCores);
        }
        return poured;
    }

    /// <summary>The truth without functions, second by second.</summary>
    private static IReadOnlyList<TruthSample> Idle(OracleQuestion question)
    {
        (TrueWorld world, SatelliteTruth satellite, FluidLoad load) = Build(question, question.Vehicle);
        while (world.Now < question.End)
        {
            load.Add(question.OwnCores * StepSeconds);
            world.Advance(world.Now + TrueWorld.Step);
        }
        return satellite.History.Samples(DateTimeOffset.MinValue, DateTimeOffset.MaxValue, TimeSpan.Zero);
    }

    private static (TrueWorld World, SatelliteTruth Satellite, FluidLoad Load) Build(OracleQuestion question, SatelliteOptions vehicle)
    {
        var world = new TrueWorld(question.Start, 1, question.Stations);
        SatelliteTruth satellite = world.Add("oracle", question.Orbit, vehicle with { HistorySamplesMax = (int)(question.End - question.Start).TotalSeconds + 2 });
        var load = new FluidLoad();
        satellite.Board = load;
        return (world, satellite, load);
    }
}
