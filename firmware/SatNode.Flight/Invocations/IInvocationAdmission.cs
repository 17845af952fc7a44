using SatNode.Protocol.Functions;
using SatNode.Protocol.Quantities;

namespace SatNode.Flight.Invocations;

/// <summary>What admission says.</summary>
public enum AdmissionDecision
{
    /// <summary>Not here, not before the deadline.</summary>
    Refuse = 0,

    /// <summary>Not now.</summary>
    Defer,

    /// <summary>Now.</summary>
    Admit,
}

/// <summary>What admission is asked.</summary>
/// <param name="Manifest">The function's limits and constraints.</param>
/// <param name="Load">How long a core will be busy, in the world's time.</param>
/// <param name="Now">The start that is asked for.</param>
/// <param name="Deadline">The end at the latest.</param>
public readonly record struct AdmissionQuestion(FunctionManifest Manifest, TimeSpan Load, DateTimeOffset Now, DateTimeOffset Deadline);

/// <summary>What admission answers, with the numbers of the constraint that decided.</summary>
/// <param name="Decision">The decision.</param>
/// <param name="Start">The earliest start, when deferred.</param>
/// <param name="Constraint">The constraint that decided, for example <c>thermal</c>.</param>
/// <param name="Predicted">What it predicts for a start now; NaN when unknown.</param>
/// <param name="Limit">What it allows.</param>
/// <param name="Unit">The unit of both.</param>
/// <param name="PeakKelvin">The highest board temperature forecast with the invocation.</param>
/// <param name="LowestCharge">The lowest state of charge forecast with it.</param>
public readonly record struct AdmissionAnswer(AdmissionDecision Decision, DateTimeOffset Start, string Constraint, double Predicted, double Limit, string Unit,
    double PeakKelvin, double LowestCharge);

/// <summary>Who decides over heat and charge.</summary>
public interface IInvocationAdmission
{
    /// <summary>Judges a start now.</summary>
    AdmissionAnswer Judge(in AdmissionQuestion question);

    /// <summary>The energy that a core takes above idle for a load, in the world's time.</summary>
    Energy EnergyOf(TimeSpan load);
}
