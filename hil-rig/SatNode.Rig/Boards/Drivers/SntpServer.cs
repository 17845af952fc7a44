using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;

namespace SatNode.Rig.Boards.Drivers;

/// <summary>Tells boards the machine's time: a server of SNTP on a UDP port of the loopback. Source: RFC 5905, sections 7.3 and 14.</summary>
public sealed class SntpServer : IAsyncDisposable
{
    private const int PacketBytes = 48;
    private const int ModeClient = 3, ModeServer = 4;
    private const byte Stratum = 1;           // the rig's clock is the world's: nothing stands above it
    private const byte Precision = 0xEC;      // 2^-20 s, about a microsecond
    private const int ReceiveOffset = 32, TransmitOffset = 40, OriginOffset = 24, ReferenceOffset = 16;

    private static readonly DateTimeOffset Era = new(1900, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private readonly TimeProvider _machine;
    private readonly Socket _socket = new(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
    private readonly Task _serving;

    /// <summary>Serves on a free port until disposed.</summary>
    /// <param name="machine">The machine's clock.</param>
    public SntpServer(TimeProvider machine)
    {
        _machine = machine;
        _socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        _serving = Serve();
    }

    /// <summary>The port.</summary>
    public int Port => ((IPEndPoint)_socket.LocalEndPoint!).Port;

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        _socket.Dispose();
        await _serving;
    }

    /// <summary>Makes an answer of a request, in place; false when it is none that a server answers.</summary>
    internal static bool Answer(Span<byte> packet, DateTimeOffset received, DateTimeOffset sent)
    {
        int version = (packet[0] >> 3) & 7;
        if ((packet[0] & 7) != ModeClient || version is < 1 or > 4)
            return false;
        packet[TransmitOffset..].CopyTo(packet[OriginOffset..]);
        packet[0] = (byte)((version << 3) | ModeServer); // leap indicator 0
        packet[1] = Stratum;
        packet[3] = Precision;
        packet[4..12].Clear();                 // root delay and dispersion
        "LOCL"u8.CopyTo(packet[12..]);          // reference: an uncalibrated local clock
        WriteTime(packet[ReferenceOffset..], received);
        WriteTime(packet[ReceiveOffset..], received);
        WriteTime(packet[TransmitOffset..], sent);
        return true;
    }

    private static void WriteTime(Span<byte> destination, DateTimeOffset time)
    {
        long ticks = (time - Era).Ticks;
        BinaryPrimitives.WriteUInt32BigEndian(destination, unchecked((uint)(ticks / TimeSpan.TicksPerSecond))); // eras follow each other: section 6
        BinaryPrimitives.WriteUInt32BigEndian(destination[4..], (uint)((ulong)(ticks % TimeSpan.TicksPerSecond) * (1UL << 32) / TimeSpan.TicksPerSecond));
    }

    private async Task Serve()
    {
        byte[] packet = new byte[PacketBytes + 1]; // a longer one, with extensions or a key, is not for us
        EndPoint anyone = new IPEndPoint(IPAddress.Loopback, 0);
        while (true)
        {
            try
            {
                SocketReceiveFromResult request = await _socket.ReceiveFromAsync(packet, anyone);
                DateTimeOffset received = _machine.GetUtcNow();
                if (request.ReceivedBytes == PacketBytes && Answer(packet.AsSpan(0, PacketBytes), received, _machine.GetUtcNow()))
                    await _socket.SendToAsync(packet.AsMemory(0, PacketBytes), request.RemoteEndPoint);
            }
            catch (ObjectDisposedException)
            {
                return;
            }
            catch (SocketException e) when (e.SocketErrorCode is SocketError.OperationAborted or SocketError.Interrupted)
            {
                return;
            }
            catch (SocketException)
            {
                // A client went away (ICMP port unreachable) or sent too much: the next one is served.
            }
        }
    }
}
