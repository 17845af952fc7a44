using SatNode.Orbit.Elements;
using SatNode.Orbit.Propagation;

namespace SatNode.Orbit.Tests.Propagation;

public sealed class Sgp4BatchTests
{
    /// <summary>81 Starlink satellites and the whole verification set: near and deep, decayed, and without any state.</summary>
    private static readonly Sgp4[] Satellites =
    [
        .. TleParser.ParseAll(Vectors.Text("starlink-2024-10-21-excerpt.tle")).Select(tle => new Sgp4(tle)),
        .. VerificationSet.Cases.Select(test => new Sgp4(test.Tle with { Epoch = new(2024, 10, 21, 0, 0, 0, TimeSpan.Zero) })),
    ];

    [Theory]
    [InlineData(0)]
    [InlineData(7.3)]
    [InlineData(-24)]
    [InlineData(24)]
    [InlineData(24 * 7)]
    [InlineData(24 * 365)]
    public void Says_what_each_satellite_says_alone(double hours)
    {
        DateTimeOffset at = new DateTimeOffset(2024, 10, 21, 0, 0, 0, TimeSpan.Zero).AddHours(hours);
        var batch = new Sgp4Batch(Satellites);
        var states = new TemeState[batch.Count];
        var errors = new PropagationError[batch.Count];
        Array.Fill(errors, (PropagationError)99);
        int missing = batch.Propagate(at, states, errors);
        Assert.Equal(errors.Count(error => error != PropagationError.None), missing);
        for (int i = 0; i < Satellites.Length; i++)
        {
            Assert.Equal(Satellites[i].Propagate(at, out TemeState alone), errors[i]);
            double toleranceKm = 1e-6 * Math.Max(1.0, Math.Abs(hours) / (24 * 7));
            Assert.InRange((alone.PositionKm - states[i].PositionKm).Length, 0.0, toleranceKm);
            Assert.InRange((alone.VelocityKmPerSecond - states[i].VelocityKmPerSecond).Length, 0.0, toleranceKm);
        }
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(4)]
    [InlineData(5)]
    [InlineData(7)]
    public void Blocks_need_not_be_full(int count)
    {
        var batch = new Sgp4Batch(Satellites[..count]);
        var states = new TemeState[count];
        DateTimeOffset at = Satellites[0].Elements.Epoch.AddHours(1);
        Assert.Equal(0, batch.Propagate(at, states, new PropagationError[count]));
        for (int i = 0; i < count; i++)
            Assert.InRange((Satellites[i].Propagate(at, out TemeState alone) == PropagationError.None ? alone.PositionKm - states[i].PositionKm : new(9, 9, 9)).Length, 0.0, 1e-7);
    }

    [Fact]
    public void Allocates_nothing_and_asks_for_room()
    {
        var batch = new Sgp4Batch(Satellites);
        var states = new TemeState[batch.Count];
        var errors = new PropagationError[batch.Count];
        DateTimeOffset at = Satellites[0].Elements.Epoch;
        _ = batch.Propagate(at, states, errors);
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 1_000; i++)
            _ = batch.Propagate(at.AddSeconds(i), states, errors);
        Assert.Equal(0L, GC.GetAllocatedBytesForCurrentThread() - before);
        Assert.Throws<ArgumentException>(() => batch.Propagate(at, new TemeState[batch.Count - 1], errors));
        Assert.Throws<ArgumentException>(() => batch.Propagate(at, states, new PropagationError[batch.Count - 1]));
    }
}
