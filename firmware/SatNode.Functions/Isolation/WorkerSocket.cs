using System.ComponentModel;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace SatNode.Functions.Isolation;

/// <summary>One end of a pair of connected local sockets that keep packets apart. Source: socketpair(2), unix(7), SOCK_SEQPACKET.</summary>
internal sealed partial class WorkerSocket : IDisposable
{
    private const int FamilyUnix = 1;
    private const int SequencedPackets = 5;
    private const int CloseOnExec = 0x80000;
    private const int NoSignal = 0x4000;
    private const int FullLength = 0x20; // MSG_TRUNC: the packet's own length, even when it is cut
    private const int DoNotWait = 0x40;
    private const int SocketLevel = 1;
    private const int ReceiveTimeout = 20;
    private const int Interrupted = 4;
    private const int TryAgain = 11;

    private readonly SafeFileHandle _handle;

    /// <summary>Takes over a socket.</summary>
    public WorkerSocket(SafeFileHandle handle) => _handle = handle;

    public SafeFileHandle Handle => _handle;

    /// <summary>Makes a pair; neither end goes to programs that are started, unless handed over.</summary>
    /// <exception cref="IOException">The kernel has none left.</exception>
    public static (WorkerSocket One, WorkerSocket Other) Pair()
    {
        Span<int> ends = stackalloc int[2];
        if (SocketPair(FamilyUnix, SequencedPackets | CloseOnExec, 0, ref ends[0]) != 0)
            throw new IOException($"socketpair: {Fault()}");
        return (new(new(ends[0], ownsHandle: true)), new(new(ends[1], ownsHandle: true)));
    }

    /// <summary>Lets receiving give up after a time.</summary>
    public void SetTimeout(TimeSpan timeout)
    {
        Span<long> time = [(long)timeout.TotalSeconds, (long)(timeout.TotalMicroseconds % 1e6)];
        if (SetOption(_handle, SocketLevel, ReceiveTimeout, in time[0], 2 * sizeof(long)) != 0)
            throw new IOException($"setsockopt: {Fault()}");
    }

    /// <summary>Sends a packet; false when the other end is closed, or has no room for it: who asks one thing after the other always has.</summary>
    public bool Send(ReadOnlySpan<byte> packet)
    {
        while (true)
        {
            nint sent = Send(_handle, in MemoryMarshal.GetReference(packet), (nuint)packet.Length, NoSignal | DoNotWait);
            if (sent == packet.Length)
                return true;
            if (sent >= 0 || Marshal.GetLastPInvokeError() != Interrupted)
                return false;
        }
    }

    /// <summary>Waits for a packet.</summary>
    /// <param name="packet">Where it goes.</param>
    /// <param name="wait">False takes only one that is there.</param>
    /// <returns>Its length, which may be more than there was room for; 0 when the other end is closed, −1 when none came in time.</returns>
    public int Receive(Span<byte> packet, bool wait = true)
    {
        while (true)
        {
            nint length = Receive(_handle, ref MemoryMarshal.GetReference(packet), (nuint)packet.Length, wait ? FullLength : FullLength | DoNotWait);
            if (length >= 0)
                return (int)Math.Min(length, int.MaxValue);
            switch (Marshal.GetLastPInvokeError())
            {
                case Interrupted:
                    continue;
                case TryAgain:
                    return -1;
                default:
                    return 0; // reset: as good as closed
            }
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _handle.Dispose();

    private static string Fault() => new Win32Exception(Marshal.GetLastPInvokeError()).Message;

    [LibraryImport("libc", EntryPoint = "socketpair", SetLastError = true)]
    private static partial int SocketPair(int family, int type, int protocol, ref int ends);

    [LibraryImport("libc", EntryPoint = "setsockopt", SetLastError = true)]
    private static partial int SetOption(SafeFileHandle socket, int level, int option, in long value, int length);

    [LibraryImport("libc", EntryPoint = "send", SetLastError = true)]
    private static partial nint Send(SafeFileHandle socket, in byte bytes, nuint length, int flags);

    [LibraryImport("libc", EntryPoint = "recv", SetLastError = true)]
    private static partial nint Receive(SafeFileHandle socket, ref byte bytes, nuint length, int flags);
}
