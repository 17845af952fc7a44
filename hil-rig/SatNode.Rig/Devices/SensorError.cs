namespace SatNode.Rig.Devices;

/// <summary>Draws of a chip's errors: fixed ones once, noise at each conversion. One seed gives one chip.</summary>
internal sealed class SensorError(int seed)
{
    private readonly Random _random = new(seed);

    /// <summary>Uniform within ± the bound.</summary>
    internal double Within(double bound) => ((2 * _random.NextDouble()) - 1) * bound;

    /// <summary>Gaussian of the given deviation, cut at three times it. Source: Box and Muller (1958).</summary>
    internal double Noise(double deviation)
    {
        if (!(deviation > 0))
            return 0;
        double radius = Math.Sqrt(-2 * Math.Log(1 - _random.NextDouble()));
        return deviation * Math.Clamp(radius * Math.Cos(Math.Tau * _random.NextDouble()), -3, 3);
    }

    /// <summary>True with a probability.</summary>
    internal bool Chance(double probability) => _random.NextDouble() < probability;

    /// <summary>A seed for a part, from the whole's seed and the part's number; the same on every machine.</summary>
    internal static int Derive(int seed, int part)
    {
        // SplitMix64 (Steele, Lea, Flood, OOPSLA 2014): neighbouring seeds give unrelated parts.
        unchecked
        {
            ulong z = ((ulong)(uint)seed << 32) + (uint)part + 0x9E3779B97F4A7C15UL;
            z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9UL;
            z = (z ^ (z >> 27)) * 0x94D049BB133111EBUL;
            return (int)(z ^ (z >> 31));
        }
    }
}
