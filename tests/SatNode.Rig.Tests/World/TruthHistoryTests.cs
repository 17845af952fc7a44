using SatNode.Rig.World;

namespace SatNode.Rig.Tests.World;

public sealed class TruthHistoryTests
{
    [Fact]
    public void An_envelope_holds_the_samples_around_the_span()
    {
        (TrueWorld world, SatelliteTruth satellite) = Worlds.One();
        satellite.Board = new ScriptedLoad();
        world.Advance(world.Start + TimeSpan.FromMinutes(10));
        TruthSample[] samples = [.. satellite.History.Samples(world.Start, world.Now, TimeSpan.Zero)];
        Assert.Equal(601, samples.Length);

        Envelope between = satellite.History.Envelope(TruthQuantity.StateOfCharge, world.Start + TimeSpan.FromSeconds(100.2), world.Start + TimeSpan.FromSeconds(100.7))!.Value;
        Assert.Equal(Math.Min(samples[100].StateOfCharge, samples[101].StateOfCharge), between.Min);
        Assert.Equal(Math.Max(samples[100].StateOfCharge, samples[101].StateOfCharge), between.Max);

        Envelope all = satellite.History.Envelope(TruthQuantity.BoardKelvin, world.Start, world.Now)!.Value;
        Assert.Equal(samples.Min(s => s.BoardKelvin), all.Min);
        Assert.Equal(samples.Max(s => s.BoardKelvin), all.Max);
    }

    [Fact]
    public void Says_nothing_of_what_it_does_not_know()
    {
        (TrueWorld world, SatelliteTruth satellite) = Worlds.One(new() { HistorySamplesMax = 100 });
        world.Advance(world.Start + TimeSpan.FromMinutes(10));

        Assert.Equal(100, satellite.History.Count);
        Assert.Null(satellite.History.Envelope(TruthQuantity.BoardKelvin, world.Now - TimeSpan.FromSeconds(100), world.Now));
        Assert.NotNull(satellite.History.Envelope(TruthQuantity.BoardKelvin, world.Now - TimeSpan.FromSeconds(99), world.Now));
        Assert.Null(satellite.History.Envelope(TruthQuantity.BoardKelvin, world.Now, world.Now + TimeSpan.FromTicks(1)));
        Assert.Null(satellite.History.Envelope(TruthQuantity.BoardKelvin, world.Now, world.Now - TimeSpan.FromTicks(1)));
    }

    [Fact]
    public void Nan_lies_in_no_envelope()
    {
        Assert.True(new Envelope(1, 2).Contains(2.5, 0.5));
        Assert.False(new Envelope(1, 2).Contains(2.51, 0.5));
        Assert.False(new Envelope(1, 2).Contains(double.NaN, 10));
    }
}
