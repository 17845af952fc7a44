using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace SatNode.Benchmarks.Functions;

/// <summary>How serverless platforms call a function: a POST over loopback to a server that gives the body back, one kept-alive connection.
/// Server and client share this process, which flatters them: no second program is scheduled.</summary>
internal sealed class HttpEcho : IAsyncDisposable
{
    private readonly WebApplication _server;
    private readonly HttpClient _client;

    private HttpEcho(WebApplication server, Uri address)
    {
        _server = server;
        _client = new(new SocketsHttpHandler { UseProxy = false, MaxConnectionsPerServer = 1 }) { BaseAddress = address };
    }

    public static HttpEcho Start()
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseKestrelCore().ConfigureKestrel(o => o.Listen(IPAddress.Loopback, 0));
        WebApplication server = builder.Build();
        server.Run(Answer);
        server.StartAsync().GetAwaiter().GetResult();
        string address = server.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First();
        return new(server, new(address));
    }

    public void Post(byte[] body, int times) => PostAsync(body, times).GetAwaiter().GetResult();

    public async ValueTask DisposeAsync()
    {
        _client.Dispose();
        await _server.DisposeAsync();
    }

    private static async Task Answer(HttpContext context)
    {
        int length = (int)context.Request.ContentLength!.Value;
        byte[] body = GC.AllocateUninitializedArray<byte>(length);
        await context.Request.Body.ReadExactlyAsync(body, context.RequestAborted);
        context.Response.ContentLength = length;
        await context.Response.Body.WriteAsync(body, context.RequestAborted);
    }

    private async Task PostAsync(byte[] body, int times)
    {
        for (int i = 0; i < times; i++)
        {
            using var content = new ByteArrayContent(body);
            using HttpResponseMessage response = await _client.PostAsync("/", content);
            byte[] answer = await response.Content.ReadAsByteArrayAsync();
            Check.That(response.IsSuccessStatusCode && answer.Length == body.Length, "the body back");
        }
    }
}
