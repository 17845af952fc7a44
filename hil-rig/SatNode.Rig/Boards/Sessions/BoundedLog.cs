using SatNode.Rig.Boards.Protocols;

namespace SatNode.Rig.Boards.Sessions;

/// <summary>Writes a console's lines into a file from its first line on; when the file is full it begins anew, with the last half.</summary>
internal sealed class BoundedLog : IAsyncDisposable
{
    /// <summary>The largest file: a week of housekeeping events.</summary>
    public const long BytesMax = 8 << 20;

    private readonly Lock _lock = new();
    private readonly string _path;
    private readonly IDisposable _subscription;
    private StreamWriter _file;

    /// <summary>Writes until disposed.</summary>
    public BoundedLog(string path, IConsole console)
    {
        _path = path;
        _file = Open(FileMode.Create);
        _subscription = console.Subscribe(Take);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        _subscription.Dispose();
        await _file.DisposeAsync();
    }

    private void Take(ConsoleLine line)
    {
        lock (_lock)
        {
            _file.WriteLine(line.Text);
            if (_file.BaseStream.Length <= BytesMax)
                return;
            _file.Dispose();
            string[] lines = File.ReadAllLines(_path);
            File.WriteAllLines(_path, lines[(lines.Length / 2)..]);
            _file = Open(FileMode.Append);
        }
    }

    private StreamWriter Open(FileMode mode) => new(new FileStream(_path, mode, FileAccess.Write, FileShare.ReadWrite)) { AutoFlush = true };
}
