using System.Buffers.Binary;
using System.Text.Json;
using SatNode.Functions.Runtime;

namespace SatNode.Functions.Tests.Workflow;

/// <summary>The four flown functions on the real scene, against a reference that shares nothing with them.</summary>
public sealed class WildfireWorkflowTests(WildfireChain chain) : IClassFixture<WildfireChain>
{
    private const int Head = 56;

    private static readonly ReferenceRegions Reference = new(WildfireChain.ScenePath);

    [Fact]
    public void Decodes_every_sample_of_the_scene()
    {
        byte[] raster = chain.Outputs["ingest"];
        Assert.Equal("SNR1"u8.ToArray(), raster[..4]);
        Assert.Equal((Reference.Width, Reference.Height, 6), (Word(raster, 4), Word(raster, 8), Word(raster, 12)));
        Assert.Equal(28.5, Real(raster, 16), 1e-6);
        Assert.Equal(28.5, Real(raster, 24), 1e-6);
        Assert.Equal(288776.25, Real(raster, 32), 1e-5);
        Assert.Equal(9120760.75, Real(raster, 40), 1e-4);
        Assert.Equal(31985, Word(raster, 48)); // SIRGAS 2000 / UTM zone 25S
        int at = Head;
        for (int band = 0; band < 6; band++)
        {
            for (int y = 0; y < Reference.Height; y++)
            {
                for (int x = 0; x < Reference.Width; x++)
                    Assert.Equal(Reference.Sample(x, y, band), raster[at++]);
            }
        }
        Assert.Equal(raster.Length, at);
    }

    [Fact]
    public void Cuts_the_two_infrared_bands_into_tiles_that_cover_the_scene_once()
    {
        byte[] frames = chain.Outputs["extract-frames"];
        Assert.Equal("SNF1"u8.ToArray(), frames[..4]);
        HashSet<(int, int)> covered = [];
        int at = Head;
        for (int tile = 0; tile < Word(frames, 12); tile++)
        {
            int left = Word(frames, at), top = Word(frames, at + 4), width = Word(frames, at + 8), height = Word(frames, at + 12);
            at += 16;
            for (int i = 0; i < width * height; i++)
            {
                int x = left + (i % width), y = top + (i / width);
                Assert.True(covered.Add((x, y)));
                Assert.Equal(Reference.Sample(x, y, 3), frames[at + i]);
                Assert.Equal(Reference.Sample(x, y, 5), frames[at + (width * height) + i]);
            }
            at += 2 * width * height;
        }
        Assert.Equal(Reference.Width * Reference.Height, covered.Count);
        Assert.Equal(frames.Length, at);
    }

    [Fact]
    public void Finds_the_regions_of_the_reference()
    {
        byte[] found = chain.Outputs["object-det"];
        Assert.Equal("SNB1"u8.ToArray(), found[..4]);
        Assert.InRange(Reference.Regions.Count, 20, 99);
        Assert.Equal(Reference.Regions.Count, Word(found, 12));
        Assert.Equal(Reference.BurntPixels, Word(found, 52));
        int at = Head;
        foreach (ReferenceRegion expected in Reference.Regions)
        {
            Assert.Equal((expected.Id, expected.Pixels.Count), (Word(found, at), Word(found, at + 4)));
            Assert.Equal((expected.Left, expected.Top, expected.Right, expected.Bottom),
                (Word(found, at + 8), Word(found, at + 12), Word(found, at + 16), Word(found, at + 20)));
            Assert.Equal(expected.CentroidX, Real(found, at + 24), 1e-9);
            Assert.Equal(expected.CentroidY, Real(found, at + 32), 1e-9);
            Assert.Equal(expected.MeanNbr, Real(found, at + 40), 1e-4);
            int points = Word(found, at + 48);
            List<(int X, int Y)> outline = [.. Enumerable.Range(0, points).Select(i => (Half(found, at + 56 + (i * 4)), Half(found, at + 58 + (i * 4))))];
            AssertOutlines(expected, outline);
            at += 56 + (points * 4);
        }
        Assert.Equal(found.Length, at);
    }

