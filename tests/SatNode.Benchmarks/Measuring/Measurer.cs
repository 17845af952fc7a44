namespace SatNode.Benchmarks.Measuring;

/// <summary>Measures the subjects of a comparison in turns (A B C A B C …), so that a change of the machine's load meets all of them alike.</summary>
/// <param name="rounds">Rounds that count.</param>
/// <param name="round">The time that a round of one subject should take.</param>
internal sealed class Measurer(int rounds, TimeSpan round)
{
    private const int MaxOperations = 50_000_000;
    private const int Tries = 3;

    /// <summary>Longer than the runtime waits before it optimises code that came with it.</summary>
    private static readonly TimeSpan WarmUp = TimeSpan.FromMilliseconds(200);

    public Result Measure(Comparison comparison)
    {
        Subject[] subjects = [.. comparison.Subjects];
        int[] operations = [.. subjects.Select(Calibrate)];
        double[][] times = [.. subjects.Select(_ => new double[rounds])];
        double[][] cpus = [.. subjects.Select(_ => new double[rounds])];
        double[][] bytes = [.. subjects.Select(_ => new double[rounds])];
        for (int i = 0; i < rounds; i++)
        {
            for (int s = 0; s < subjects.Length; s++)
            {
                double done = (double)operations[s] * subjects[s].OperationsPerRun;
                long allocated = Allocated(subjects[s]);
                TimeSpan cpu = Environment.CpuUsage.TotalTime;
                long start = TimeProvider.System.GetTimestamp();
                subjects[s].Run(operations[s]);
                TimeSpan elapsed = TimeProvider.System.GetElapsedTime(start);
                cpus[s][i] = (Environment.CpuUsage.TotalTime - cpu).TotalNanoseconds / done;
                bytes[s][i] = (Allocated(subjects[s]) - allocated) / done;
                times[s][i] = elapsed.TotalNanoseconds / done;
            }
        }
        return new(comparison, [.. subjects.Select((subject, s) => new Measurement
        {
            Subject = subject,
            Operations = (long)operations[s] * subject.OperationsPerRun,
            Min = times[s].Min(),
            Median = Median(times[s]),
            Max = times[s].Max(),
            CpuMedian = Median(cpus[s]),
            AllocatedBytes = Median(bytes[s]),
            ProductToThis = Median([.. times[s].Select((time, i) => times[0][i] / time)]),
            ProductToThisCpu = Median(cpus[0]) / Median(cpus[s]), // of medians: the kernel counts CPU time in coarse steps
        })]);
    }

    internal static double Median(double[] values)
    {
        double[] sorted = [.. values.Order()];
        int half = sorted.Length / 2;
        return sorted.Length % 2 == 1 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2;
    }

    /// <summary>Warms up, and finds how many operations fill a round. Believes only the fastest try: a slow one may have been another program's turn.</summary>
    private int Calibrate(Subject subject)
    {
        int operations = 1, tries = 0;
        TimeSpan warm = TimeSpan.Zero;
        double fastest = double.PositiveInfinity; // nanoseconds an operation
        while (true)
        {
            long start = TimeProvider.System.GetTimestamp();
            subject.Run(operations);
            TimeSpan elapsed = TimeProvider.System.GetElapsedTime(start);
            warm += elapsed;
            fastest = Math.Min(fastest, elapsed.TotalNanoseconds / operations);
            bool isLong = fastest * operations >= round.TotalNanoseconds / 2 || operations >= MaxOperations;
            if (isLong && warm >= WarmUp && ++tries >= Tries) // the first one of all compiles and connects
                return (int)Math.Clamp(round.TotalNanoseconds / fastest, 1, MaxOperations);
            if (!isLong)
                operations *= 2;
        }
    }

    private static long Allocated(Subject subject) =>
        subject.Threads ? GC.GetTotalAllocatedBytes(precise: true) : GC.GetAllocatedBytesForCurrentThread();
}
