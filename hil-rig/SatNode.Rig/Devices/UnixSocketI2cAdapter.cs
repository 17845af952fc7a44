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

    private readonly I2cBus _bus;
    private readonly AdapterSocket _socket;

    /// <summary>Creates the socket, in place of one left over, and serves it until disposed.</summary>
    /// <exception cref="ArgumentException">The path is too long for a UNIX socket.</exception>
    /// <exception cref="IOException">Something that is no socket lies at the path.</exception>
    public UnixSocketI2cAdapter(I2cBus bus, string path)
    {
        _bus = bus;
        _socket = new(path, ClientsMax, Serve);
    }

    /// <summary>Frames so far for which a client was disconnected.</summary>
    public long RefusedFrames => _socket.Refused;

    /// <summary>Closes the socket and all clients, and removes the path.</summary>
    public ValueTask DisposeAsync() => _socket.DisposeAsync();

    private async Task Serve(Stream client, CancellationToken cancellationToken)
    {
        var transaction = new Transaction();
        while (await transaction.Receive(client, cancellationToken))
            await client.WriteAsync(transaction.Run(_bus), cancellationToken);
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
        internal async Task<bool> Receive(Stream stream, CancellationToken cancellationToken)
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