    [Fact]
    public void Has_regions_that_cross_the_borders_of_tiles() =>
        Assert.Contains(Reference.Regions, r => r.Left / 64 != r.Right / 64 && r.Top / 64 != r.Bottom / 64);

    [Fact]
    public void Gives_a_dataset_with_the_regions_of_the_reference()
    {
        byte[] dataset = chain.Outputs["prepare-ds"];
        Assert.InRange(dataset.Length, 1000, 65536);
        using var json = JsonDocument.Parse(dataset);
        JsonElement root = json.RootElement;
        Assert.Equal("FeatureCollection", root.GetProperty("type").GetString());
        Assert.Equal(31985, root.GetProperty("epsg").GetInt32());
        Assert.Equal(0, root.GetProperty("omitted").GetInt32());
        Assert.Equal(Reference.BurntPixels, root.GetProperty("burntPixels").GetInt32());
        Assert.Equal(Reference.Regions.Count, root.GetProperty("features").GetArrayLength());
        foreach ((JsonElement feature, ReferenceRegion expected) in root.GetProperty("features").EnumerateArray().Zip(Reference.Regions))
        {
            JsonElement properties = feature.GetProperty("properties");
            Assert.Equal(expected.Id, feature.GetProperty("id").GetInt32());
            Assert.Equal(expected.Pixels.Count, properties.GetProperty("pixels").GetInt32());
            Assert.Equal([expected.Left, expected.Top, expected.Right, expected.Bottom], properties.GetProperty("bbox").EnumerateArray().Select(v => v.GetInt32()));
            Assert.Equal(expected.MeanNbr, properties.GetProperty("meanNbr").GetDouble(), 1e-4);
            Assert.Equal(expected.Pixels.Count * 28.5 * 28.5 / 1e4, properties.GetProperty("areaHa").GetDouble(), 0.0051);
            double[] centroid = [.. properties.GetProperty("centroid").EnumerateArray().Select(v => v.GetDouble())];
            Assert.Equal(288776.25 + ((expected.CentroidX + 0.5) * 28.5), centroid[0], 0.051);
            Assert.Equal(9120760.75 - ((expected.CentroidY + 0.5) * 28.5), centroid[1], 0.051);
            List<string> ring = [.. feature.GetProperty("geometry").GetProperty("coordinates")[0].EnumerateArray().Select(p => p.GetRawText())];
            Assert.True(ring.Count >= 4);
            Assert.Equal(ring[0], ring[^1]);
        }
    }

    [Fact]
    public void Matches_the_expectation_that_the_rig_reads()
    {
        string path = Path.Combine(AppContext.BaseDirectory, "data", "wildfire-regions.expected.json");
        if (Environment.GetEnvironmentVariable("SATNODE_WRITE_EXPECTED") is { Length: > 0 } target)
            File.WriteAllText(target, Reference.ToJson());
        Assert.Equal(Reference.ToJson(), File.ReadAllText(path).ReplaceLineEndings("\n"));
    }

    [Fact]
    public void Gives_the_same_bytes_every_time()
    {
        Assert.Equal(chain.Outputs["object-det"], chain.Run("object-det", chain.Outputs["extract-frames"]).Output.ToArray());
        Assert.Equal(chain.Outputs["prepare-ds"], chain.Run("prepare-ds", chain.Outputs["object-det"]).Output.ToArray());
    }

    [Theory]
    [InlineData("ingest", "expected a little-endian TIFF")]
    [InlineData("extract-frames", "expected a raster container")]
    [InlineData("object-det", "expected a frames container")]
    [InlineData("prepare-ds", "expected a regions container")]
    public void Says_what_is_wrong_with_an_input_of_the_wrong_kind(string function, string reason)
    {
        InvocationOutcome outcome = chain.Run(function, [.. Enumerable.Repeat((byte)1, 100)]);
        Assert.Equal((InvocationEnd.Trapped, $"gave up with code 2: {reason}"), (outcome.End, outcome.Reason));
    }

