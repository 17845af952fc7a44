namespace SatNode.Flight.Admission;

/// <summary>A baseline: HyperDrive's estimate of heat as published, <c>T_max,orbit + ΔT_cpu · cpu-minutes − radiated · minutes</c>. It is linear, doesn't know how warm the board is,
/// judges each invocation as if it were alone, and only scores: 100 up to 65 °C, falling to 0 at 75 °C, and a node at 0 may still be chosen. So it forbids nothing; the estimate is told as
/// the prediction of each start.</summary>
/// <remarks>Source: polaris-slo-cloud/hyper-drive, heat_estimator.py and heat_opt.py, with the first satellite of its evaluation: 55 °C, 1 K a CPU-minute, 0.1 K a minute. Its code
/// multiplies the orbit's temperature by the minutes and wraps the product at the maximum, which is taken for a slip and left out. SEC 2024.</remarks>
internal sealed class HyperDriveHeatScore : IConstraint
{
    internal const double OrbitMaxKelvin = 55 + 273.15;
    internal const double KelvinPerCpuMinute = 1.0;
    internal const double RadiatedKelvinPerMinute = 0.1;

    /// <inheritdoc/>
    public string Name => "hyperdrive-heat-score";

    /// <inheritdoc/>
    public bool MayImprove => false;

    /// <inheritdoc/>
    public Margin Judge(in AdmissionRequest request, in Candidate candidate)
    {
        double minutes = request.Duration.TotalMinutes; // of one core, which is what an invocation has
        return new(Name, Quantity.Temperature, Bound.AtMost, OrbitMaxKelvin + ((KelvinPerCpuMinute - RadiatedKelvinPerMinute) * minutes), double.PositiveInfinity);
    }
}
