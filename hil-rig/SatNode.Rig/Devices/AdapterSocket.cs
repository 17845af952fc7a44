using System.Net.Sockets;
using SatNode.Protocol;

namespace SatNode.Rig.Devices;

/// <summary>The UNIX socket of an adapter: serves each client in a task of its own until the client leaves, breaks the protocol or must make room.</summary>
internal sealed class AdapterSocket : IAsyncDisposable
{
    /// <summary>The longest path of a UNIX socket on Linux (sun_path less the final zero).</summary>
    internal const int PathBytesMax = 107;

    private readonly string _path;
    private readonly int _clientsMax;
    private readonly Func<Stream, CancellationToken, Task> _serve;
    private readonly Socket _listener;
    private readonly CancellationTokenSource _stop = new();
    private readonly List<(Socket Socket, Task Served)> _clients = [];
    private readonly Task _accepting;
    private long _refused;

    /// <summary>Creates the socket, in place of one left over, and serves it until disposed.</summary>
    /// <param name="path">Where.</param>
    /// <param name="clientsMax">Clients at a time; one more and the oldest is disconnected.</param>
    /// <param name="serve">Serves a client; throws <see cref="WireFormatException"/> at a broken frame.</param>
    /// <exception cref="ArgumentException">The path is too long for a UNIX socket.</exception>
    /// <exception cref="IOException">Something that is no socket lies at the path.</exception>
    internal AdapterSocket(string path, int clientsMax, Func<Stream, CancellationToken, Task> serve)
    {
        ArgumentNullException.ThrowIfNull(path);
        if (System.Text.Encoding.UTF8.GetByteCount(path) > PathBytesMax)
            throw new ArgumentException($"i2c adapter: expected a socket path of at most {PathBytesMax} bytes, found '{path}'; choose a shorter work folder", nameof(path));
        _path = path;
        _clientsMax = clientsMax;
        _serve = serve;
        RemoveLeftover(path);
        _listener = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        _listener.Bind(new UnixDomainSocketEndPoint(path));
        _listener.Listen(clientsMax);
        _accepting = Accept();
    }

    /// <summary>Frames so far for which a client was disconnected.</summary>
    internal long Refused => Interlocked.Read(ref _refused);

    /// <summary>Closes the socket and all clients, and removes the path.</summary>
    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _listener.Dispose();
        await _accepting;
        foreach ((Socket socket, Task served) in _clients)
        {
            socket.Dispose();
            await served;
        }
        _stop.Dispose();
        File.Delete(_path);
    }

    private static void RemoveLeftover(string path)
    {
        if (!File.Exists(path))
            return;
        if (new FileInfo(path).Length > 0)
            throw new IOException($"i2c adapter: expected nothing or an old socket at '{path}', found a file; not removed");
        File.Delete(path);
    }

    private async Task Accept()
    {
        try
        {
            while (true)
            {
                Socket client = await _listener.AcceptAsync(_stop.Token);
                _clients.RemoveAll(served => served.Served.IsCompleted);
                if (_clients.Count == _clientsMax)
                {
                    (Socket oldest, Task served) = _clients[0];
                    oldest.Dispose();
                    await served;
                    _clients.RemoveAt(0);
                }
                _clients.Add((client, Serve(client)));
            }
        }
        catch (Exception gone) when (gone is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            // The listener was closed: the adapter ends.
        }
    }

    private async Task Serve(Socket client)
    {
        using var stream = new NetworkStream(client, ownsSocket: true);
        try
        {
            await _serve(stream, _stop.Token);
        }
        catch (WireFormatException)
        {
            Interlocked.Increment(ref _refused); // before the client is disconnected and can see it
        }
        catch (Exception gone) when (gone is IOException or SocketException or ObjectDisposedException or OperationCanceledException)
        {
            // The client went, or was sent, away: nothing is owed to it.
        }
    }
}
