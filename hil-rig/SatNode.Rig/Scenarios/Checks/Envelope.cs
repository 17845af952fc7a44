namespace SatNode.Rig.Scenarios.Checks;

/// <summary>The lowest and highest true value of a quantity around a moment.</summary>
/// <param name="Low">The lowest.</param>
/// <param name="High">The highest.</param>
internal readonly record struct Envelope(double Low, double High)
{
    /// <summary>How far a value is outside, 0 inside; NaN for an unknown value.</summary>
    public double Distance(double value) => value < Low ? Low - value : value > High ? value - High : value - value;

    /// <summary>The envelope over [time − tolerance, time + tolerance], with the ends interpolated; null when the truth does not cover the moment.</summary>
    public static Envelope? Around(IReadOnlyList<TruthPoint> truth, DateTimeOffset time, TimeSpan tolerance, Func<TruthPoint, double> quantity)
    {
        if (truth.Count == 0 || time < truth[0].Time || time > truth[^1].Time)
            return null;
        double low = double.PositiveInfinity, high = double.NegativeInfinity;
        Take(At(truth, time - tolerance, quantity));
        Take(At(truth, time + tolerance, quantity));
        for (int i = FirstFrom(truth, time - tolerance); i < truth.Count && truth[i].Time <= time + tolerance; i++)
            Take(quantity(truth[i]));
        return new(low, high);

        void Take(double value)
        {
            low = Math.Min(low, value);
            high = Math.Max(high, value);
        }
    }

    /// <summary>The interpolated value at a moment; before the first and after the last point theirs.</summary>
    public static double At(IReadOnlyList<TruthPoint> truth, DateTimeOffset time, Func<TruthPoint, double> quantity)
    {
        int next = FirstFrom(truth, time);
        if (next == 0 || next == truth.Count)
            return quantity(truth[next == 0 ? 0 : ^1]);
        double share = (time - truth[next - 1].Time) / (truth[next].Time - truth[next - 1].Time);
        return quantity(truth[next - 1]) + (share * (quantity(truth[next]) - quantity(truth[next - 1])));
    }

    /// <summary>The index of the first point at or after a moment.</summary>
    private static int FirstFrom(IReadOnlyList<TruthPoint> truth, DateTimeOffset time)
    {
        int low = 0, high = truth.Count;
        while (low < high)
        {
            int middle = (low + high) / 2;
            if (truth[middle].Time < time)
                low = middle + 1;
            else
                high = middle;
        }
        return low;
    }
}
