using SatNode.Protocol.Quantities;

namespace SatNode.Flight.Model;

/// <summary>Finds from the board's power and the functions' CPU time what a second of CPU costs: <c>power = idle + cost · busy cores</c>.
/// Priors: 2.7 W idle and 1.46 J a CPU-second, a Raspberry Pi 4 in orbit (Xing et al., MobiCom 2024). Books and predicts energy with it.</summary>
public sealed class EnergyMeter
{
    private const double NoiseWatts = 0.12; // the monitor's 0.1 W and its spread within a period

    private readonly ParameterFilter _filter = new([(2.7, 1.0, 0.2, 30), (1.46, 0.3, 0.2, 8)], NoiseWatts, driftPerUpdate: 0.01);
    private double _bookedJoules;

    /// <summary>The board's power without functions.</summary>
    public Power Idle => new(_filter[0]);

    /// <summary>One standard deviation of <see cref="Idle"/>.</summary>
    public Power IdleSigma => new(_filter.Sigma(0));

    /// <summary>The cost of a CPU-second, in joules.</summary>
    public double JoulesPerCpuSecond => _filter[1];

    /// <summary>One standard deviation of <see cref="JoulesPerCpuSecond"/>.</summary>
    public double JoulesPerCpuSecondSigma => _filter.Sigma(1);

    /// <summary>All energy booked since the start.</summary>
    public Energy Booked => new(Volatile.Read(ref _bookedJoules));

    /// <summary>Takes a sample.</summary>
    /// <param name="board">The board's measured power; NaN is left out.</param>
    /// <param name="busyCores">CPU-seconds of functions a second since the last sample.</param>
    public void Update(Power board, double busyCores) => _filter.Update([1, busyCores], board.Watts);

    /// <summary>The energy of an amount of CPU time; what an invocation is expected to cost, by its profile.</summary>
    public Energy EnergyOf(TimeSpan cpuTime) => new(JoulesPerCpuSecond * cpuTime.TotalSeconds);

    /// <summary>One standard deviation of <see cref="EnergyOf"/>.</summary>
    public Energy SigmaOf(TimeSpan cpuTime) => new(JoulesPerCpuSecondSigma * cpuTime.TotalSeconds);

    /// <summary>The additional power of an invocation that uses <paramref name="cpuTime"/> in <paramref name="duration"/>.</summary>
    public Power PowerOf(TimeSpan cpuTime, TimeSpan duration) =>
        new(duration > TimeSpan.Zero ? JoulesPerCpuSecond * (cpuTime / duration) : double.NaN);

    /// <summary>Books the energy of a finished invocation.</summary>
    /// <returns>What was booked.</returns>
    public Energy Book(TimeSpan cpuTime)
    {
        Energy energy = EnergyOf(cpuTime);
        double before;
        do
        {
            before = Volatile.Read(ref _bookedJoules);
        }
        while (Interlocked.CompareExchange(ref _bookedJoules, before + energy.Joules, before) != before);
        return energy;
    }
}
