namespace SatNode.Rig.World;

/// <summary>Open-circuit voltage of a battery by its state of charge, and the energy under that curve.</summary>
/// <remarks>Shape: lithium-ion cells of 18650 size at low current, four in series from 12.0 to 16.8 V: steep below a tenth, a plateau, a steady rise. The shape's
/// interior is bent by a power so that the mean voltage is the battery's energy over its charge.</remarks>
public sealed class BatteryCurve
{
    // Volts over empty as a share of the span, at every tenth of the charge.
    private static readonly double[] Shape = [0, 0.33, 0.42, 0.465, 0.50, 0.54, 0.60, 0.68, 0.77, 0.875, 1];

    private readonly double[] _volts = new double[Shape.Length];
    private readonly double[] _jouleShare = new double[Shape.Length]; // energy up to the knot in V (joules a coulomb of capacity)

    /// <summary>Fits the curve.</summary>
    /// <param name="emptyVolts">At state of charge 0.</param>
    /// <param name="fullVolts">At state of charge 1.</param>
    /// <param name="meanVolts">Energy over charge; between the two.</param>
    public BatteryCurve(double emptyVolts, double fullVolts, double meanVolts)
    {
        double low = -6;
        double high = 6;
        for (int round = 0; round < 80; round++) // the mean falls as the power grows
        {
            double middle = (low + high) / 2;
            Bend(Math.Exp(middle), emptyVolts, fullVolts);
            if (_jouleShare[^1] > meanVolts)
                low = middle;
            else
                high = middle;
        }
    }

    /// <summary>The mean voltage: energy of the full battery over its charge, V.</summary>
    public double MeanVolts => _jouleShare[^1];

    /// <summary>Open-circuit voltage, V, at a state of charge of 0 to 1.</summary>
    public double Volts(double stateOfCharge)
    {
        (int knot, double share) = Locate(stateOfCharge);
        return _volts[knot] + ((_volts[knot + 1] - _volts[knot]) * share);
    }

    /// <summary>Energy stored at a state of charge of 0 to 1, in joules a coulomb of capacity.</summary>
    public double JoulesPerCoulomb(double stateOfCharge)
    {
        (int knot, double share) = Locate(stateOfCharge);
        double volts = _volts[knot] + ((_volts[knot + 1] - _volts[knot]) * share / 2);
        return _jouleShare[knot] + (volts * share / (Shape.Length - 1));
    }

    private static (int Knot, double Share) Locate(double stateOfCharge)
    {
        double at = Math.Clamp(stateOfCharge, 0, 1) * (Shape.Length - 1);
        int knot = Math.Min((int)at, Shape.Length - 2);
        return (knot, at - knot);
    }

    private void Bend(double power, double emptyVolts, double fullVolts)
    {
        for (int knot = 0; knot < Shape.Length; knot++)
        {
            _volts[knot] = emptyVolts + ((fullVolts - emptyVolts) * Math.Pow(Shape[knot], power));
            if (knot > 0)
                _jouleShare[knot] = _jouleShare[knot - 1] + ((_volts[knot] + _volts[knot - 1]) / 2 / (Shape.Length - 1));
        }
    }
}
