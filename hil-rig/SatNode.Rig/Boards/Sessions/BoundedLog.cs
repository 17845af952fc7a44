using SatNode.Rig.Boards.Protocols;

namespace SatNode.Rig.Boards.Sessions;

/// <summary>Writes a console's lines into a file from its first line on; when the file is full it begins anew, with the last half. A file that cannot be written any
/// more ends the log, never the console.</summary>
internal sealed class BoundedLog : IDisposable
{
    /// <summary>The largest file: a week of housekeeping events.</summary>
    public const long BytesMax = 8 << 20;

    private readonly Lock _lock = new();
    private readonly string _path;
    private readonly Action<string> _say;
    private readonly IDisposable _subscription;
    private StreamWriter? _file; // null once it is over

    /// <summary>Writes until disposed.</summary>
    /// <param name="path">The file.</param>
    /// <param name="console">The console.</param>
    /// <param name="say">Told once why no more is written.</param>
    public BoundedLog(string path, IConsole console, Action<string> say)
    {
        _path = path;
        _say = say;
        _file = Open(FileMode.Create);
        _subscription = console.Subscribe(Take);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _subscription.Dispose();
        lock (_lock)
        {
            _file?.Dispose();
            _file = null;
        }
    }

    private void Take(ConsoleLine line)
    {
        lock (_lock)
        {
            if (_file is null)
                return;
            try
            {
                Write(_file, line);
            }
            catch (Exception full) when (full is IOException or UnauthorizedAccessException)
            {
                _file.BaseStream.Dispose(); // the writer would try once more
                _file = null;
                Say($"{_path}: no more of the console is written: {full.Message}");
            }
        }
    }

    private void Write(StreamWriter file, ConsoleLine line)
    {
        file.WriteLine(line.Text);
        if (file.BaseStream.Length <= BytesMax)
            return;
        file.Dispose();
        string[] lines = File.ReadAllLines(_path);
        File.WriteAllLines(_path, lines[(lines.Length / 2)..]);
        _file = Open(FileMode.Append);
    }

    private void Say(string text)
    {
        try
        {
            _say(text);
        }
        catch (IOException)
        {
            // On the same full disk.
        }
    }

    private StreamWriter Open(FileMode mode) => new(new FileStream(_path, mode, FileAccess.Write, FileShare.ReadWrite, bufferSize: 0)) { AutoFlush = true };
}
