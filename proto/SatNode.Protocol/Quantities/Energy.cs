namespace SatNode.Protocol.Quantities;

/// <summary>An amount of energy.</summary>
/// <param name="Joules">Joules; NaN means unknown and satisfies no limit.</param>
public readonly record struct Energy(double Joules) : IComparable<Energy>
{
    /// <summary>The energy in watt-hours.</summary>
    public double WattHours => Joules / 3600;

    /// <summary>Converts from watt-hours.</summary>
    public static Energy FromWattHours(double wattHours) => new(wattHours * 3600);

    /// <summary>The share that this is of <paramref name="whole"/>.</summary>
    public static Ratio operator /(Energy part, Energy whole) => new(part.Joules / whole.Joules);

    /// <inheritdoc/>
    public int CompareTo(Energy other) => Joules.CompareTo(other.Joules);

    /// <summary>The sum.</summary>
    public static Energy operator +(Energy left, Energy right) => new(left.Joules + right.Joules);

    /// <summary>The difference.</summary>
    public static Energy operator -(Energy left, Energy right) => new(left.Joules - right.Joules);

    /// <summary>Scaled by a number without unit.</summary>
    public static Energy operator *(Energy quantity, double factor) => new(quantity.Joules * factor);

    /// <summary>Less than.</summary>
    public static bool operator <(Energy left, Energy right) => left.Joules < right.Joules;

    /// <summary>More than.</summary>
    public static bool operator >(Energy left, Energy right) => left.Joules > right.Joules;

    /// <summary>At most.</summary>
    public static bool operator <=(Energy left, Energy right) => left.Joules <= right.Joules;

    /// <summary>At least.</summary>
    public static bool operator >=(Energy left, Energy right) => left.Joules >= right.Joules;

    /// <summary>For people, with the unit.</summary>
    public override string ToString() => $"{Joules:0.###} J";
}
