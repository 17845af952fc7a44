using System.ComponentModel;
using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;
using System.Net;
using System.Net.Sockets;
using StackExchange.Redis;

namespace SatNode.Benchmarks.Functions;

/// <summary>A store in memory that functions pass data through today: a redis-server of its own on loopback, that keeps nothing on disk. One function sets, the other gets, each over
/// a connection of its own.</summary>
internal sealed class RedisServer : IDisposable
{
    private static readonly TimeSpan StartTimeout = TimeSpan.FromSeconds(10);

    private readonly Process _process;
    private readonly ConnectionMultiplexer _sender;
    private readonly ConnectionMultiplexer _receiver;

    private RedisServer(Process process, ConnectionMultiplexer sender, ConnectionMultiplexer receiver)
    {
        _process = process;
        _sender = sender;
        _receiver = receiver;
    }

    /// <summary>Starts one.</summary>
    /// <param name="workspace">Where it may write.</param>
    /// <param name="server">The server; null when it cannot be had.</param>
    /// <param name="why">Why not, and what to do.</param>
    public static bool TryStart(Workspace workspace, [NotNullWhen(true)] out RedisServer? server, out string why)
    {
        server = null;
        why = "";
        string folder = Directory.CreateDirectory(workspace.Fresh("redis")).FullName;
        int port = FreePort();
        Process process;
        try
        {
            process = Process.Start(new ProcessStartInfo("redis-server", ["--bind", "127.0.0.1", "--port", $"{port}", "--save", "", "--appendonly", "no", "--dir", folder])
            {
                RedirectStandardOutput = true,
                UseShellExecute = false,
            })!;
        }
        catch (Win32Exception)
        {
            why = "redis-server is not installed; install the Debian package redis-server";
            return false;
        }
        process.OutputDataReceived += static (_, _) => { }; // its log must not fill the pipe
        process.BeginOutputReadLine();
        try
        {
            server = new(process, Connect(port), Connect(port));
            return true;
        }
        catch (RedisConnectionException e)
        {
            End(process);
            why = $"redis-server did not answer: {e.Message}";
            return false;
        }
    }

    /// <summary>Passes a payload on, so many times.</summary>
    public void Pass(byte[] payload, int times)
    {
        IDatabase from = _sender.GetDatabase(), to = _receiver.GetDatabase();
        for (int i = 0; i < times; i++)
        {
            Check.That(from.StringSet("payload", payload), "the payload set");
            byte[]? got = to.StringGet("payload");
            Check.That(got?.Length == payload.Length, "the payload got");
        }
    }

    public void Dispose()
    {
        _sender.Dispose();
        _receiver.Dispose();
        End(_process);
    }

    private static ConnectionMultiplexer Connect(int port)
    {
        var options = new ConfigurationOptions { ConnectTimeout = 1000, SyncTimeout = 60_000, AbortOnConnectFail = true };
        options.EndPoints.Add(IPAddress.Loopback, port);
        long start = TimeProvider.System.GetTimestamp();
        while (true)
        {
            try
            {
                return ConnectionMultiplexer.Connect(options);
            }
            catch (RedisConnectionException) when (TimeProvider.System.GetElapsedTime(start) < StartTimeout)
            {
                // it is not listening yet
            }
        }
    }

    private static int FreePort()
    {
        using var probe = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        probe.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        return ((IPEndPoint)probe.LocalEndPoint!).Port;
    }

    private static void End(Process process)
    {
        process.Kill();
        process.WaitForExit();
        process.Dispose();
    }
}
