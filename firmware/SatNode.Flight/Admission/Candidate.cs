using SatNode.Flight.Model;

namespace SatNode.Flight.Admission;

/// <summary>A start that is judged, and the forecast with all that is already admitted. Times are seconds from the forecast's first point.</summary>
public readonly ref struct Candidate
{
    /// <summary>The forecast without functions, for the response to a load.</summary>
    public required Forecast Forecast { get; init; }

    /// <summary>Now.</summary>
    public required double NowSeconds { get; init; }

    /// <summary>The start.</summary>
    public required double StartSeconds { get; init; }

    /// <summary>The board with what is admitted, error bars added, in kelvin.</summary>
    public required ReadOnlySpan<double> BoardUpperKelvin { get; init; }

    /// <summary>The hottest that node and admitted functions allow at each point, in kelvin.</summary>
    public required ReadOnlySpan<double> BoardLimitKelvin { get; init; }

    /// <summary>State of charge with what is admitted, error bars taken off.</summary>
    public required ReadOnlySpan<double> ChargeLower { get; init; }

    /// <summary>The highest charge that node and admitted functions want left.</summary>
    public required double ChargeLimit { get; init; }

    /// <summary>The load with what is admitted, in watts.</summary>
    public required ReadOnlySpan<double> LoadWatts { get; init; }

    /// <summary>The point where the board is hottest beside its limit.</summary>
    public int HottestPoint { get; init; }

    /// <summary>The point where charge is lowest.</summary>
    public int LowestPoint { get; init; }

    /// <summary>Standard deviations to keep.</summary>
    public required double SafetySigmas { get; init; }

    /// <summary>True in safe mode.</summary>
    public required bool IsSafeMode { get; init; }

    /// <summary>The last point that matters to what ends at a time: <see cref="Forecast.EndOfNextEclipse"/>, or −1 when it is not known.</summary>
    public int EndOfNextEclipse(double seconds)
    {
        int end = Forecast.EndOfNextEclipse(PointFrom(seconds));
        return end < BoardUpperKelvin.Length ? end : -1; // an old forecast was cut to nothing
    }

    /// <summary>The first point not before a time.</summary>
    public static int PointFrom(double seconds) => (int)Math.Ceiling(Math.Clamp(seconds, 0, Forecast.MaxPoints * Forecast.StepSeconds) / Forecast.StepSeconds);

    /// <summary>A value between two points; NaN outside.</summary>
    public static double At(ReadOnlySpan<double> values, double seconds)
    {
        double place = seconds / Forecast.StepSeconds;
        if (!(place >= 0 && place <= values.Length - 1))
            return double.NaN;
        int below = (int)place;
        return below == values.Length - 1 ? values[below] : values[below] + ((place - below) * (values[below + 1] - values[below]));
    }
}
