namespace SatNode.Protocol.Quantities;

/// <summary>A rate of energy.</summary>
/// <param name="Watts">Watts; NaN means unknown and satisfies no limit.</param>
public readonly record struct Power(double Watts) : IComparable<Power>
{
    /// <summary>The energy at this power over a duration.</summary>
    public static Energy operator *(Power power, TimeSpan duration) => new(power.Watts * duration.TotalSeconds);

    /// <inheritdoc/>
    public int CompareTo(Power other) => Watts.CompareTo(other.Watts);

    /// <summary>The sum.</summary>
    public static Power operator +(Power left, Power right) => new(left.Watts + right.Watts);

    /// <summary>The difference.</summary>
    public static Power operator -(Power left, Power right) => new(left.Watts - right.Watts);

    /// <summary>Scaled by a number without unit.</summary>
    public static Power operator *(Power quantity, double factor) => new(quantity.Watts * factor);

    /// <summary>Less than.</summary>
    public static bool operator <(Power left, Power right) => left.Watts < right.Watts;

    /// <summary>More than.</summary>
    public static bool operator >(Power left, Power right) => left.Watts > right.Watts;

    /// <summary>At most.</summary>
    public static bool operator <=(Power left, Power right) => left.Watts <= right.Watts;

    /// <summary>At least.</summary>
    public static bool operator >=(Power left, Power right) => left.Watts >= right.Watts;

    /// <summary>For people, with the unit.</summary>
    public override string ToString() => $"{Watts:0.###} W";
}
