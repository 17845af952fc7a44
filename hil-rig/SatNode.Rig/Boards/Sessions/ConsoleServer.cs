using System.Net.Sockets;
using System.Threading.Channels;
using SatNode.Rig.Boards.Protocols;

namespace SatNode.Rig.Boards.Sessions;

/// <summary>Hands a board's console out on a UNIX socket: all clients see all bytes, and each may type. A client that does not read is sent away, never waited for.</summary>
internal sealed class ConsoleServer : IAsyncDisposable
{
    /// <summary>Clients at a time.</summary>
    public const int ClientsMax = 8;

    private const int PiecesMax = 1024; // what a client may lie behind: at 115,200 baud and 16 bytes a piece, a second and a half

    private readonly ITerminal _terminal;
    private readonly string _path;
    private readonly Socket _listener = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
    private readonly CancellationTokenSource _stop = new();
    private readonly List<Task> _clients = [];
    private readonly Task _accepting;

    /// <summary>Serves until disposed.</summary>
    public ConsoleServer(ITerminal terminal, string path)
    {
        _terminal = terminal;
        _path = path;
        File.Delete(path);
        _listener.Bind(new UnixDomainSocketEndPoint(path));
        _listener.Listen(ClientsMax);
        _accepting = Accept();
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _listener.Dispose();
        await _accepting;
        await Task.WhenAll(_clients);
        _stop.Dispose();
        File.Delete(_path);
    }

    private async Task Accept()
    {
        try
        {
            while (true)
            {
                Socket client = await _listener.AcceptAsync(_stop.Token);
                _clients.RemoveAll(served => served.IsCompleted);
                if (_clients.Count < ClientsMax)
                    _clients.Add(Serve(client));
                else
                    client.Dispose();
            }
        }
        catch (Exception gone) when (gone is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            // The server ends.
        }
    }

    private async Task Serve(Socket client)
    {
        using var stream = new NetworkStream(client, ownsSocket: true);
        var pieces = Channel.CreateBounded<byte[]>(PiecesMax);
        var behind = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using IDisposable listening = _terminal.Listen(bytes =>
        {
            if (!pieces.Writer.TryWrite(bytes.ToArray()))
                behind.TrySetResult();
        });
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(_stop.Token);
        Task printing = Print(stream, pieces.Reader, stop.Token), typing = Type(stream, stop.Token);
        await Task.WhenAny(printing, typing, behind.Task); // one that does not read is stuck in the middle of a piece, and never types
        await stop.CancelAsync();
        await Task.WhenAll(printing, typing);
    }

    private static async Task Print(NetworkStream stream, ChannelReader<byte[]> pieces, CancellationToken stop)
    {
        try
        {
            await foreach (byte[] piece in pieces.ReadAllAsync(stop))
                await stream.WriteAsync(piece, stop);
        }
        catch (Exception gone) when (gone is IOException or ObjectDisposedException or OperationCanceledException)
        {
            // The client went.
        }
    }

    private async Task Type(NetworkStream stream, CancellationToken stop)
    {
        byte[] buffer = new byte[256];
        try
        {
            int read;
            while ((read = await stream.ReadAsync(buffer, stop)) > 0)
                await _terminal.Type(buffer.AsMemory(0, read), stop);
        }
        catch (Exception gone) when (gone is IOException or ObjectDisposedException or OperationCanceledException)
        {
            // The client went.
        }
    }
}
