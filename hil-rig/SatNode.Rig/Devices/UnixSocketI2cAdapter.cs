using System.Net.Sockets;
using SatNode.Protocol;
using SatNode.Protocol.I2c;

namespace SatNode.Rig.Devices;

/// <summary>Serves an <see cref="I2cBus"/> on a UNIX socket, for boards that are processes (protocol: <see cref="I2cFrame"/>).
/// <para>A client that breaks the protocol is disconnected. At most <see cref="ClientsMax"/> are served; one more and the oldest is disconnected, so that a
/// stalled client never keeps a restarted agent from its sensors.</para></summary>
public sealed class UnixSocketI2cAdapter : IAsyncDisposable
{
    /// <summary>Clients at a time: an agent, its successor after a reset, and a person looking on.</summary>
    public const int ClientsMax = 4;

    /// <summary>The longest path of a UNIX socket on Linux (sun_path less the final zero).</summary>
    public const int PathBytesMax = 107;

    private readonly I2cBus _bus;
    private readonly string _path;
    private readonly Socket _listener;
    private readonly CancellationTokenSource _stop = new();
    private readonly List<(Socket Socket, Task Served)> _clients = [];
    private readonly Task _accepting;
    private long _refusedFrames;

    /// <summary>Creates the socket, in place of one left over, and serves it until disposed.</summary>
    /// <exception cref="ArgumentException">The path is too long for a UNIX socket.</exception>
    /// <exception cref="IOException">Something that is no socket lies at the path.</exception>
    public UnixSocketI2cAdapter(I2cBus bus, string path)
    {
        ArgumentNullException.ThrowIfNull(path);
        if (System.Text.Encoding.UTF8.GetByteCount(path) > PathBytesMax)
            throw new ArgumentException($"i2c adapter: expected a socket path of at most {PathBytesMax} bytes, found '{path}'; choose a shorter work folder", nameof(path));
        _bus = bus;
        _path = path;
        RemoveLeftover(path);
        _listener = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        _listener.Bind(new UnixDomainSocketEndPoint(path));
        _listener.Listen(ClientsMax);
        _accepting = Accept();
    }

    /// <summary>Frames so far for which a client was disconnected.</summary>
    public long RefusedFrames => Interlocked.Read(ref _refusedFrames);

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
                if (_clients.Count == ClientsMax)
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
            var transaction = new Transaction();
            while (await transaction.Receive(stream, _stop.Token))
                await stream.WriteAsync(transaction.Run(_bus), _stop.Token);
        }
        catch (WireFormatException)
        {
            Interlocked.Increment(ref _refusedFrames); // before the client is disconnected and can see it
        }
        catch (Exception gone) when (gone is IOException or SocketException or ObjectDisposedException or OperationCanceledException)
        {
            // The client went, or was sent, away: nothing is owed to it.
        }
    }

    /// <summary>One client's request and answer, in buffers that are reused.</summary>
    private sealed class Transaction
    {
        private readonly byte[] _data = new byte[I2cFrame.MaxMessages * I2cFrame.MaxDataBytes];
        private readonly byte[] _answer = new byte[1 + (I2cFrame.MaxMessages * I2cFrame.MaxDataBytes)];
        private readonly byte[] _header = new byte[I2cFrame.MessageHeaderBytes];
        private readonly I2cMessage[] _messages = new I2cMessage[I2cFrame.MaxMessages];
        private int _count;

        /// <summary>Reads a request whole, before anything reaches the bus.</summary>
        /// <returns>False when the client closed between two requests.</returns>
        internal async Task<bool> Receive(NetworkStream stream, CancellationToken cancellationToken)
        {
            if (await stream.ReadAtLeastAsync(_header.AsMemory(0, 1), 1, throwOnEndOfStream: false, cancellationToken) == 0)
                return false;
            _count = _header[0];
            if (_count is 0 or > I2cFrame.MaxMessages)
                throw new WireFormatException($"i2c: expected 1 to {I2cFrame.MaxMessages} messages, found {_count}; connection closed");
            for (int i = 0; i < _count; i++)
            {
                await stream.ReadExactlyAsync(_header, cancellationToken);
                (byte address, bool isRead, int length) = I2cFrame.DecodeMessageHeader(_header);
                Memory<byte> data = _data.AsMemory(i * I2cFrame.MaxDataBytes, length);
                if (!isRead)
                    await stream.ReadExactlyAsync(data, cancellationToken);
                _messages[i] = new(address, isRead, data);
            }
            return true;
        }

        /// <summary>Runs it on the bus.</summary>
        internal ReadOnlyMemory<byte> Run(I2cBus bus)
        {
            if (!bus.Transfer(_messages.AsSpan(0, _count)))
            {
                _answer[0] = I2cFrame.NotAcknowledged;
                return _answer.AsMemory(0, 1);
            }
            _answer[0] = I2cFrame.Acknowledged;
            int length = 1;
            foreach (I2cMessage message in _messages.AsSpan(0, _count))
            {
                if (!message.IsRead)
                    continue;
                message.Data.Span.CopyTo(_answer.AsSpan(length));
                length += message.Data.Length;
            }
            return _answer.AsMemory(0, length);
        }
    }
}
