namespace SatNode.Flight.Model;

/// <summary>The open-circuit voltage of a battery over its state of charge: cells in series, each on the curve that is typical of lithium-ion cells of
/// 18650 size with a graphite anode and a nickel-rich cathode at low current. Makes differ by some 30 mV a cell; who uses it allows for that.</summary>
internal sealed class CellCurve
{
    private const double MeanCellVolts = 3.65; // as energy over charge is told
    private const double RatedDropVolts = 0.025; // energy is told at a current that takes 0 to 50 mV of a cell

    // Volts of a cell at every tenth of the charge.
    private static readonly double[] Cell = [3.00, 3.42, 3.53, 3.59, 3.63, 3.68, 3.75, 3.84, 3.94, 4.05, 4.19];

    private readonly double _shift; // of every cell

    /// <summary>Creates the curve of a battery.</summary>
    /// <param name="meanVolts">Its energy over its charge, V: it tells how many cells are in series, and how high the curve lies.</param>
    public CellCurve(double meanVolts)
    {
        Cells = Math.Max(1, (int)Math.Round(Math.Min(meanVolts / MeanCellVolts, 1000)));
        double mean = 0;
        for (int i = 1; i < Cell.Length; i++)
            mean += (Cell[i - 1] + Cell[i]) / 2 / (Cell.Length - 1);
        _shift = (meanVolts / Cells) + RatedDropVolts - mean;
    }

    /// <summary>Cells in series.</summary>
    public int Cells { get; }

    /// <summary>Voltage and slope (volts from empty to full) at a state of charge of 0 to 1.</summary>
    public (double Volts, double Slope) At(double charge)
    {
        double place = Math.Clamp(charge, 0, 1) * (Cell.Length - 1);
        int below = Math.Min((int)place, Cell.Length - 2);
        double step = Cell[below + 1] - Cell[below];
        return (Cells * (Cell[below] + _shift + (step * (place - below))), Cells * step * (Cell.Length - 1));
    }

    /// <summary>The state of charge at an open-circuit voltage, 0 to 1; NaN for NaN.</summary>
    public double Charge(double volts)
    {
        double cell = (volts / Cells) - _shift;
        if (!(cell > Cell[0]))
            return double.IsNaN(cell) ? double.NaN : 0;
        for (int i = 1; i < Cell.Length; i++)
        {
            if (cell < Cell[i])
                return (i - 1 + ((cell - Cell[i - 1]) / (Cell[i] - Cell[i - 1]))) / (Cell.Length - 1);
        }
        return 1;
    }
}
