using SatNode.Protocol.Quantities;

namespace SatNode.Flight.Modes;

/// <summary>When safe mode is entered by itself and left again; the distance between the two keeps noise from switching it.</summary>
public sealed record ModeOptions
{
    /// <summary>Safe below this charge; 20 %, below any function's reserve.</summary>
    public Ratio SafeBelowCharge { get; init; } = new(0.20);

    /// <summary>Nominal again at this charge; 30 %.</summary>
    public Ratio NominalFromCharge { get; init; } = new(0.30);

    /// <summary>Safe above this board temperature; 80 °C, where a Raspberry Pi throttles.</summary>
    public Temperature SafeAboveBoard { get; init; } = Temperature.FromCelsius(80);

    /// <summary>Nominal again at this board temperature; 70 °C.</summary>
    public Temperature NominalToBoard { get; init; } = Temperature.FromCelsius(70);

    /// <summary>Samples in a row that enter safe mode; 3.</summary>
    public int Repeats { get; init; } = 3;
}
