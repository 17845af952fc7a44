using System.IO.Compression;
using SatNode.Benchmarks.Measuring;
using SatNode.Orbit.Constellations;
using SatNode.Orbit.Contacts;
using SatNode.Orbit.Elements;
using SatNode.Orbit.Geometry;
using SatNode.Orbit.Propagation;
using SatNode.Orbit.Sunlight;
using SatNode.Orbit.Topologies;
using SatNode.Orbit.Worlds;

namespace SatNode.Benchmarks.Orbit;

/// <summary>A whole constellation at one instant, beside a plain loop over satellites that asks each for everything.</summary>
internal static class WorldBenchmarks
{
    private const int Sites = 100;

    private static readonly DateTimeOffset Noon = new(2024, 10, 21, 12, 0, 0, TimeSpan.Zero);

    /// <summary>The published Starlink catalogue, +Grid.</summary>
    public static Comparison PlusGrid()
    {
        IReadOnlyList<Tle> elements = Starlink();
        var grid = PlusGridTopology.Of(elements, Noon, new IslLimits());
        return Step("orbit.world-plus-grid", $"{elements.Count} Starlink satellites: states, eclipse, {Sites} sites, +Grid ({grid.Pairs} pairs)", elements, grid, grid.Pairs);
    }

    /// <summary>The published Starlink catalogue, the shortest links that hold it together.</summary>
    public static Comparison SpanningTree()
    {
        IReadOnlyList<Tle> elements = Starlink();
        return Step("orbit.world-spanning-tree", $"{elements.Count} Starlink satellites: states, eclipse, {Sites} sites, minimum spanning tree within 5,000 km", elements,
            new SpanningTreeTopology(elements.Count, terminals: 16, new IslLimits()), elements.Count);
    }

    /// <summary>The same with four terminals a satellite and loops closed.</summary>
    public static Comparison TreeWithLoops()
    {
        IReadOnlyList<Tle> elements = Starlink();
        return Step("orbit.world-tree-with-loops", $"{elements.Count} Starlink satellites: the same, four terminals, loops closed", elements,
            new SpanningTreeTopology(elements.Count, terminals: 4, new IslLimits(), closeLoops: true), elements.Count);
    }

    /// <summary>The same with the nearest four.</summary>
    public static Comparison Nearest()
    {
        IReadOnlyList<Tle> elements = Starlink();
        return Step("orbit.world-nearest", $"{elements.Count} Starlink satellites: the same, nearest four within 5,000 km", elements,
            new NearestTopology(elements.Count, nearest: 4, terminals: 4, new IslLimits()), elements.Count);
    }

    /// <summary>Links and eclipses of 30,000 generated satellites.</summary>
    public static Comparison ThirtyThousand()
    {
        WalkerShell[] shells = [.. Enumerable.Range(0, 10).Select(i => new WalkerShell
        {
            Planes = 100, SatellitesPerPlane = 30, AltitudeKm = 340 + (30 * i), InclinationDegrees = 33 + (6 * i), Phasing = 11, Epoch = Noon, BStar = 1e-4, FirstCatalogNumber = 1 + (3_000 * i),
        })];
        Tle[] elements = [.. shells.SelectMany(shell => shell.AllElements())];
        var grid = PlusGridTopology.Of(shells, new IslLimits());
        return Step("orbit.grid-30000", $"{elements.Length} satellites of ten shells: states, eclipse, +Grid ({grid.Pairs} pairs)", elements, grid, grid.Pairs, sites: 0);
    }

    private static Comparison Step(string name, string title, IReadOnlyList<Tle> elements, Topology topology, int links, int sites = Sites)
    {
        Sgp4[] satellites = [.. elements.Select(tle => new Sgp4(tle))];
        GroundSite[] places = [.. Enumerable.Range(0, sites).Select(i => new GroundSite(Geodetic.FromDegrees(-70 + (1.4 * i), (i * 137.5 % 360) - 180), ElevationMask.Constant(25)))];
        var world = new WorldStep(new Sgp4Batch(satellites), topology, new GroundSights(places));
        var comparison = new Comparison(name, title, Display.Time);
        comparison.Notes.Add($"the plain loop asks each satellite for state and eclipse, each site for each satellite; it links nobody. One core. Resident now: {Environment.WorkingSet / 1e6:0} MB");
        return comparison
            .Add(Role.Product, "a step, all links found", n =>
            {
                for (int i = 0; i < n; i++)
                    world.MoveTo(Noon.AddSeconds(10 * (i % 8_640)));
                Check.That(n == 0 || (world.Links.Count > links / 2 && world.Missing < 30), "links and states");
            })
            .Add(Role.Today, "a plain loop without links", n =>
            {
                for (int i = 0; i < n; i++)
                    Check.That(PlainStep(satellites, places, Noon.AddSeconds(10 * (i % 8_640))) > 0, "sunlit satellites");
            });
    }

    private static double PlainStep(Sgp4[] satellites, GroundSite[] places, DateTimeOffset at)
    {
        double sum = 0.0;
        Vector3d sun = Sun.PositionKm(at);
        foreach (Sgp4 satellite in satellites)
        {
            if (satellite.Propagate(at, out TemeState state) != PropagationError.None)
                continue;
            sum += Eclipse.SunFraction(state.PositionKm, sun);
            Vector3d turned = Frames.TemeToEcef(state.PositionKm, at);
            foreach (GroundSite place in places)
                sum += place.Sees(turned) ? 1.0 : 0.0;
        }
        return sum;
    }

    private static IReadOnlyList<Tle> Starlink()
    {
        using FileStream file = File.OpenRead(Path.Combine(AppContext.BaseDirectory, "vectors", "starlink-2024-10-21.tle.gz"));
        using var unzipped = new GZipStream(file, CompressionMode.Decompress);
        using var reader = new StreamReader(unzipped);
        return TleParser.ParseAll(reader.ReadToEnd());
    }
}
