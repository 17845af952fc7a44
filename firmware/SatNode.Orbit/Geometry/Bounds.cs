using System.Runtime.CompilerServices;

namespace SatNode.Orbit.Geometry;

/// <summary>The one way arguments are held to their range; NaN is out of every range.</summary>
internal static class Bounds
{
    internal static double Check(double value, double min, double max, [CallerArgumentExpression(nameof(value))] string? name = null) =>
        value >= min && value <= max
            ? value
            : throw new ArgumentOutOfRangeException(name, value, $"expected {min} to {max}, found {value}");

    internal static int Check(int value, int min, int max, [CallerArgumentExpression(nameof(value))] string? name = null) =>
        value >= min && value <= max
            ? value
            : throw new ArgumentOutOfRangeException(name, value, $"expected {min} to {max}, found {value}");
}
