namespace SatNode.Flight.Admission;

/// <summary>A baseline: nothing starts while the battery is measured below 70 %; see <see cref="TemperatureThreshold"/>.</summary>
/// <remarks>Source: Trabant (TU Berlin, 2025).</remarks>
internal sealed class ChargeThreshold : IConstraint
{
    internal const double MinCharge = 0.7;

    /// <inheritdoc/>
    public string Name => "state-of-charge";

    /// <inheritdoc/>
    public bool MayImprove => true;

    /// <inheritdoc/>
    public Margin Judge(in AdmissionRequest request, in Candidate candidate) =>
        new(Name, Quantity.StateOfCharge, Bound.AtLeast, TemperatureThreshold.Measured(candidate, candidate.Forecast.StateOfCharge, candidate.ChargeLower.Length, MinCharge), MinCharge);
}
