namespace SatNode.Benchmarks.Measuring;

/// <summary>What the rounds of one subject gave. Times are nanoseconds an operation.</summary>
internal sealed record Measurement
{
    public required Subject Subject { get; init; }

    /// <summary>Operations in one round.</summary>
    public required long Operations { get; init; }

    public required double Min { get; init; }

    public required double Median { get; init; }

    public required double Max { get; init; }

    /// <summary>CPU time of the whole process: what other programs on the machine hardly change.</summary>
    public required double CpuMedian { get; init; }

    /// <summary>Bytes allocated an operation, by the measuring thread or, where others work for it, by all.</summary>
    public required double AllocatedBytes { get; init; }

    /// <summary>The product's time as a multiple of this one's: the median of the rounds' own ratios, each of neighbours in time.</summary>
    public required double ProductToThis { get; init; }

    /// <summary>The same of CPU time. Child processes are not in it.</summary>
    public required double ProductToThisCpu { get; init; }
}

/// <summary>A comparison that was measured.</summary>
internal sealed record Result(Comparison Comparison, IReadOnlyList<Measurement> Measurements);
