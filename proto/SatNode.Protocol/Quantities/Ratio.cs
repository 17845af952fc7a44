namespace SatNode.Protocol.Quantities;

/// <summary>A share without unit, such as a state of charge.</summary>
/// <param name="Value">1 is the whole; NaN means unknown and satisfies no limit.</param>
public readonly record struct Ratio(double Value) : IComparable<Ratio>
{
    /// <summary>The share in percent.</summary>
    public double Percent => Value * 100;

    /// <summary>Converts from percent.</summary>
    public static Ratio FromPercent(double percent) => new(percent / 100);

    /// <inheritdoc/>
    public int CompareTo(Ratio other) => Value.CompareTo(other.Value);

    /// <summary>This share of an energy.</summary>
    public static Energy operator *(Energy energy, Ratio ratio) => new(energy.Joules * ratio.Value);

    /// <summary>Less than.</summary>
    public static bool operator <(Ratio left, Ratio right) => left.Value < right.Value;

    /// <summary>More than.</summary>
    public static bool operator >(Ratio left, Ratio right) => left.Value > right.Value;

    /// <summary>At most.</summary>
    public static bool operator <=(Ratio left, Ratio right) => left.Value <= right.Value;

    /// <summary>At least.</summary>
    public static bool operator >=(Ratio left, Ratio right) => left.Value >= right.Value;

    /// <summary>For people: percent with one decimal.</summary>
    public override string ToString() => $"{Percent:F1} %";
}
