namespace SatNode.Protocol.Quantities;

/// <summary>A voltage.</summary>
/// <param name="Volts">Volts; NaN means unknown and satisfies no limit.</param>
public readonly record struct ElectricPotential(double Volts) : IComparable<ElectricPotential>
{
    /// <summary>The power of a current at this voltage.</summary>
    public static Power operator *(ElectricPotential potential, ElectricCurrent current) => new(potential.Volts * current.Amperes);

    /// <inheritdoc/>
    public int CompareTo(ElectricPotential other) => Volts.CompareTo(other.Volts);

    /// <summary>The sum.</summary>
    public static ElectricPotential operator +(ElectricPotential left, ElectricPotential right) => new(left.Volts + right.Volts);

    /// <summary>The difference.</summary>
    public static ElectricPotential operator -(ElectricPotential left, ElectricPotential right) => new(left.Volts - right.Volts);

    /// <summary>Scaled by a number without unit.</summary>
    public static ElectricPotential operator *(ElectricPotential quantity, double factor) => new(quantity.Volts * factor);

    /// <summary>Less than.</summary>
    public static bool operator <(ElectricPotential left, ElectricPotential right) => left.Volts < right.Volts;

    /// <summary>More than.</summary>
    public static bool operator >(ElectricPotential left, ElectricPotential right) => left.Volts > right.Volts;

    /// <summary>At most.</summary>
    public static bool operator <=(ElectricPotential left, ElectricPotential right) => left.Volts <= right.Volts;

    /// <summary>At least.</summary>
    public static bool operator >=(ElectricPotential left, ElectricPotential right) => left.Volts >= right.Volts;

    /// <summary>For people, with the unit.</summary>
    public override string ToString() => $"{Volts:0.###} V";
}
