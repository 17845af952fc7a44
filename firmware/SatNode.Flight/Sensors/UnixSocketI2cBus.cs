using System.Device.I2c;
using System.Net.Sockets;
using SatNode.Protocol.I2c;

namespace SatNode.Flight.Sensors;

/// <summary>An I²C bus over a UNIX socket (<see cref="I2cFrame"/>), shared by all its devices: one connection, one transaction at a time.
/// A connection that fails is closed and made anew by the next transaction; one that had been idle gets a second try at once, because its
/// adapter may have been restarted meanwhile. Thread-safe; allocates only while connecting.</summary>
public sealed class UnixSocketI2cBus : I2cBus
{
    /// <summary>Machine time that the adapter has to take or give bytes. A real transaction of 260 bytes at 100 kHz takes 24 ms.</summary>
    public static readonly TimeSpan DefaultTimeout = TimeSpan.FromSeconds(1);

    private const int MaxRequestBytes = 1 + (2 * (I2cFrame.MessageHeaderBytes + I2cFrame.MaxDataBytes));

    private readonly string _path;
    private readonly int _timeoutMilliseconds;
    private readonly Lock _gate = new();
    private readonly byte[] _request = new byte[MaxRequestBytes];
    private readonly byte[] _written = new byte[I2cFrame.MaxDataBytes];
    private readonly byte[] _answer = new byte[I2cFrame.MaxDataBytes + 1];
    private readonly I2cMessage[] _messages = new I2cMessage[2];
    private readonly Dictionary<int, UnixSocketI2cDevice> _devices = [];
    private Socket? _socket;
    private bool _disposed;

    /// <summary>Creates the bus; the socket is connected by the first transaction.</summary>
    /// <param name="path">The socket's path.</param>
    /// <param name="timeout">How long the adapter may take; null takes <see cref="DefaultTimeout"/>.</param>
    public UnixSocketI2cBus(string path, TimeSpan? timeout = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        _path = path;
        _timeoutMilliseconds = (int)(timeout ?? DefaultTimeout).TotalMilliseconds;
    }

    /// <inheritdoc/>
    public override I2cDevice CreateDevice(int deviceAddress)
    {
        if (deviceAddress is < 0 or > 0x7F)
            throw new ArgumentOutOfRangeException(nameof(deviceAddress), deviceAddress, "expected an address of 7 bits");
        lock (_gate)
        {
            if (!_devices.TryGetValue(deviceAddress, out UnixSocketI2cDevice? device))
                _devices[deviceAddress] = device = new(this, (byte)deviceAddress);
            return device;
        }
    }

    /// <inheritdoc/>
    public override void RemoveDevice(int deviceAddress)
    {
        lock (_gate)
            _devices.Remove(deviceAddress);
    }

    /// <summary>Writes, then reads, in one transaction; either may be empty, not both.</summary>
    /// <exception cref="IOException">The chip did not acknowledge, or the adapter is away, late or talks nonsense.</exception>
    /// <exception cref="ArgumentException">Both empty, or one longer than <see cref="I2cFrame.MaxDataBytes"/>.</exception>
    public void Transfer(byte address, ReadOnlySpan<byte> write, Span<byte> read)
    {
        if (write.Length > I2cFrame.MaxDataBytes || read.Length > I2cFrame.MaxDataBytes || write.Length + read.Length == 0)
            throw new ArgumentException($"i2c: expected 1 to {I2cFrame.MaxDataBytes} bytes a message, found {write.Length} and {read.Length}", nameof(write));
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            int length = Encode(address, write, read.Length);
            bool wasIdle = _socket is not null;
            try
            {
                Exchange(length, read.Length);
            }
            catch (SocketException first)
            {
                Disconnect();
                if (!wasIdle || first.SocketErrorCode is SocketError.TimedOut or SocketError.WouldBlock)
                    throw Failed(first);
                try
                {
                    Exchange(length, read.Length);
                }
                catch (SocketException second)
                {
                    Disconnect();
                    throw Failed(second);
                }
            }
            switch (_answer[0])
            {
                case I2cFrame.Acknowledged:
                    _answer.AsSpan(1, read.Length).CopyTo(read);
                    break;
                case I2cFrame.NotAcknowledged:
                    throw new IOException($"i2c: no chip acknowledged address 0x{address:x2}");
                default:
                    byte status = _answer[0];
                    Disconnect();
                    throw new IOException($"i2c: expected status 0 or 1, found {status}; connection closed");
            }
        }
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            lock (_gate)
            {
                _disposed = true;
                Disconnect();
            }
        }
        base.Dispose(disposing);
    }

    private int Encode(byte address, ReadOnlySpan<byte> write, int readLength)
    {
        int count = 0;
        if (write.Length > 0)
        {
            write.CopyTo(_written);
            _messages[count++] = new(address, IsRead: false, _written.AsMemory(0, write.Length));
        }
        if (readLength > 0)
            _messages[count++] = new(address, IsRead: true, _answer.AsMemory(1, readLength));
        return I2cFrame.EncodeRequest(_messages.AsSpan(0, count), _request);
    }

    /// <summary>Sends the encoded request and receives the status and, when acknowledged, what is read into the answer.</summary>
    private void Exchange(int requestLength, int readLength)
    {
        Socket socket = _socket ??= Connect();
        for (int sent = 0; sent < requestLength;)
            sent += socket.Send(_request.AsSpan(sent, requestLength - sent), SocketFlags.None);
        Receive(socket, 0, 1);
        if (_answer[0] == I2cFrame.Acknowledged)
            Receive(socket, 1, readLength);
    }

    private void Receive(Socket socket, int offset, int count)
    {
        for (int got = 0; got < count;)
        {
            int now = socket.Receive(_answer.AsSpan(offset + got, count - got), SocketFlags.None);
            if (now == 0)
                throw new SocketException((int)SocketError.ConnectionReset);
            got += now;
        }
    }

    private Socket Connect()
    {
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified)
        {
            SendTimeout = _timeoutMilliseconds,
            ReceiveTimeout = _timeoutMilliseconds,
        };
        try
        {
            socket.Connect(new UnixDomainSocketEndPoint(_path));
            return socket;
        }
        catch (SocketException)
        {
            socket.Dispose();
            throw;
        }
    }

    private void Disconnect()
    {
        _socket?.Dispose();
        _socket = null;
    }

    private static IOException Failed(SocketException cause) => new($"i2c: the adapter failed: {cause.SocketErrorCode}; connection closed", cause);
}
