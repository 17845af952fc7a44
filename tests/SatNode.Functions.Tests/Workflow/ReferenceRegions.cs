using System.Globalization;
using System.Text;
using BitMiracle.LibTiff.Classic;

namespace SatNode.Functions.Tests.Workflow;

/// <summary>A burnt region as the reference finds it.</summary>
internal sealed record ReferenceRegion(int Id, IReadOnlyList<(int X, int Y)> Pixels, double MeanNbr)
{
    public int Left => Pixels.Min(p => p.X);
    public int Top => Pixels.Min(p => p.Y);
    public int Right => Pixels.Max(p => p.X);
    public int Bottom => Pixels.Max(p => p.Y);
    public double CentroidX => Pixels.Average(p => p.X);
    public double CentroidY => Pixels.Average(p => p.Y);
}

/// <summary>The regions of the scene, found independently of the flown functions: decoded by LibTiff, grown by flood fill, in floating point.</summary>
internal sealed class ReferenceRegions
{
    public const double Threshold = -0.3;
    public const int PixelsMin = 30;

    private readonly byte[] _samples;
    private readonly int _bands;

    public ReferenceRegions(string path)
    {
        Tiff.SetErrorHandler(new QuietHandler());
        using Tiff tiff = Tiff.Open(path, "r") ?? throw new IOException($"{path}: expected a TIFF");
        Width = tiff.GetField(TiffTag.IMAGEWIDTH)[0].ToInt();
        Height = tiff.GetField(TiffTag.IMAGELENGTH)[0].ToInt();
        _bands = tiff.GetField(TiffTag.SAMPLESPERPIXEL)[0].ToInt();
        _samples = new byte[Width * Height * _bands];
        byte[] row = new byte[tiff.ScanlineSize()];
        for (int y = 0; y < Height; y++)
        {
            Assert.True(tiff.ReadScanline(row, y));
            row.CopyTo(_samples, y * row.Length);
        }
        Regions = Find();
    }

    public int Width { get; }

    public int Height { get; }

    public int BurntPixels { get; private set; }

    public IReadOnlyList<ReferenceRegion> Regions { get; }

    public byte Sample(int x, int y, int band) => _samples[(((y * Width) + x) * _bands) + band];

    public string ToJson()
    {
        CultureInfo plain = CultureInfo.InvariantCulture;
        var json = new StringBuilder();
        json.Append(plain, $"{{\n  \"scene\": \"landsat7-olinda.tif\",\n  \"width\": {Width},\n  \"height\": {Height},\n  \"nbrBelow\": {Threshold},\n");
        json.Append(plain, $"  \"pixelsMin\": {PixelsMin},\n  \"burntPixels\": {BurntPixels},\n  \"regions\": [\n");
        json.AppendJoin(",\n", Regions.Select(r => string.Create(plain, $"    {{ \"id\": {r.Id}, \"pixels\": {r.Pixels.Count}, ")
            + string.Create(plain, $"\"bbox\": [{r.Left}, {r.Top}, {r.Right}, {r.Bottom}], ")
            + string.Create(plain, $"\"centroid\": [{r.CentroidX:F4}, {r.CentroidY:F4}], \"meanNbr\": {r.MeanNbr:F6} }}")));
        return json.Append("\n  ]\n}\n").ToString();
    }

    private double Nbr(int x, int y)
    {
        double nearInfrared = Sample(x, y, 3), shortWave = Sample(x, y, 5);
        return (nearInfrared - shortWave) / (nearInfrared + shortWave); // NaN where both are dark: not below anything
    }

    private List<ReferenceRegion> Find()
    {
        List<ReferenceRegion> regions = [];
        var seen = new HashSet<(int X, int Y)>();
        for (int y = 0; y < Height; y++)
        {
            for (int x = 0; x < Width; x++)
            {
                if (!(Nbr(x, y) < Threshold) || !seen.Add((x, y)))
                    continue;
                List<(int X, int Y)> pixels = Grow(x, y, seen);
                BurntPixels += pixels.Count;
                if (pixels.Count >= PixelsMin)
                    regions.Add(new(regions.Count + 1, pixels, pixels.Average(p => Nbr(p.X, p.Y))));
            }
        }
        return regions;
    }

    private List<(int X, int Y)> Grow(int startX, int startY, HashSet<(int X, int Y)> seen)
    {
        List<(int X, int Y)> pixels = [];
        var front = new Queue<(int X, int Y)>([(startX, startY)]);
        while (front.TryDequeue(out (int X, int Y) at))
        {
            pixels.Add(at);
            for (int y = Math.Max(at.Y - 1, 0); y <= Math.Min(at.Y + 1, Height - 1); y++)
            {
                for (int x = Math.Max(at.X - 1, 0); x <= Math.Min(at.X + 1, Width - 1); x++)
                {
                    if (Nbr(x, y) < Threshold && seen.Add((x, y)))
                        front.Enqueue((x, y));
                }
            }
        }
        return pixels;
    }

    // LibTiff warns on the console about the GeoTIFF tags, which it does not know.
    private sealed class QuietHandler : TiffErrorHandler
    {
        public override void WarningHandler(Tiff tif, string method, string format, params object[] args)
        {
        }

        public override void WarningHandlerExt(Tiff tif, object clientData, string method, string format, params object[] args)
        {
        }
    }
}
