using System.IO.MemoryMappedFiles;
using System.IO.Pipes;
using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace SatNode.Benchmarks.Functions;

/// <summary>What the kernel alone takes to bring bytes from one memory to another: through memory that both see, with a byte over a local socket to tell and one to answer, or through a pipe.
/// The other side is a thread, which is cheaper than a process: no change of address space.</summary>
internal sealed class BareExchange : IDisposable
{
    private readonly int _bytes;
    private readonly MemoryMappedFile _shared;
    private readonly MemoryMappedViewAccessor _ours;
    private readonly MemoryMappedViewAccessor _theirs;
    private readonly Socket _near;
    private readonly Socket _far;
    private readonly AnonymousPipeServerStream _in = new(PipeDirection.Out);
    private readonly AnonymousPipeClientStream _inEnd;
    private readonly AnonymousPipeServerStream _out = new(PipeDirection.In);
    private readonly AnonymousPipeClientStream _outEnd;
    private readonly Thread[] _threads;

    public BareExchange(int bytes)
    {
        _bytes = bytes;
        _shared = MemoryMappedFile.CreateNew(null, bytes);
        _ours = _shared.CreateViewAccessor();
        _theirs = _shared.CreateViewAccessor();
        string path = Path.Combine(Path.GetTempPath(), Path.GetRandomFileName());
        using var listener = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        listener.Bind(new UnixDomainSocketEndPoint(path));
        listener.Listen(1);
        _near = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        _near.Connect(new UnixDomainSocketEndPoint(path));
        _far = listener.Accept();
        File.Delete(path);
        _inEnd = new(PipeDirection.In, _in.ClientSafePipeHandle);
        _outEnd = new(PipeDirection.Out, _out.ClientSafePipeHandle);
        _threads = [new(TakeShared) { IsBackground = true }, new(TakePiped) { IsBackground = true }];
        foreach (Thread thread in _threads)
            thread.Start();
    }

    /// <summary>Hands bytes over through shared memory, so many times.</summary>
    public void Share(byte[] bytes, int times)
    {
        Span<byte> told = stackalloc byte[1];
        for (int i = 0; i < times; i++)
        {
            Marshal.Copy(bytes, 0, _ours.SafeMemoryMappedViewHandle.DangerousGetHandle(), bytes.Length);
            _near.Send(told);
            Check.That(_near.Receive(told) == 1 && told[0] == bytes[^1], "the bytes on the other side");
            told[0] = 0;
        }
    }

    /// <summary>Hands bytes over through a pipe, so many times.</summary>
    public void Pipe(byte[] bytes, int times)
    {
        Span<byte> told = stackalloc byte[1];
        for (int i = 0; i < times; i++)
        {
            _in.Write(bytes);
            Check.That(_out.Read(told) == 1 && told[0] == bytes[^1], "the bytes on the other side");
        }
    }

    public void Dispose()
    {
        _near.Dispose();
        _in.Dispose();
        foreach (Thread thread in _threads)
            thread.Join();
        _far.Dispose();
        _inEnd.Dispose();
        _outEnd.Dispose();
        _out.Dispose();
        _ours.Dispose();
        _theirs.Dispose();
        _shared.Dispose();
    }

    private void TakeShared()
    {
        byte[] bytes = new byte[_bytes];
        Span<byte> told = stackalloc byte[1];
        while (_far.Receive(told) == 1)
        {
            Marshal.Copy(_theirs.SafeMemoryMappedViewHandle.DangerousGetHandle(), bytes, 0, bytes.Length);
            told[0] = bytes[^1];
            _far.Send(told);
        }
    }

    private void TakePiped()
    {
        byte[] bytes = new byte[_bytes];
        while (true)
        {
            int got = _inEnd.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false);
            if (got < bytes.Length)
                return;
            _outEnd.Write(bytes.AsSpan(bytes.Length - 1));
        }
    }
}
