using SatNode.Rig.World;

namespace SatNode.Rig.Oracle;

/// <summary>The most work that the charge above the reserve can feed. For each instant it asks how much work until then costs at least, taken where it is cheapest, against what the battery
/// would hold at most without any; after the instant all cores are granted. The smallest answer bounds them all.</summary>
/// <remarks>Stored energy is a concave function of the power into the terminals (what resistance takes grows with the square), so a tangent bounds it from above: work that keeps the array's
/// surplus from the battery costs it the charger's share less what the current takes, work out of the battery at least its power. A battery that would be full counts as larger.</remarks>
internal static class ChargeBound
{
    private const double WarmOhms = 0.5; // share of the told resistance that is left in a warm battery, at least
    private const double ColdOhms = 2; // and in a cold one, at most

    /// <summary>The bound in CPU-seconds of functions.</summary>
    /// <param name="question">What was asked.</param>
    /// <param name="idle">The truth without functions, second by second.</param>
    public static double Of(OracleQuestion question, IReadOnlyList<TruthSample> idle)
    {
        SatelliteOptions vehicle = question.Vehicle;
        var curve = new BatteryCurve(vehicle.BatteryEmptyVolts, vehicle.BatteryFullVolts, vehicle.BatteryWattHours / vehicle.BatteryMilliampereHours * 1000);
        double coulombs = vehicle.BatteryMilliampereHours * 3.6;
        double stored = curve.JoulesPerCoulomb(vehicle.StateOfChargeInitial) * coulombs;
        double reserve = curve.JoulesPerCoulomb(question.StateOfChargeReserve) * coulombs;

        List<double> costs = []; // joules of the battery for a core-second, of the seconds in which there is work
        double bound = double.PositiveInfinity;
        for (int i = 1; i < idle.Count && idle[i].Time <= question.End; i++)
        {
            double seconds = (idle[i].Time - idle[i - 1].Time).TotalSeconds;
            double surplus = idle[i].SunFraction * FullSunWatts(question, idle[i]) - idle[i].LoadWatts - idle[i].UnmetWatts;
            double terminal = surplus >= 0 ? surplus * vehicle.ChargeEfficiency : surplus / vehicle.DischargeEfficiency;
            double amperes = terminal / vehicle.BatteryFullVolts; // at least
            stored += (terminal - (WarmOhms * vehicle.BatteryOhms * amperes * amperes)) * seconds;
            bool mayWork = idle[i].Time > question.WorkFrom;
            if (mayWork)
            {
                double share = surplus >= 0 ? vehicle.ChargeEfficiency / Math.Sqrt(1 + (4 * ColdOhms * vehicle.BatteryOhms * terminal / (vehicle.BatteryEmptyVolts * vehicle.BatteryEmptyVolts)))
                    : 1 / vehicle.DischargeEfficiency;
                costs.Add(vehicle.BoardCoreWatts * share);
            }
            bool isTurn = i + 1 == idle.Count || (i % 60 == 0); // a minute moves the bound by less than a minute's cost
            if (isTurn)
                bound = Math.Min(bound, Until(question, stored - reserve, costs, idle[i].Time));
        }
        return bound;
    }

    /// <summary>The array's power in full sun, also where the charger didn't take it.</summary>
    private static double FullSunWatts(OracleQuestion question, in TruthSample sample) =>
        sample.SunFraction > 0 ? Math.Max(question.Vehicle.SolarPeakWatts * question.Vehicle.AttitudeFactor, sample.SolarWatts / sample.SunFraction) : 0;

    /// <summary>The most work when all until a time must leave the reserve, and after it nothing binds.</summary>
    private static double Until(OracleQuestion question, double joules, List<double> costs, DateTimeOffset time)
    {
        double after = Math.Max(0, (question.End - time).TotalSeconds) * question.FunctionCores;
        double work = 0;
        foreach (double cost in costs.Order()) // the cheapest first: the fractional knapsack
        {
            if (joules <= 0)
                break;
            double taken = Math.Min(question.FunctionCores, joules / cost);
            work += taken;
            joules -= taken * cost;
        }
        return work + after;
    }
}
