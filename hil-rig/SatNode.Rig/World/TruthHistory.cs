namespace SatNode.Rig.World;

/// <summary>The lowest and the highest value in a span of time.</summary>
/// <param name="Min">The lowest.</param>
/// <param name="Max">The highest.</param>
public readonly record struct Envelope(double Min, double Max)
{
    /// <summary>True when a value lies within, give or take; NaN does not.</summary>
    public bool Contains(double value, double tolerance = 0) => value >= Min - tolerance && value <= Max + tolerance;
}

/// <summary>The last samples of a truth, oldest dropped. Grows with use up to its bound.</summary>
public sealed class TruthHistory
{
    private const int GrowthMin = 1024;

    private readonly int _samplesMax;
    private readonly Lock _lock = new();
    private TruthSample[] _samples = [];
    private long _count; // samples ever added

    internal TruthHistory(int samplesMax) => _samplesMax = samplesMax;

    /// <summary>Samples kept now.</summary>
    public int Count
    {
        get
        {
            lock (_lock)
                return Kept;
        }
    }

    private int Kept => (int)Math.Min(_count, _samples.Length);

    /// <summary>The lowest and highest of a quantity in a span of world time; where no sample falls into it, of the two around it.</summary>
    /// <returns>Null when history does not reach around the span.</returns>
    public Envelope? Envelope(TruthQuantity quantity, DateTimeOffset from, DateTimeOffset to)
    {
        lock (_lock)
        {
            int kept = Kept;
            if (kept == 0 || to < from || At(0).Time > from || At(kept - 1).Time < to)
                return null;
            int index = FirstAfter(from) - 1; // the sample at or before the span's start
            double min = double.PositiveInfinity;
            double max = double.NegativeInfinity;
            for (; index < kept; index++)
            {
                TruthSample sample = At(index);
                min = Math.Min(min, sample[quantity]);
                max = Math.Max(max, sample[quantity]);
                if (sample.Time >= to)
                    break;
            }
            return new(min, max);
        }
    }

    /// <summary>Samples of a span of world time, at most one for each spacing; for plots and reports.</summary>
    public IReadOnlyList<TruthSample> Samples(DateTimeOffset from, DateTimeOffset to, TimeSpan spacing)
    {
        lock (_lock)
        {
            List<TruthSample> samples = [];
            DateTimeOffset next = from;
            for (int index = 0; index < Kept; index++)
            {
                TruthSample sample = At(index);
                if (sample.Time > to)
                    break;
                if (sample.Time < next)
                    continue;
                samples.Add(sample);
                next = sample.Time + spacing;
            }
            return samples;
        }
    }

    internal void Add(in TruthSample sample)
    {
        lock (_lock)
        {
            if (_count == _samples.Length && _samples.Length < _samplesMax)
                Array.Resize(ref _samples, (int)Math.Min(_samplesMax, Math.Max(GrowthMin, 2L * _samples.Length)));
            _samples[(int)(_count % _samples.Length)] = sample;
            _count++;
        }
    }

    private TruthSample At(int index) => _samples[(int)((_count <= _samples.Length ? index : _count + index) % _samples.Length)];

    private int FirstAfter(DateTimeOffset time)
    {
        int low = 0;
        int high = Kept;
        while (low < high)
        {
            int middle = low + ((high - low) / 2);
            if (At(middle).Time > time)
                high = middle;
            else
                low = middle + 1;
        }
        return low;
    }
}
