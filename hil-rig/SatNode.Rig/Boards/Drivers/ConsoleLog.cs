using System.Text;
using System.Text.RegularExpressions;
using SatNode.Rig.Boards.Protocols;

namespace SatNode.Rig.Boards.Drivers;

/// <summary>The last lines of a console, and who waits for the next.</summary>
/// <param name="name">The board, for texts.</param>
/// <param name="clock">The world's clock, for stamps.</param>
/// <param name="machine">The machine's clock, for time-outs.</param>
public sealed partial class ConsoleLog(string name, TimeProvider clock, TimeProvider machine) : IConsole
{
    /// <summary>Lines kept: at 10 events a second, the last quarter of an hour.</summary>
    public const int LinesMax = 10_000;

    private const int PumpStackBytes = 256 * 1024;

    private readonly Lock _lock = new();
    private readonly Queue<ConsoleLine> _lines = new();
    private Action<ConsoleLine>[] _receivers = [];
    private long _last;

    /// <inheritdoc/>
    public long LastNumber
    {
        get
        {
            lock (_lock)
                return _last;
        }
    }

    /// <inheritdoc/>
    public IReadOnlyList<ConsoleLine> Lines
    {
        get
        {
            lock (_lock)
                return [.. _lines];
        }
    }

    /// <inheritdoc/>
    public IDisposable Subscribe(Action<ConsoleLine> receiver)
    {
        ArgumentNullException.ThrowIfNull(receiver);
        lock (_lock)
            _receivers = [.. _receivers, receiver];
        return new Subscription(this, receiver);
    }

    /// <inheritdoc/>
    public async Task<ConsoleLine> Expect(Func<ConsoleLine, bool> isExpected, long after, TimeSpan timeout, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(isExpected);
        var found = new TaskCompletionSource<ConsoleLine>(TaskCreationOptions.RunContinuationsAsynchronously);
        IDisposable subscription;
        lock (_lock)
        {
            foreach (ConsoleLine line in _lines)
            {
                if (line.Number > after && isExpected(line))
                    return line;
            }
            subscription = Subscribe(line =>
            {
                if (isExpected(line))
                    found.TrySetResult(line);
            });
        }
        using (subscription)
        {
            try
            {
                return await found.Task.WaitAsync(timeout, machine, cancellationToken);
            }
            catch (TimeoutException late)
            {
                ConsoleLine? last = Lines is [.., var line] ? line : null;
                throw new TimeoutException(
                    $"{name}: console: expected a line within {timeout.TotalSeconds:0.#} s, found none; the last is {(last is { } text ? $"'{text.Text}'" : "missing")}",
                    late);
            }
        }
    }

    /// <summary>Adds a line.</summary>
    public void Add(int run, bool isError, string text)
    {
        lock (_lock) // also around the receivers: lines reach them in order
        {
            var line = new ConsoleLine(++_last, clock.GetUtcNow(), run, isError, text);
            if (_lines.Count == LinesMax)
                _lines.Dequeue();
            _lines.Enqueue(line);
            foreach (Action<ConsoleLine> receiver in _receivers)
                receiver(line);
        }
    }

    /// <summary>Reads a stream to its end, line by line, on a thread of its own: reads of pipes block, and the pool's threads are for work that does not.</summary>
    public Task PumpOnThread(Stream stream, int run, bool isError, TerminalReceiver? tap = null)
    {
        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var thread = new Thread(
            () =>
            {
                Pump(stream, run, isError, tap);
                done.SetResult();
            },
            PumpStackBytes)
        {
            IsBackground = true,
            Name = $"{name} console",
        };
        thread.Start();
        return done.Task;
    }

    /// <summary>Reads a stream to its end, line by line.</summary>
    /// <param name="stream">The stream.</param>
    /// <param name="run">The run that writes it.</param>
    /// <param name="isError">True when it is standard error.</param>
    /// <param name="tap">Takes the bytes as they come; null for no one.</param>
    public void Pump(Stream stream, int run, bool isError, TerminalReceiver? tap = null)
    {
        byte[] buffer = new byte[ConsoleLine.LineCharactersMax];
        int filled = 0;
        try
        {
            int read;
            while ((read = stream.Read(buffer, filled, buffer.Length - filled)) > 0)
            {
                tap?.Invoke(buffer.AsSpan(filled, read));
                filled += read;
                int start = 0;
                for (int end; (end = Array.IndexOf(buffer, (byte)'\n', start, filled - start)) >= 0; start = end + 1)
                    Add(run, isError, Decode(buffer.AsSpan(start, end - start)));
                if (start == 0 && filled == buffer.Length)
                {
                    Add(run, isError, Decode(buffer)); // longer than a line may be: cut here
                    start = filled;
                }
                filled -= start;
                buffer.AsSpan(start, filled).CopyTo(buffer);
            }
        }
        catch (Exception closed) when (closed is IOException or ObjectDisposedException)
        {
            // The rig closed its end because a descendant of the board kept the other open.
        }
        if (filled > 0)
            Add(run, isError, Decode(buffer.AsSpan(0, filled)));
    }

    /// <summary>The text of a line, without the sequences by which a shell's line editor moves the cursor. Source: ECMA-48, section 5.4.</summary>
    private static string Decode(ReadOnlySpan<byte> line)
    {
        string text = Encoding.UTF8.GetString(line is [.. var content, (byte)'\r'] ? content : line);
        return text.Contains('\e', StringComparison.Ordinal) ? ControlSequence().Replace(text, "") : text;
    }

    [GeneratedRegex("\\e\\[[0-?]*[ -/]*[@-~]", RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 1000)]
    private static partial Regex ControlSequence();

    private sealed class Subscription(ConsoleLog log, Action<ConsoleLine> receiver) : IDisposable
    {
        public void Dispose()
        {
            lock (log._lock)
            {
                int index = Array.IndexOf(log._receivers, receiver);
                if (index >= 0)
                    log._receivers = [.. log._receivers[..index], .. log._receivers[(index + 1)..]];
            }
        }
    }
}
