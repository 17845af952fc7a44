using System.Net.Sockets;
using SatNode.Rig.Boards.Protocols;

namespace SatNode.Rig.Boards.Sessions;

/// <summary>A person, or a script, at a board's console.</summary>
/// <param name="board">The board, for texts.</param>
/// <param name="input">What is typed.</param>
/// <param name="output">Where the console appears.</param>
/// <param name="machine">The machine's clock.</param>
internal sealed class ConsoleClient(string board, Stream input, Stream output, TimeProvider machine)
{
    /// <summary>Leaves the console: Ctrl+], as with telnet.</summary>
    public const byte Escape = 0x1D;

    /// <summary>After the end of piped input, the console is left once the board has been silent for so long.</summary>
    public static readonly TimeSpan Silence = TimeSpan.FromSeconds(2);

    /// <summary>After the end of piped input, the console is left at the latest after so long, even when the board keeps talking.</summary>
    public static readonly TimeSpan TalkMax = TimeSpan.FromSeconds(30);

    private long _lastHeard;

    /// <summary>Connects and stays until the escape, the end of piped input or the end of the board.</summary>
    /// <returns>False when the board went away.</returns>
    /// <exception cref="BenchException">Nobody serves there.</exception>
    public async Task<bool> Run(string path, CancellationToken cancellation)
    {
        using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            await socket.ConnectAsync(new UnixDomainSocketEndPoint(path), cancellation);
        }
        catch (SocketException fault)
        {
            throw new BenchException($"{board}: console: nobody serves it: {fault.Message}", fault);
        }
        await using var stream = new NetworkStream(socket);
        _lastHeard = machine.GetTimestamp();
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        Task printing = Print(stream, stop.Token);
        Task first = await Task.WhenAny(Type(stream, stop.Token), printing);
        await stop.CancelAsync();
        return first != printing;
    }

    private async Task Print(NetworkStream stream, CancellationToken stop)
    {
        byte[] buffer = new byte[4096];
        try
        {
            int read;
            while ((read = await stream.ReadAsync(buffer, stop)) > 0)
            {
                _lastHeard = machine.GetTimestamp();
                await output.WriteAsync(buffer.AsMemory(0, read), stop);
                await output.FlushAsync(stop);
            }
        }
        catch (Exception gone) when (gone is IOException or OperationCanceledException)
        {
            // The board, or the person, went.
        }
    }

    private async Task Type(NetworkStream stream, CancellationToken stop)
    {
        byte[] buffer = new byte[256];
        try
        {
            int read;
            while ((read = await input.ReadAsync(buffer, stop)) > 0)
            {
                int escape = buffer.AsSpan(0, read).IndexOf(Escape);
                await stream.WriteAsync(buffer.AsMemory(0, escape < 0 ? read : escape), stop);
                if (escape >= 0)
                    return;
            }
            long end = _lastHeard = machine.GetTimestamp();
            while (true)
            {
                TimeSpan silence = Silence - machine.GetElapsedTime(_lastHeard), talk = TalkMax - machine.GetElapsedTime(end), wait = silence < talk ? silence : talk;
                if (wait <= TimeSpan.Zero)
                    return;
                await Task.Delay(wait + TimeSpan.FromMilliseconds(1), machine, stop);
            }
        }
        catch (Exception gone) when (gone is IOException or OperationCanceledException)
        {
            // The board, or the person, went.
        }
    }
}
