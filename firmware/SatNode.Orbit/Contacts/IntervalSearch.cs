namespace SatNode.Orbit.Contacts;

/// <summary>Finds when a signal is positive: equal steps, a golden-section look into every peak and dip between them, bisection of the ends.</summary>
public static class IntervalSearch
{
    /// <summary>The most steps one search takes: a year of 30 s steps ten times over, 10 s of work.</summary>
    public const int StepsMax = 10_000_000;

    /// <summary>How exact the ends are, in seconds, always on the inner side; a satellite moves 8 m meanwhile.</summary>
    public const double ToleranceSeconds = 0.001;

    /// <summary>How far after the end of an interval the search for the next one begins: surely outside.</summary>
    internal const double PauseSeconds = 4.0 * ToleranceSeconds;

    private const double Golden = 0.6180339887498949;
    private const int RoundsMax = 100; // halves a century to a nanosecond

    /// <summary>The seconds of a span that can be searched with a step.</summary>
    internal static double SecondsOf(TimeSpan span, double stepSeconds)
    {
        double seconds = span.TotalSeconds;
        return seconds >= 0.0 && seconds / stepSeconds <= StepsMax
            ? seconds
            : throw new ArgumentOutOfRangeException(nameof(span), span, $"expected 0 to {StepsMax} steps of {stepSeconds:F1} s, found {span}");
    }

    /// <summary>The instant a number of seconds after the signal's origin, rounded to 100 ns.</summary>
    internal static DateTimeOffset Utc(DateTimeOffset origin, double seconds) => origin.AddTicks((long)Math.Round(seconds * TimeSpan.TicksPerSecond));

    /// <summary>The first interval that ends after <paramref name="start"/> and begins before <paramref name="end"/>.</summary>
    internal static bool TryNext<TSignal>(in TSignal signal, double start, double end, double step, out Interval interval)
        where TSignal : ISignal
    {
        interval = default;
        if (!(start <= end))
            return false;
        bool openStart = signal.At(start) > 0.0;
        double inside = start, begin = start;
        if (!openStart && !TryEnter(signal, start, end, step, out begin, out inside))
            return false;
        bool left = TryLeave(signal, inside, end, step, out double finish);
        interval = new(begin, finish, openStart, !left);
        return true;
    }

    /// <summary>The time of the largest value within start and end, to a millisecond.</summary>
    internal static double Peak<TSignal>(in TSignal signal, double start, double end, double step)
        where TSignal : ISignal
    {
        double best = start, bestValue = signal.At(start);
        int steps = Math.Max(2, (int)Math.Min(StepsMax, Math.Ceiling((end - start) / step)));
        double width = (end - start) / steps;
        for (int i = 1; i <= steps; i++)
        {
            double at = i == steps ? end : start + (i * width);
            double value = signal.At(at);
            if (value > bestValue || double.IsNaN(bestValue))
                (best, bestValue) = (at, value);
        }

        double refined = Extreme(signal, Math.Max(start, best - width), Math.Min(end, best + width), 1.0, untilPositive: false);
        return signal.At(refined) > bestValue ? refined : best;
    }

    /// <summary>From outside: where the signal becomes positive, and a moment at which it surely is.</summary>
    private static bool TryEnter<TSignal>(in TSignal signal, double start, double end, double step, out double begin, out double inside)
        where TSignal : ISignal => TryCross(signal, start, end, step, 1.0, out begin, out inside);

    /// <summary>From inside: the last moment at which the signal is positive; the end when it does not cease.</summary>
    private static bool TryLeave<TSignal>(in TSignal signal, double inside, double end, double step, out double finish)
        where TSignal : ISignal
    {
        if (!TryCross(signal, inside, end, step, -1.0, out finish, out _))
            return false;
        finish = Math.Max(inside, finish - ToleranceSeconds); // the crossing is the first moment outside
        return true;
    }

    /// <summary>Walks until the signal times <paramref name="sense"/> holds; looks between the steps where three of them show a peak.</summary>
    private static bool TryCross<TSignal>(in TSignal signal, double start, double end, double step, double sense, out double crossing, out double beyond)
        where TSignal : ISignal
    {
        double before = start, beforeValue = double.NegativeInfinity; // so that a peak just after the start is looked for, too
        double at = start, value = signal.At(start) * sense;
        while (at < end)
        {
            double next = Math.Min(at + step, end);
            double nextValue = signal.At(next) * sense;
            double peak = next;
            bool crossed = Holds(nextValue, sense);
            if (!crossed && value >= beforeValue && value >= nextValue)
            {
                peak = Extreme(signal, before, next, sense, untilPositive: true);
                crossed = Holds(signal.At(peak) * sense, sense);
            }

            if (crossed)
            {
                beyond = peak;
                crossing = Bisect(signal, peak < next ? before : at, peak, sense);
                return true;
            }

            (before, beforeValue, at, value) = (at, value, next, nextValue);
        }

        crossing = beyond = end;
        return false;
    }

    /// <summary>Positive holds inside; outside is everything else: zero, negative and NaN.</summary>
    private static bool Holds(double sensedValue, double sense) => sense > 0.0 ? sensedValue > 0.0 : !(sensedValue < 0.0);

    private static double Bisect<TSignal>(in TSignal signal, double notYet, double already, double sense)
        where TSignal : ISignal
    {
        for (int round = 0; round < RoundsMax && already - notYet > 0.5 * ToleranceSeconds; round++)
        {
            double middle = 0.5 * (notYet + already);
            if (Holds(signal.At(middle) * sense, sense))
                already = middle;
            else
                notYet = middle;
        }

        return already;
    }

    /// <summary>Golden section for the maximum of the signal times <paramref name="sense"/>.</summary>
    private static double Extreme<TSignal>(in TSignal signal, double low, double high, double sense, bool untilPositive)
        where TSignal : ISignal
    {
        double left = high - (Golden * (high - low)), right = low + (Golden * (high - low));
        double leftValue = signal.At(left) * sense, rightValue = signal.At(right) * sense;
        for (int round = 0; round < RoundsMax && high - low > ToleranceSeconds; round++)
        {
            if (untilPositive && (leftValue > 0.0 || rightValue > 0.0))
                break;
            if (leftValue >= rightValue)
            {
                (high, right, rightValue) = (right, left, leftValue);
                left = high - (Golden * (high - low));
                leftValue = signal.At(left) * sense;
            }
            else
            {
                (low, left, leftValue) = (left, right, rightValue);
                right = low + (Golden * (high - low));
                rightValue = signal.At(right) * sense;
            }
        }

        return leftValue >= rightValue ? left : right;
    }
}
