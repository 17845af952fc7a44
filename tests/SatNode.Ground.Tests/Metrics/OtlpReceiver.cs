using System.Buffers.Binary;
using System.Collections.Concurrent;
using System.Net;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace SatNode.Ground.Tests.Metrics;

/// <summary>A collector that takes OTLP over HTTP, as little of one as is needed: it keeps the requests' series. Source: opentelemetry-proto 1.3, metrics.proto.</summary>
internal sealed class OtlpReceiver : IAsyncDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("satnode-otlp-").FullName;
    private readonly WebApplication _app;

    private OtlpReceiver(WebApplication app) => _app = app;

    /// <summary>What came in, request by request: series with their labels as Prometheus writes them, and their values.</summary>
    public ConcurrentQueue<Dictionary<string, double>> Requests { get; } = new();

    /// <summary>The token that came along last.</summary>
    public string Authorization { get; private set; } = "";

    /// <summary>What it answers.</summary>
    public int Answer { get; set; } = 200;

    public string Address => _app.Urls.First();

    /// <summary>A file with the header that it should see.</summary>
    public string HeadersFile => Path.Combine(_folder, "headers");

    public static async Task<OtlpReceiver> StartAsync()
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        WebApplication app = builder.Build();
        var receiver = new OtlpReceiver(app);
        app.MapPost("/v1/metrics", async (HttpContext context) =>
        {
            using var body = new MemoryStream();
            await context.Request.Body.CopyToAsync(body);
            receiver.Authorization = context.Request.Headers.Authorization.ToString();
            receiver.Requests.Enqueue(Series(body.ToArray()));
            context.Response.StatusCode = receiver.Answer;
        });
        await app.StartAsync();
        await File.WriteAllTextAsync(receiver.HeadersFile, "Authorization: Bearer secret, with a comma\n");
        return receiver;
    }

    public async ValueTask DisposeAsync()
    {
        await _app.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    private static Dictionary<string, double> Series(byte[] request)
    {
        Dictionary<string, double> series = new(StringComparer.Ordinal);
        foreach (byte[] metric in Inside(request, 1, 2, 2)) // resource_metrics, scope_metrics, metrics
        {
            string name = Encoding.UTF8.GetString(Inside(metric, 1).Single());
            foreach ((int kind, string suffix) in (ReadOnlySpan<(int, string)>)[(5, ""), (7, ""), (9, "_count")]) // gauge, sum, histogram
            {
                foreach (byte[] point in Inside(metric, kind, 1).ToArray())
                    series[name + suffix + Labels(point, kind == 9 ? 9 : 7)] = Value(point);
            }
        }
        return series;
    }

    private static string Labels(byte[] point, int field)
    {
        IEnumerable<string> labels = Inside(point, field).Select(pair => $"{Encoding.UTF8.GetString(Inside(pair, 1).Single())}=\"{Encoding.UTF8.GetString(Inside(pair, 2, 1).Single())}\"");
        string text = string.Join(',', labels.Order(StringComparer.Ordinal));
        return text.Length == 0 ? "" : $"{{{text}}}";
    }

    /// <summary>A number's as_double, or a histogram's count: both are the fixed64 of field 4.</summary>
    private static double Value(byte[] point)
    {
        foreach ((int field, int wire, byte[] content) in Fields(point))
        {
            if (field == 4 && wire == 1)
            {
                ulong bits = BinaryPrimitives.ReadUInt64LittleEndian(content);
                return bits < 1_000_000 ? bits : BitConverter.UInt64BitsToDouble(bits); // a count is small, and no double that we send is so near to nothing
            }
        }
        return double.NaN;
    }

    private static IEnumerable<byte[]> Inside(byte[] message, params int[] path)
    {
        IEnumerable<byte[]> messages = [message];
        foreach (int step in path)
            messages = messages.SelectMany(Fields).Where(field => field.Field == step && field.Wire == 2).Select(field => field.Content).ToArray();
        return messages;
    }

    /// <summary>The fields of a protobuf message.</summary>
    private static List<(int Field, int Wire, byte[] Content)> Fields(byte[] message)
    {
        List<(int, int, byte[])> fields = [];
        int at = 0;
        while (at < message.Length)
        {
            ulong key = Varint();
            int wire = (int)(key & 7);
            int length = wire switch { 0 => 0, 1 => 8, 5 => 4, 2 => (int)Varint(), _ => throw new InvalidDataException($"expected a wire type of 0, 1, 2 or 5, found {wire}") };
            if (wire == 0)
                Varint();
            fields.Add(((int)(key >> 3), wire, message[at..(at + length)]));
            at += length;
        }
        return fields;

        ulong Varint()
        {
            ulong value = 0;
            for (int shift = 0; ; shift += 7)
            {
                byte next = message[at++];
                value |= (ulong)(next & 0x7f) << shift;
                if (next < 0x80)
                    return value;
            }
        }
    }
}