    // A cut or flipped scene must end in a refusal or in a raster of the right size, never in anything else.
    [Fact]
    public void Survives_a_damaged_scene()
    {
        byte[] scene = File.ReadAllBytes(WildfireChain.ScenePath);
        var random = new Random(20261123);
        using DeployedFunction ingest = chain.Install("ingest");
        int refused = 0;
        for (int i = 0; i < 60; i++)
        {
            byte[] damaged = i % 3 == 0 ? scene[..random.Next(scene.Length)] : [.. scene];
            if (i % 3 != 0)
                damaged[i % 3 == 1 ? random.Next(1136) : random.Next(scene.Length)] ^= (byte)(1 << random.Next(8));
            InvocationOutcome outcome = chain.Runtime.Invoke(ingest, damaged, new Runtime.TestEnvironment(), CancellationToken.None);
            if (outcome.Succeeded)
                Assert.Equal(Word(outcome.Output.Span, 4) * Word(outcome.Output.Span, 8) * Word(outcome.Output.Span, 12), outcome.Output.Length - Head);
            else
                Assert.StartsWith("gave up with code ", outcome.Reason, StringComparison.Ordinal);
            refused += outcome.Succeeded ? 0 : 1;
        }
        Assert.InRange(refused, 30, 59);
    }

    [Fact]
    public void Sees_every_flipped_bit_of_the_samples()
    {
        byte[] scene = File.ReadAllBytes(WildfireChain.ScenePath);
        scene[400_000] ^= 4;
        Assert.Equal(InvocationEnd.Trapped, chain.Run("ingest", scene).End);
    }

    // The outline encloses exactly the region and its holes: every edge has the region on its right hand and not on its left.
    private static void AssertOutlines(ReferenceRegion region, List<(int X, int Y)> outline)
    {
        HashSet<(int X, int Y)> pixels = [.. region.Pixels];
        long twiceArea = 0;
        for (int i = 0; i < outline.Count; i++)
        {
            (int X, int Y) from = outline[i], to = outline[(i + 1) % outline.Count];
            Assert.True((from.X == to.X) != (from.Y == to.Y), "edges run along pixels");
            twiceArea += ((long)from.X * to.Y) - ((long)to.X * from.Y);
            int dx = Math.Sign(to.X - from.X), dy = Math.Sign(to.Y - from.Y);
            for ((int X, int Y) at = from; at != to; at = (at.X + dx, at.Y + dy))
            {
                (int X, int Y) right = (at.X + (dx - dy - 1) / 2, at.Y + (dx + dy - 1) / 2);
                (int X, int Y) left = (at.X + (dx + dy - 1) / 2, at.Y + (dy - dx - 1) / 2);
                Assert.Contains(right, pixels);
                Assert.DoesNotContain(left, pixels);
            }
        }
        Assert.Equal(pixels.Count + Holes(region, pixels), twiceArea / 2);
    }

    // Pixels that cannot reach the outside over sides alone, as the region's own pixels touch at corners too.
    private static int Holes(ReferenceRegion region, HashSet<(int X, int Y)> pixels)
    {
        int left = region.Left - 1, top = region.Top - 1, right = region.Right + 1, bottom = region.Bottom + 1;
        HashSet<(int X, int Y)> outside = [(left, top)];
        var front = new Stack<(int X, int Y)>(outside);
        while (front.TryPop(out (int X, int Y) at))
        {
            foreach ((int X, int Y) next in (ReadOnlySpan<(int, int)>)[(at.X + 1, at.Y), (at.X - 1, at.Y), (at.X, at.Y + 1), (at.X, at.Y - 1)])
            {
                if (next.X >= left && next.X <= right && next.Y >= top && next.Y <= bottom && !pixels.Contains(next) && outside.Add(next))
                    front.Push(next);
            }
        }
        return ((right - left + 1) * (bottom - top + 1)) - outside.Count - pixels.Count;
    }

    private static int Word(ReadOnlySpan<byte> bytes, int at) => BinaryPrimitives.ReadInt32LittleEndian(bytes[at..]);

    private static int Half(ReadOnlySpan<byte> bytes, int at) => BinaryPrimitives.ReadUInt16LittleEndian(bytes[at..]);

    private static double Real(ReadOnlySpan<byte> bytes, int at) => BinaryPrimitives.ReadDoubleLittleEndian(bytes[at..]);
}
