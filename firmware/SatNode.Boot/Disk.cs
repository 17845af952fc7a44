using System.ComponentModel;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace SatNode.Boot;

/// <summary>A block device or a file in its place, opened without a buffer of ours.</summary>
/// <param name="Stream">Its content.</param>
/// <param name="SizeBytes">Its size.</param>
internal sealed partial record Disk(Stream Stream, long SizeBytes) : IDisposable
{
    private const int SeekEnd = 2;

    /// <summary>Opens a disk.</summary>
    /// <exception cref="IOException">There is no such disk, or it can't be opened.</exception>
    internal static Disk Open(string path, FileAccess access)
    {
        FileStream? stream = null;
        try
        {
            stream = new FileStream(path, FileMode.Open, access, FileShare.ReadWrite, bufferSize: 0);
            long size = Seek(stream.SafeFileHandle, 0, SeekEnd); // a block device's length is not in its inode
            return size >= 0 ? new(stream, size) : throw new IOException($"{path}: {new Win32Exception(Marshal.GetLastPInvokeError()).Message}");
        }
        catch (UnauthorizedAccessException e)
        {
            throw new IOException(e.Message, e);
        }
        catch (IOException)
        {
            stream?.Dispose();
            throw;
        }
    }

    public void Dispose() => Stream.Dispose();

    [LibraryImport("libc", EntryPoint = "lseek", SetLastError = true)]
    private static partial long Seek(SafeFileHandle file, long offset, int whence);
}
