using SatNode.Protocol.Quantities;

namespace SatNode.Flight.Modes;

/// <summary>When modes are entered by themselves and left again; the distance between the two keeps noise from switching them.</summary>
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

    /// <summary>Samples in a row that enter a mode; 3.</summary>
    public int Repeats { get; init; } = 3;

    /// <summary>For how long all must be well again before safe mode is left without a command; 10 minutes, two time constants of a board.</summary>
    public TimeSpan HoldOff { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>For how long a value that does not come counts as it was, as if its samples had not been due; 1 minute, as an old forecast for admission. Afterwards it is unknown: no mode is entered or left
    /// by itself for it, the hold-off begins anew when it comes back, and a command leaves what it held.</summary>
    public TimeSpan UnknownAfter { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>Charge that is to be left at the end of the next eclipse; 30 %, as for admission.</summary>
    public Ratio Reserve { get; init; } = new(0.3);

    /// <summary>Eclipse-saving when less than this above the reserve is foreseen; 0.5 %, one standard deviation of the counter. Admission keeps two: what it lets in does not enter the mode.</summary>
    public Ratio SavingMargin { get; init; } = new(0.005);

    /// <summary>Nominal again when so much above the reserve is foreseen; 3 %.</summary>
    public Ratio NominalMargin { get; init; } = new(0.03);

    /// <summary>The lowest priority that runs in eclipse-saving, 1 to 9; 7.</summary>
    public int SavingPriority { get; init; } = 7;

    /// <summary>Ends unasked in a row, each within <see cref="HoldOff"/> of its start, after which the next start is in safe mode; 5.</summary>
    public int FaultsMax { get; init; } = 5;
}
