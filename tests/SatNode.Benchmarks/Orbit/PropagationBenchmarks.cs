using System.Runtime.Intrinsics;
using SatNode.Benchmarks.Measuring;
using SatNode.Orbit.Constellations;
using SatNode.Orbit.Propagation;

namespace SatNode.Benchmarks.Orbit;

/// <summary>States of Starlink's first shell (72 planes of 22), one after the other and four at a time.</summary>
internal static class PropagationBenchmarks
{
    public static Comparison Propagate()
    {
        var epoch = new DateTimeOffset(2026, 6, 21, 12, 0, 0, TimeSpan.Zero);
        // With drag, as catalogues have it: without, the theory skips terms.
        var shell = new WalkerShell { Planes = 72, SatellitesPerPlane = 22, AltitudeKm = 550, InclinationDegrees = 53, Phasing = 17, Epoch = epoch, BStar = 1e-4 };
        Sgp4[] satellites = [.. shell.AllElements().Select(e => new Sgp4(e))];
        var batch = new Sgp4Batch(satellites);
        var states = new TemeState[satellites.Length];
        var sums = new double[satellites.Length];
        var errors = new PropagationError[satellites.Length];
        var comparison = new Comparison("orbit.sgp4", $"SGP4 states of {satellites.Length} near-Earth satellites, one core", Display.Rate);
        comparison.Notes.Add("published: 2 to 3 M/s a core for good scalar code, 11 to 16 M/s for the fastest vectorised");
        return comparison
            .Add(Role.Product, "batch, four a vector", n =>
            {
                for (int i = 0; i < n; i++)
                    Check.That(batch.Propagate(epoch.AddSeconds(i % 86_400), states, errors) == 0, "a state of each satellite");
            }, operationsPerRun: satellites.Length)
            .Add(Role.Today, "one by one (our scalar path)", n =>
            {
                for (int i = 0; i < n; i++)
                {
                    for (int s = 0; s < satellites.Length; s++)
                        Check.That(satellites[s].Propagate((i % 86_400) / 60.0, out states[s]) == PropagationError.None, "a state");
                }
            }, operationsPerRun: satellites.Length)
            .Add(Role.Limit, "five vector sine-cosine pairs a state", n =>
            {
                for (int i = 0; i < n; i++)
                    SinesAndCosines(i, sums);
            }, operationsPerRun: satellites.Length);
    }

    /// <summary>What the theory can't do without: its five angles, four satellites a vector.</summary>
    private static void SinesAndCosines(int round, double[] into)
    {
        for (int s = 0; s + 4 <= into.Length; s += 4)
        {
            var angle = Vector256.Create(round + (s * 0.1));
            Vector256<double> sum = Vector256<double>.Zero;
            for (int pair = 0; pair < 5; pair++)
            {
                (Vector256<double> sine, Vector256<double> cosine) = Vector256.SinCos(angle + Vector256.Create((double)pair));
                sum += sine * cosine;
            }
            sum.CopyTo(into, s);
        }
    }
}
