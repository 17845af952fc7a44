using System.Net.Sockets;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Threading.Channels;
using SatNode.Rig.Boards.Protocols;

namespace SatNode.Rig.Boards.Drivers;

/// <summary>Talks to QEMU's monitor: one JSON object a line. Source: QEMU Machine Protocol Specification, version 2.12.</summary>
/// <remarks>One command at a time; callers wait for each other.</remarks>
internal sealed class QmpClient : IAsyncDisposable
{
    /// <summary>Machine time in which QEMU answers a command.</summary>
    public static readonly TimeSpan AnswerTimeout = TimeSpan.FromSeconds(10);

    private const int LineBytesMax = 256 * 1024;

    private readonly string _board;
    private readonly Stream _stream;
    private readonly Action<string> _event;
    private readonly SemaphoreSlim _turn = new(1, 1);
    private readonly Channel<JsonNode> _answers = Channel.CreateBounded<JsonNode>(16);
    private readonly Task _reading;
    private int _id;

    private QmpClient(string board, Stream stream, Action<string> onEvent)
    {
        _board = board;
        _stream = stream;
        _event = onEvent;
        _reading = Read();
    }

    /// <summary>Greets QEMU on a fresh connection, which becomes the client's.</summary>
    /// <param name="board">The board, for texts.</param>
    /// <param name="stream">The connection.</param>
    /// <param name="onEvent">Called with the name of each event, in order; must be quick, and not throw.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="BoardException">QEMU did not greet, or not as QEMU does.</exception>
    public static async Task<QmpClient> Greet(string board, Stream stream, Action<string> onEvent, CancellationToken cancellationToken)
    {
        var client = new QmpClient(board, stream, onEvent);
        try
        {
            JsonNode greeting = await client.Answer("greeting", cancellationToken);
            if (greeting["QMP"] is null)
                throw client.Fault("expected a greeting", greeting.ToJsonString());
            await client.Execute("qmp_capabilities", cancellationToken);
            return client;
        }
        catch
        {
            await client.DisposeAsync();
            throw;
        }
    }

    /// <summary>Executes a command without arguments.</summary>
    /// <exception cref="BoardException">QEMU refused it, is gone or did not answer in time.</exception>
    public async Task<JsonNode?> Execute(string command, CancellationToken cancellationToken)
    {
        await _turn.WaitAsync(cancellationToken);
        try
        {
            int id = ++_id;
            byte[] line = JsonSerializer.SerializeToUtf8Bytes(new JsonObject { ["execute"] = command, ["id"] = id });
            try
            {
                await _stream.WriteAsync((byte[])[.. line, (byte)'\n'], cancellationToken);
            }
            catch (Exception gone) when (gone is IOException or SocketException or ObjectDisposedException)
            {
                throw new BoardException($"{_board}: qemu: {command}: QEMU is gone", gone);
            }
            while (true)
            {
                JsonNode answer = await Answer(command, cancellationToken);
                if (answer["id"]?.GetValue<int>() is { } found && found != id)
                    continue; // the late answer of a command whose caller went away
                return answer["error"] is { } error ? throw Fault($"{command} refused", error["desc"]?.GetValue<string>() ?? error.ToJsonString()) : answer["return"];
            }
        }
        finally
        {
            _turn.Release();
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _stream.DisposeAsync();
        await _reading;
        _turn.Dispose();
    }

    private async Task<JsonNode> Answer(string command, CancellationToken cancellationToken)
    {
        try
        {
            return await _answers.Reader.ReadAsync(cancellationToken).AsTask().WaitAsync(AnswerTimeout, TimeProvider.System, cancellationToken);
        }
        catch (ChannelClosedException closed)
        {
            throw new BoardException($"{_board}: qemu: {command}: {closed.InnerException?.Message ?? "QEMU is gone"}", closed);
        }
        catch (TimeoutException late)
        {
            throw new BoardException($"{_board}: qemu: {command}: expected an answer within {AnswerTimeout.TotalSeconds:0} s, found none", late);
        }
    }

    private async Task Read()
    {
        Exception? fault = null;
        byte[] buffer = new byte[LineBytesMax];
        int filled = 0;
        try
        {
            int read;
            while ((read = await _stream.ReadAsync(buffer.AsMemory(filled))) > 0)
            {
                filled += read;
                int start = 0;
                for (int end; (end = Array.IndexOf(buffer, (byte)'\n', start, filled - start)) >= 0; start = end + 1)
                    Take(buffer.AsSpan(start, end - start));
                filled -= start;
                buffer.AsSpan(start, filled).CopyTo(buffer);
                if (filled == buffer.Length)
                    throw new JsonException($"expected lines of at most {LineBytesMax} bytes");
            }
        }
        catch (Exception gone) when (gone is IOException or SocketException or ObjectDisposedException)
        {
            // QEMU ended, or the client was disposed.
        }
        catch (Exception wrong) when (wrong is JsonException or InvalidOperationException)
        {
            fault = wrong; // not what QEMU says: whoever waits is told
        }
        _answers.Writer.TryComplete(fault);
    }

    private void Take(ReadOnlySpan<byte> line)
    {
        if (line.Trim((byte)'\r').IsEmpty || JsonNode.Parse(line) is not { } message)
            return;
        if (message["event"]?.GetValue<string>() is { } name)
            _event(name);
        else
            _answers.Writer.TryWrite(message);
    }

    private BoardException Fault(string what, string found) => new($"{_board}: qemu: {what}: {found.ReplaceLineEndings(" ")}");
}
