namespace SatNode.Protocol.Quantities;

/// <summary>An electric current; the sign is defined where it is measured.</summary>
/// <param name="Amperes">Amperes; NaN means unknown and satisfies no limit.</param>
public readonly record struct ElectricCurrent(double Amperes) : IComparable<ElectricCurrent>
{

    /// <inheritdoc/>
    public int CompareTo(ElectricCurrent other) => Amperes.CompareTo(other.Amperes);

    /// <summary>The sum.</summary>
    public static ElectricCurrent operator +(ElectricCurrent left, ElectricCurrent right) => new(left.Amperes + right.Amperes);

    /// <summary>The difference.</summary>
    public static ElectricCurrent operator -(ElectricCurrent left, ElectricCurrent right) => new(left.Amperes - right.Amperes);

    /// <summary>Scaled by a number without unit.</summary>
    public static ElectricCurrent operator *(ElectricCurrent quantity, double factor) => new(quantity.Amperes * factor);

    /// <summary>Less than.</summary>
    public static bool operator <(ElectricCurrent left, ElectricCurrent right) => left.Amperes < right.Amperes;

    /// <summary>More than.</summary>
    public static bool operator >(ElectricCurrent left, ElectricCurrent right) => left.Amperes > right.Amperes;

    /// <summary>At most.</summary>
    public static bool operator <=(ElectricCurrent left, ElectricCurrent right) => left.Amperes <= right.Amperes;

    /// <summary>At least.</summary>
    public static bool operator >=(ElectricCurrent left, ElectricCurrent right) => left.Amperes >= right.Amperes;

    /// <summary>For people, with the unit.</summary>
    public override string ToString() => $"{Amperes:0.###} A";
}
