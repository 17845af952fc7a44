using System.IO.Compression;
using SatNode.Orbit.Elements;
using SatNode.Orbit.Propagation;

namespace SatNode.Orbit.Tests;

/// <summary>The whole published catalogue of 2024-10-21: 6,469 satellites.</summary>
internal static class Starlink
{
    internal static readonly DateTimeOffset Noon = new(2024, 10, 21, 12, 0, 0, TimeSpan.Zero);

    internal static IReadOnlyList<Tle> Elements { get; } = Read();

    internal static Sgp4Batch Batch { get; } = new([.. Elements.Select(tle => new Sgp4(tle))]);

    internal static ConstellationStates At(DateTimeOffset utc)
    {
        var states = new ConstellationStates(Batch.Count);
        _ = Batch.Propagate(utc, states);
        return states;
    }

    private static IReadOnlyList<Tle> Read()
    {
        using FileStream file = File.OpenRead(Path.Combine(AppContext.BaseDirectory, "vectors", "starlink-2024-10-21.tle.gz"));
        using var unzipped = new GZipStream(file, CompressionMode.Decompress);
        using var reader = new StreamReader(unzipped);
        return TleParser.ParseAll(reader.ReadToEnd());
    }
}
