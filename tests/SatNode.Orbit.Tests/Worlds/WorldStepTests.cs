using SatNode.Orbit.Constellations;
using SatNode.Orbit.Contacts;
using SatNode.Orbit.Geometry;
using SatNode.Orbit.Propagation;
using SatNode.Orbit.Sunlight;
using SatNode.Orbit.Tests.Propagation;
using SatNode.Orbit.Topologies;
using SatNode.Orbit.Worlds;

namespace SatNode.Orbit.Tests.Worlds;

public sealed class WorldStepTests
{
    private static readonly GroundSite[] Sites = [.. Enumerable.Range(0, 100).Select(i => new GroundSite(
        Geodetic.FromDegrees(-80 + (1.6 * i), (i * 137.5 % 360) - 180, i % 3),
        i % 4 == 0 ? ElevationMask.FromPoints((0, 5), (90, 30), (200, 2)) : ElevationMask.Constant(i % 7 == 0 ? -5 : 25)))];

    [Fact]
    public void Every_satellite_of_the_catalogue_is_where_it_is_alone_to_a_millimetre()
    {
        foreach (double hours in (double[])[0, 3.7, -48, 100, 168])
        {
            DateTimeOffset at = Starlink.Noon.AddHours(hours);
            ConstellationStates states = Starlink.At(at);
            for (int i = 0; i < states.Count; i++)
            {
                bool has = new Sgp4(Starlink.Elements[i]).Propagate(at, out TemeState alone) == PropagationError.None;
                Assert.Equal(has, states.Has(i));
                if (!has)
                    continue;
                Assert.InRange((states.PositionKm(i) - alone.PositionKm).Length, 0.0, 1e-6);
                Assert.InRange((states.State(i).VelocityKmPerSecond - alone.VelocityKmPerSecond).Length, 0.0, 1e-9);
            }
        }
    }

    [Fact]
    public void A_batch_of_near_deep_and_decayed_ones_says_the_same_in_either_form()
    {
        var batch = new Sgp4Batch([.. VerificationSet.Cases.Select(test => new Sgp4(test.Tle with { Epoch = Starlink.Noon }))]);
        var states = new ConstellationStates(batch.Count);
        var single = new TemeState[batch.Count];
        var errors = new PropagationError[batch.Count];
        foreach (double minutes in (double[])[0, 60, 500, 2_880])
        {
            int missing = batch.Propagate(Starlink.Noon.AddMinutes(minutes), states);
            Assert.Equal(batch.Propagate(Starlink.Noon.AddMinutes(minutes), single, errors), missing);
            Assert.True(missing > 0);
            for (int i = 0; i < batch.Count; i++)
            {
                Assert.Equal(errors[i] == PropagationError.None, states.Has(i));
                if (states.Has(i))
                    Assert.Equal(single[i], states.State(i));
            }
        }

        Assert.Throws<ArgumentException>(() => batch.Propagate(Starlink.Noon, new ConstellationStates(batch.Count - 1)));
        Assert.Throws<ArgumentOutOfRangeException>(() => new ConstellationStates(Sgp4Batch.SatellitesMax + 1));
    }

    [Fact]
    public void Sunlight_is_that_of_each_satellite()
    {
        var fractions = new double[Starlink.Batch.Count];
        int partly = 0;
        for (int hour = 0; hour < 24; hour++)
        {
            DateTimeOffset at = Starlink.Noon.AddHours(hour);
            ConstellationStates states = Starlink.At(at);
            states.Clear(hour);
            EclipseBatch.SunFractions(states, Sun.PositionKm(at), fractions);
            for (int i = 0; i < fractions.Length; i++)
            {
                if (!states.Has(i))
                {
                    Assert.True(double.IsNaN(fractions[i]));
                    continue;
                }

                double alone = Eclipse.SunFraction(states.PositionKm(i), Sun.PositionKm(at));
                Assert.InRange(fractions[i] - alone, -1e-9, 1e-9);
                partly += alone is > 0 and < 1 ? 1 : 0;
            }
        }

        Assert.True(partly > 100);
        Assert.Throws<ArgumentException>(() => EclipseBatch.SunFractions(Starlink.At(Starlink.Noon), Sun.PositionKm(Starlink.Noon), new double[fractions.Length - 1]));
    }

