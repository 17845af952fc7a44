namespace SatNode.Flight.Admission;

/// <summary>A baseline: nothing starts while the board is measured above 60 °C. It doesn't look ahead: what a start will add and what the orbit will bring are not asked for.</summary>
/// <remarks>Source: Trabant (TU Berlin, 2025).</remarks>
internal sealed class TemperatureThreshold : IConstraint
{
    internal const double MaxKelvin = 60 + 273.15;

    /// <inheritdoc/>
    public string Name => "board-temperature";

    /// <inheritdoc/>
    public bool MayImprove => true;

    /// <inheritdoc/>
    public Margin Judge(in AdmissionRequest request, in Candidate candidate) =>
        new(Name, Quantity.Temperature, Bound.AtMost, Measured(candidate, candidate.Forecast.BoardKelvin, candidate.BoardUpperKelvin.Length, MaxKelvin), MaxKelvin);

    /// <summary>What was measured last; for a later start, of which a threshold knows nothing, the limit itself, so that the next look is the forecast's next step.</summary>
    internal static double Measured(in Candidate candidate, ReadOnlySpan<double> values, int count, double limit) =>
        count == 0 ? double.NaN : candidate.StartSeconds > candidate.NowSeconds ? limit : values[0];
}
