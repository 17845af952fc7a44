using SatNode.Protocol.Quantities;

namespace SatNode.Flight.Model;

/// <summary>Finds from the board's power and CPU time what a second of CPU costs: <c>power = idle + cost · busy cores</c>. The agent's own CPU time is part of what a board
/// takes without functions.
/// Priors: 2.7 W idle and 1.46 J a CPU-second, a Raspberry Pi 4 in orbit (Xing et al., MobiCom 2024). Books and predicts energy with it.</summary>
public sealed class EnergyMeter
{
    private const double NoiseWatts = 0.12; // the monitor's 0.1 W and its spread within a period
    private const double OwnMemorySeconds = 1800; // invocations are counted when they end: over half an hour that evens out

    private readonly ParameterFilter _filter = new([(2.7, 1.0, 0.2, 30), (1.46, 0.3, 0.2, 8)], NoiseWatts, driftPerUpdate: 0.01);
    private double _bookedJoules;
    private double _ownCores;
    private double _ownSeconds;

    /// <summary>The board's power without functions.</summary>
    public Power Idle => new(_filter[0] + (_filter[1] * OwnCores));

    /// <summary>One standard deviation of <see cref="Idle"/>.</summary>
    public Power IdleSigma => new(Math.Sqrt(_filter.VarianceOf([1, OwnCores])));

    /// <summary>Cores that the agent takes for itself, mean.</summary>
    public double OwnCores => Math.Max(0, _ownCores);

    /// <summary>The cost of a CPU-second, in joules.</summary>
    public double JoulesPerCpuSecond => _filter[1];

    /// <summary>One standard deviation of <see cref="JoulesPerCpuSecond"/>.</summary>
    public double JoulesPerCpuSecondSigma => _filter.Sigma(1);

    /// <summary>All energy booked since the start.</summary>
    public Energy Booked => new(Volatile.Read(ref _bookedJoules));

    /// <summary>Takes a sample.</summary>
    /// <param name="board">The board's measured power; NaN is left out.</param>
    /// <param name="busyCores">CPU-seconds a second since the last sample, of all that the board does.</param>
    /// <param name="functionCores">Those of functions; whenever they are counted.</param>
    /// <param name="seconds">Seconds since the last sample, above 0.</param>
    public void Update(Power board, double busyCores, double functionCores, double seconds)
    {
        _filter.Update([1, busyCores], board.Watts);
        double own = busyCores - functionCores;
        if (!double.IsFinite(own))
            return;
        _ownSeconds = Math.Min(_ownSeconds + seconds, OwnMemorySeconds);
        _ownCores += seconds / _ownSeconds * (own - _ownCores);
    }

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
