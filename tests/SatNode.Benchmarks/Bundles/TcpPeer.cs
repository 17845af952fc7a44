using System.Net;
using System.Net.Sockets;

namespace SatNode.Benchmarks.Bundles;

/// <summary>A bare TCP connection over loopback: blocking sockets, a thread at the other end, no delay. What the kernel alone costs.</summary>
internal sealed class TcpPeer : IDisposable
{
    private readonly Socket _near = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
    private readonly Socket _far;
    private readonly Thread _thread;

    /// <summary>Connects; the other end answers each <paramref name="messageBytes"/> it received with the first <paramref name="answerBytes"/> of them.</summary>
    public TcpPeer(int messageBytes, int answerBytes)
    {
        using var listener = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        listener.Listen(1);
        _near.Connect(listener.LocalEndPoint!);
        _far = listener.Accept();
        _far.NoDelay = true;
        _thread = new(() => Answer(messageBytes, answerBytes)) { IsBackground = true };
        _thread.Start();
    }

    /// <summary>Sends a message and waits for its answer, so many times.</summary>
    public void Ping(byte[] message, byte[] answer, int times)
    {
        for (int i = 0; i < times; i++)
        {
            _near.Send(message);
            Receive(_near, answer);
        }
    }

    /// <summary>Sends messages without waiting, each by a call of its own, and then takes all answers.</summary>
    public void Stream(byte[] message, byte[] answer, int times)
    {
        for (int i = 0; i < times; i++)
            _near.Send(message);
        for (int i = 0; i < times; i++)
            Receive(_near, answer);
    }

    public void Dispose()
    {
        _near.Dispose();
        _thread.Join();
        _far.Dispose();
    }

    private static bool Receive(Socket socket, byte[] into)
    {
        for (int got = 0; got < into.Length;)
        {
            int count = socket.Receive(into, got, into.Length - got, SocketFlags.None);
            if (count == 0)
                return false;
            got += count;
        }
        return true;
    }

    private void Answer(int messageBytes, int answerBytes)
    {
        byte[] message = new byte[messageBytes];
        try
        {
            while (Receive(_far, message))
                _far.Send(message, 0, answerBytes, SocketFlags.None);
        }
        catch (SocketException)
        {
            // the near end went away: measured enough
        }
    }
}
