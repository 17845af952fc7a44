using System.Diagnostics.Metrics;
using Prometheus;

namespace SatNode.Ground.Metrics;

/// <summary>Makes the station's series, for Prometheus and for OTLP alike: each is kept once, by Prometheus' collector, and an observable instrument of the same
/// name and labels looks at it. A histogram cannot be looked at and is recorded twice.</summary>
internal sealed class SeriesRegistry : IDisposable
{
    /// <summary>The name of the instruments' meter.</summary>
    public const string MeterName = "SatNode.Ground";

    private readonly MetricFactory _prometheus;
    private readonly List<Action> _lookers = [];

    public SeriesRegistry() => _prometheus = Prometheus.Metrics.WithCustomRegistry(Registry);

    /// <summary>What Prometheus scrapes.</summary>
    public CollectorRegistry Registry { get; } = Prometheus.Metrics.NewCustomRegistry();

    /// <summary>The instruments' meter.</summary>
    public Meter Meter { get; } = new(MeterName);

    public void Dispose() => Meter.Dispose();

    /// <summary>Takes the values that the instruments show from now on: at a moment when no series is being taken away, and without waiting for a collector.</summary>
    public void Snapshot()
    {
        foreach (Action look in _lookers)
            look();
    }

    /// <summary>Makes a gauge.</summary>
    public Gauge Gauge(string name, string help, params string[] labels)
    {
        Gauge gauge = _prometheus.CreateGauge(name, help, labels);
        Meter.CreateObservableGauge(name, Show(() => Look(gauge, child => child.Value)), unit: null, help);
        return gauge;
    }

    /// <summary>Makes a counter.</summary>
    public Counter Counter(string name, string help, params string[] labels)
    {
        Counter counter = _prometheus.CreateCounter(name, help, labels);
        Meter.CreateObservableCounter(name, Show(() => Look(counter, child => child.Value)), unit: null, help);
        return counter;
    }

    /// <summary>Makes a histogram.</summary>
    public SeriesHistogram Histogram(string name, string help, double[] buckets, params string[] labels) => new(
        _prometheus.CreateHistogram(name, help, new HistogramConfiguration { LabelNames = labels, Buckets = buckets }),
        Meter.CreateHistogram(name, unit: null, help, tags: null, new InstrumentAdvice<double> { HistogramBucketBoundaries = buckets }));

    private Func<IEnumerable<Measurement<double>>> Show(Func<List<Measurement<double>>> look)
    {
        List<Measurement<double>> shown = [];
        _lookers.Add(() => shown = look());
        return () => shown;
    }

    private static List<Measurement<double>> Look<T>(Collector<T> collector, Func<T, double> value)
        where T : ChildBase
    {
        List<Measurement<double>> measurements = [];
        foreach (string[] labels in collector.GetAllLabelValues())
        {
            var tags = new KeyValuePair<string, object?>[labels.Length];
            for (int i = 0; i < labels.Length; i++)
                tags[i] = new(collector.LabelNames[i], labels[i]);
            measurements.Add(new(value(collector.WithLabels(labels)), tags));
        }
        if (collector.LabelNames.Length == 0 && measurements.Count == 0)
            measurements.Add(new(value(collector.WithLabels())));
        return measurements;
    }
}

/// <summary>A histogram for Prometheus and for OTLP.</summary>
internal sealed class SeriesHistogram(Prometheus.Histogram prometheus, Histogram<double> instrument)
{
    /// <summary>Notes a value.</summary>
    public void Observe(double value, params string[] labels)
    {
        prometheus.WithLabels(labels).Observe(value);
        var tags = new KeyValuePair<string, object?>[labels.Length];
        for (int i = 0; i < labels.Length; i++)
            tags[i] = new(prometheus.LabelNames[i], labels[i]);
        instrument.Record(value, tags);
    }
}