    [Fact]
    public void Sunlight_holds_from_the_ground_to_beyond_the_tip_of_the_umbra()
    {
        Vector3d sun = Sun.PositionKm(Starlink.Noon);
        var random = new Random(3);
        var states = new ConstellationStates(20_003);
        for (int i = 0; i < states.Count; i++)
        {
            // Around the axis of the shadow, at 6,400 to 3 million km.
            double radius = 6_400 * Math.Pow(470, random.NextDouble());
            Vector3d aside = new(random.NextDouble() - 0.5, random.NextDouble() - 0.5, random.NextDouble() - 0.5);
            states.Set(i, new(((-sun.Normalized() * radius) + (aside * 16_000 * random.NextDouble())).Normalized() * radius, default));
        }

        var fractions = new double[states.Count];
        EclipseBatch.SunFractions(states, sun, fractions);
        for (int i = 0; i < states.Count; i++)
            Assert.InRange(fractions[i] - Eclipse.SunFraction(states.PositionKm(i), sun), -2e-6, 2e-6);
        Assert.Contains(fractions, fraction => fraction is > 0.3 and < 0.7);
        Assert.Contains(0.0, fractions);
    }

    [Fact]
    public void Sites_see_whom_they_see_alone()
    {
        DateTimeOffset at = Starlink.Noon.AddMinutes(7);
        ConstellationStates states = Starlink.At(at);
        states.Clear(9);
        var links = new LinkSet();
        new GroundSights(Sites).Find(states, at, links);
        HashSet<(int, int)> found = [];
        for (int i = 0; i < links.Count; i++)
            Assert.True(found.Add((links.From[i], links.To[i])));
        int expected = 0;
        for (int s = 0; s < Sites.Length; s++)
        {
            for (int i = 0; i < states.Count; i++)
            {
                bool sees = states.Has(i) && Sites[s].Sees(Frames.TemeToEcef(states.PositionKm(i), at));
                Assert.Equal(sees, found.Contains((s, i)));
                expected += sees ? 1 : 0;
            }
        }

        Assert.Equal(expected, links.Count);
        Assert.True(expected > 1_000);
        Assert.Throws<ArgumentOutOfRangeException>(() => new GroundSights([.. Enumerable.Repeat(Sites[0], GroundSights.SitesMax + 1)]));
    }

    [Theory]
    [InlineData("plus-grid")]
    [InlineData("nearest")]
    [InlineData("tree")]
    [InlineData("tree with loops")]
    public void A_step_allocates_nothing_once_warm(string kind)
    {
        WalkerShell shell = TestOrbits.Starlink with { Planes = 12, Phasing = 5 };
        var batch = new Sgp4Batch([.. shell.AllElements().Select(tle => new Sgp4(tle))]);
        var limits = new IslLimits();
        Topology topology = kind switch
        {
            "plus-grid" => PlusGridTopology.Of([shell], limits),
            "nearest" => new NearestTopology(batch.Count, 4, 4, limits),
            _ => new SpanningTreeTopology(batch.Count, 4, limits, kind == "tree with loops"),
        };
        var world = new WorldStep(batch, topology, new GroundSights(Sites));
        for (int i = 0; i < 100; i++)
            world.MoveTo(TestOrbits.Equinox.AddMinutes(i));
        Assert.Equal(0, world.Missing);
        Assert.True(world.Links.Count >= batch.Count - 1 && world.GroundLinks.Count > 50);
        Assert.Contains(world.SunFractions.ToArray(), fraction => fraction == 0.0);
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 100; i++)
            world.MoveTo(TestOrbits.Equinox.AddMinutes(i));
        Assert.Equal(0L, GC.GetAllocatedBytesForCurrentThread() - before);
    }
}
