using SatNode.Protocol.Quantities;

namespace SatNode.Flight.Admission;

/// <summary>The node's own limits.</summary>
public sealed record AdmissionOptions
{
    /// <summary>By what is judged; by the forecast unless told.</summary>
    public AdmissionPolicy Policy { get; init; }

    /// <summary>Never hotter than this, whatever a function tolerates; 75 °C, where the board's nominal range ends.</summary>
    public Temperature BoardTemperatureMax { get; init; } = Temperature.FromCelsius(75);

    /// <summary>Charge kept for the satellite itself; 30 %.</summary>
    public Ratio StateOfChargeReserve { get; init; } = new(0.3);

    /// <summary>Standard deviations between a forecast and a limit; 2 leaves about one in forty.</summary>
    public double SafetySigmas { get; init; } = 2;

    /// <summary>The oldest forecast that is believed; six housekeeping periods.</summary>
    public TimeSpan MaxForecastAge { get; init; } = TimeSpan.FromSeconds(60);
}
