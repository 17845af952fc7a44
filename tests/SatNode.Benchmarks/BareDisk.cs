using Microsoft.Win32.SafeHandles;

namespace SatNode.Benchmarks;

/// <summary>A log that is written on and synced, and nothing else: what the disk alone costs. Its 8 MiB are written beforehand and used again and again,
/// as a write-ahead log's are, so that a sync has no file size to record.</summary>
internal sealed class BareDisk : IDisposable
{
    private const int BytesMax = 8 * 1024 * 1024;

    private readonly SafeFileHandle _file;
    private long _end;

    public BareDisk(string path)
    {
        _file = File.OpenHandle(path, FileMode.CreateNew, FileAccess.Write);
        AppendAndSync(new byte[BytesMax]);
    }

    public void AppendAndSync(ReadOnlySpan<byte> bytes)
    {
        if (_end + bytes.Length > BytesMax)
            _end = 0;
        RandomAccess.Write(_file, bytes, _end);
        RandomAccess.FlushToDisk(_file);
        _end += bytes.Length;
    }

    public void Dispose() => _file.Dispose();
}
