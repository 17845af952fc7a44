using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace SatNode.Benchmarks.Functions;

/// <summary>How functions hand data on today: a POST over loopback, one kept-alive connection, to a server that takes the payload and answers with its length. Server and client
/// share this process, which flatters them: no second program is scheduled.</summary>
internal sealed class HttpSink : IAsyncDisposable
{
    private static readonly JsonEncodedText Payload = JsonEncodedText.Encode("payload");

    private readonly WebApplication _server;
    private readonly HttpClient _client;

    private HttpSink(WebApplication server, Uri address)
    {
        _server = server;
        _client = new(new SocketsHttpHandler { UseProxy = false, MaxConnectionsPerServer = 1 }) { BaseAddress = address };
    }

    public static HttpSink Start()
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseKestrelCore().ConfigureKestrel(o =>
        {
            o.Listen(IPAddress.Loopback, 0);
            o.Limits.MaxRequestBodySize = null;
        });
        WebApplication server = builder.Build();
        server.Run(Answer);
        server.StartAsync().GetAwaiter().GetResult();
        string address = server.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First();
        return new(server, new(address));
    }

    /// <summary>Posts the payload as it is.</summary>
    public void Post(byte[] payload, int times) => PostAsync(payload, isJson: false, times).GetAwaiter().GetResult();

    /// <summary>Posts the payload as base64 in a JSON object.</summary>
    public void PostJson(byte[] payload, int times) => PostAsync(payload, isJson: true, times).GetAwaiter().GetResult();

    public async ValueTask DisposeAsync()
    {
        _client.Dispose();
        await _server.DisposeAsync();
    }

    private static async Task Answer(HttpContext context)
    {
        byte[] body = GC.AllocateUninitializedArray<byte>((int)context.Request.ContentLength!.Value);
        await context.Request.Body.ReadExactlyAsync(body, context.RequestAborted);
        int length = body.Length;
        if (context.Request.ContentType is "application/json")
            length = FromJson(body).Length;
        await context.Response.WriteAsync(length.ToString(), context.RequestAborted);
    }

    private async Task PostAsync(byte[] payload, bool isJson, int times)
    {
        for (int i = 0; i < times; i++)
        {
            using HttpContent content = isJson ? ToJson(payload) : new ByteArrayContent(payload);
            using HttpResponseMessage response = await _client.PostAsync("/", content);
            string answer = await response.Content.ReadAsStringAsync();
            Check.That(response.IsSuccessStatusCode && int.Parse(answer) == payload.Length, "the payload taken");
        }
    }

    private static ReadOnlyMemoryContent ToJson(byte[] payload)
    {
        var buffer = new System.Buffers.ArrayBufferWriter<byte>((payload.Length / 3 * 4) + 64);
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            json.WriteBase64String(Payload, payload);
            json.WriteEndObject();
        }
        var content = new ReadOnlyMemoryContent(buffer.WrittenMemory);
        content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        return content;
    }

    private static byte[] FromJson(byte[] body)
    {
        var json = new Utf8JsonReader(body);
        while (json.Read())
        {
            if (json.TokenType == JsonTokenType.String)
                return json.GetBytesFromBase64();
        }
        return [];
    }
}
