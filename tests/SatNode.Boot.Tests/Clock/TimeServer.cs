using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;

namespace SatNode.Boot.Tests.Clock;

/// <summary>A server of time on the loopback that does what a test tells it to: for the n-th request (from 0) it sends the packets that come back.</summary>
internal sealed class TimeServer : IDisposable
{
    private readonly Socket _socket = new(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
    private readonly Thread _thread;

    public TimeServer(Func<int, byte[], IEnumerable<byte[]>> answer)
    {
        _socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        Address = (IPEndPoint)_socket.LocalEndPoint!;
        _thread = new Thread(() => Serve(answer)) { IsBackground = true };
        _thread.Start();
    }

    public IPEndPoint Address { get; }

    public int Requests { get; private set; }

    /// <summary>An honest answer of stratum 1.</summary>
    public static byte[] Answer(byte[] request, DateTimeOffset received, DateTimeOffset transmitted)
    {
        var packet = new byte[48];
        packet[0] = (4 << 3) | 4;
        packet[1] = 1;
        request.AsSpan(40, 8).CopyTo(packet.AsSpan(24));
        Write(packet.AsSpan(32), received);
        Write(packet.AsSpan(40), transmitted);
        return packet;
    }

    public void Dispose()
    {
        using (var wake = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp))
            wake.SendTo([0], Address);
        _thread.Join();
        _socket.Dispose();
    }

    private static void Write(Span<byte> destination, DateTimeOffset time)
    {
        var seconds = (UInt128)(time - new DateTimeOffset(1900, 1, 1, 0, 0, 0, TimeSpan.Zero)).Ticks;
        // Rounded up, so that a tick comes back as itself.
        BinaryPrimitives.WriteUInt64BigEndian(destination, unchecked((ulong)(((seconds << 32) + TimeSpan.TicksPerSecond - 1) / TimeSpan.TicksPerSecond)));
    }

    private void Serve(Func<int, byte[], IEnumerable<byte[]>> answer)
    {
        var request = new byte[1000];
        while (true)
        {
            EndPoint client = new IPEndPoint(IPAddress.Any, 0);
            if (_socket.ReceiveFrom(request, ref client) < 48)
                return;
            foreach (byte[] packet in answer(Requests++, request))
                _socket.SendTo(packet, client);
        }
    }
}
