using System.ComponentModel;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;
using SatNode.Functions.Hosting;

namespace SatNode.Functions.Isolation;

/// <summary>Memory that agent and worker both see: a header, and a window that payloads go through. Its size is sealed, so that neither can take it from under the other.
/// Source: memfd_create(2), fcntl(2) on seals, mmap(2).</summary>
/// <remarks>Whatever stands in it may change while it is read. The agent therefore reads each byte once, and takes no length from it. This is the one file with unsafe code written by hand: a
/// span over mapped memory.</remarks>
internal sealed partial class SharedMemory : LinearMemory, IDisposable
{
    private const uint CloseOnExec = 1;
    private const uint AllowSealing = 2;
    private const int AddSeals = 1033;
    private const int SealSealing = 1;
    private const int SealShrinking = 2;
    private const int SealGrowing = 4;
    private const int SealWriting = 8;
    private const int ReadWrite = 3;
    private const int MapShared = 1;
    private const int AdviseRemove = 9;
    private const int WordsBytes = 2 * sizeof(int);
    private const double FullShare = 1000;
    private const int TotalBytes = WorkerBounds.HeaderBytes + WorkerBounds.WindowBytes;

    private readonly nint _address;
    private int _isDisposed;

    private SharedMemory(SafeFileHandle file, nint address)
    {
        File = file;
        _address = address;
    }

    /// <summary>For handing over.</summary>
    public SafeFileHandle File { get; }

    /// <summary>The header, without the words for stop and share.</summary>
    public Span<byte> Header => Bytes(WordsBytes, WorkerBounds.HeaderBytes - WordsBytes);

    /// <summary>Where payloads go.</summary>
    public Span<byte> Window => Bytes(WorkerBounds.HeaderBytes, WorkerBounds.WindowBytes);

    /// <summary>True while the running invocation has to end.</summary>
    public bool IsStopped
    {
        get => Volatile.Read(ref MemoryMarshal.Cast<byte, int>(Bytes(0, sizeof(int)))[0]) != 0;
        set => Volatile.Write(ref MemoryMarshal.Cast<byte, int>(Bytes(0, sizeof(int)))[0], value ? 1 : 0);
    }

    /// <summary>The share of a core that the running invocation may use, 0 to 1 in thousandths.</summary>
    public double Share
    {
        get => Volatile.Read(ref MemoryMarshal.Cast<byte, int>(Bytes(sizeof(int), sizeof(int)))[0]) / FullShare;
        set => Volatile.Write(ref MemoryMarshal.Cast<byte, int>(Bytes(sizeof(int), sizeof(int)))[0], (int)(value * FullShare));
    }

    /// <inheritdoc/>
    public override long Length => WorkerBounds.WindowBytes;

    /// <inheritdoc/>
    public override nint Address => _address + WorkerBounds.HeaderBytes;

    /// <summary>Makes a new one; pages cost only when touched.</summary>
    /// <exception cref="IOException">The kernel refused.</exception>
    public static SharedMemory Create()
    {
        SafeFileHandle file = NewFile("satnode-worker");
        try
        {
            if (SetLength(file, TotalBytes) != 0 || Control(file, AddSeals, SealShrinking | SealGrowing | SealSealing) != 0)
                throw new IOException($"memfd: {Fault()}");
            return Map(file);
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    /// <summary>Maps one that was handed over, and takes the handle over.</summary>
    /// <exception cref="IOException">The kernel refused.</exception>
    public static SharedMemory Map(SafeFileHandle file)
    {
        nint address = Map(0, TotalBytes, ReadWrite, MapShared, file, 0);
        return address == -1 ? throw new IOException($"mmap: {Fault()}") : new(file, address);
    }

    /// <summary>Bytes in a file of memory that nobody can change any more.</summary>
    /// <exception cref="IOException">The kernel refused.</exception>
    public static SafeFileHandle Sealed(ReadOnlySpan<byte> bytes)
    {
        SafeFileHandle file = NewFile("satnode-module");
        try
        {
            RandomAccess.Write(file, bytes, 0);
            if (Control(file, AddSeals, SealShrinking | SealGrowing | SealWriting | SealSealing) != 0)
                throw new IOException($"memfd: {Fault()}");
            return file;
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public override Span<byte> Slice(long start, int length) => Window.Slice((int)start, length);

    /// <summary>Gives what the window held beyond its first bytes back to the kernel; both sides then see zeros.</summary>
    public void Trim() =>
        _ = Advise(Address + WorkerBounds.WindowBytesKept, WorkerBounds.WindowBytes - WorkerBounds.WindowBytesKept, AdviseRemove);

    /// <inheritdoc/>
    public void Dispose()
    {
        if (Interlocked.Exchange(ref _isDisposed, 1) != 0)
            return;
        _ = Unmap(_address, TotalBytes);
        File.Dispose();
    }

    private unsafe Span<byte> Bytes(int start, int length)
    {
        ObjectDisposedException.ThrowIf(Volatile.Read(ref _isDisposed) != 0, this);
        return new((byte*)_address + start, length);
    }

    private static SafeFileHandle NewFile(string name)
    {
        SafeFileHandle file = CreateFile(name, CloseOnExec | AllowSealing);
        return file.IsInvalid ? throw new IOException($"memfd_create: {Fault()}") : file;
    }

    private static string Fault() => new Win32Exception(Marshal.GetLastPInvokeError()).Message;

    [LibraryImport("libc", EntryPoint = "memfd_create", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial SafeFileHandle CreateFile(string name, uint flags);

    [LibraryImport("libc", EntryPoint = "ftruncate", SetLastError = true)]
    private static partial int SetLength(SafeFileHandle file, nint length);

    [LibraryImport("libc", EntryPoint = "fcntl", SetLastError = true)]
    private static partial int Control(SafeFileHandle file, int command, nint argument);

    [LibraryImport("libc", EntryPoint = "mmap", SetLastError = true)]
    private static partial nint Map(nint address, nuint length, int protection, int flags, SafeFileHandle file, nint offset);

    [LibraryImport("libc", EntryPoint = "munmap")]
    private static partial int Unmap(nint address, nuint length);

    [LibraryImport("libc", EntryPoint = "madvise")]
    private static partial int Advise(nint address, nuint length, int advice);
}
