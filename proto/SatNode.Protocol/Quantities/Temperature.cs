namespace SatNode.Protocol.Quantities;

/// <summary>A thermodynamic temperature.</summary>
/// <param name="Kelvin">Kelvin, 0 or more; NaN means unknown and satisfies no limit.</param>
public readonly record struct Temperature(double Kelvin) : IComparable<Temperature>
{
    private const double CelsiusZeroKelvin = 273.15;

    /// <summary>The temperature in degrees Celsius.</summary>
    public double Celsius => Kelvin - CelsiusZeroKelvin;

    /// <summary>Converts from degrees Celsius.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Below absolute zero.</exception>
    public static Temperature FromCelsius(double celsius)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(celsius, -CelsiusZeroKelvin);
        return new(celsius + CelsiusZeroKelvin);
    }

    /// <inheritdoc/>
    public int CompareTo(Temperature other) => Kelvin.CompareTo(other.Kelvin);

    /// <summary>Colder than.</summary>
    public static bool operator <(Temperature left, Temperature right) => left.Kelvin < right.Kelvin;

    /// <summary>Hotter than.</summary>
    public static bool operator >(Temperature left, Temperature right) => left.Kelvin > right.Kelvin;

    /// <summary>Not hotter than.</summary>
    public static bool operator <=(Temperature left, Temperature right) => left.Kelvin <= right.Kelvin;

    /// <summary>Not colder than.</summary>
    public static bool operator >=(Temperature left, Temperature right) => left.Kelvin >= right.Kelvin;

    /// <summary>For people: degrees Celsius with one decimal.</summary>
    public override string ToString() => $"{Celsius:F1} °C";
}
