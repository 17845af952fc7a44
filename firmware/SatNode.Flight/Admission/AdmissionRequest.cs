using SatNode.Protocol.Functions;
using SatNode.Protocol.Quantities;
using SatNode.Protocol.Time;

namespace SatNode.Flight.Admission;

/// <summary>An invocation that asks for heat and charge. The default asks for nothing, tolerates nothing, and is refused.</summary>
public readonly record struct AdmissionRequest
{
    /// <summary>The hottest board on which the function may run.</summary>
    public required Temperature BoardTemperatureMax { get; init; }

    /// <summary>The lowest state of charge that must be left, to the end of the next eclipse.</summary>
    public required Ratio StateOfChargeMin { get; init; }

    /// <summary>How long it is expected to run, in the world's time; above 0.</summary>
    public required TimeSpan Duration { get; init; }

    /// <summary>The power that it adds while it runs, by the board's cost of a CPU-second.</summary>
    public required Power Power { get; init; }

    /// <summary>When it must have ended; the default is never.</summary>
    public DtnTime? Deadline { get; init; }

    /// <summary>What it would rather have; nothing unless told.</summary>
    public SoftConstraints? Soft { get; init; }
}

/// <summary>An invocation that was admitted before and has not ended.</summary>
/// <param name="Start">When it started, or will.</param>
/// <param name="End">When it is expected to end.</param>
/// <param name="Power">The power that it adds.</param>
/// <param name="BoardTemperatureMax">The hottest board on which it may run: a newcomer must not take it away.</param>
/// <param name="StateOfChargeMin">The lowest charge that it asked to leave.</param>
public readonly record struct AdmittedLoad(DtnTime Start, DtnTime End, Power Power, Temperature BoardTemperatureMax, Ratio StateOfChargeMin);
