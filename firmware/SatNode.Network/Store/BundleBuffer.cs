using System.Buffers;
using System.Runtime.InteropServices;

namespace SatNode.Network.Store;

/// <summary>The bytes of one encoded bundle. Whoever uses them holds them; the last one to let go gives the array back to its pool. From then on neither the buffer nor a slice of it can be read:
/// a slice that is kept too long fails instead of showing the next bundle's bytes. Safe for many threads.</summary>
internal sealed class BundleBuffer : MemoryManager<byte>
{
    private readonly BundleBufferPool? _pool;
    private readonly byte[] _array;
    private int _length;
    private int _holds = 1;

    /// <summary>Wraps an array that belongs to no pool; the caller has the one hold.</summary>
    public BundleBuffer(byte[] array)
        : this(null, array, array.Length)
    {
    }

    /// <summary>Wraps an array of a pool, of which only the first <paramref name="length"/> bytes are to be seen; the caller has the one hold.</summary>
    public BundleBuffer(BundleBufferPool? pool, byte[] array, int length)
    {
        _pool = pool;
        _array = array;
        _length = length;
    }

    /// <summary>Bytes in the buffer.</summary>
    public int Length => _length;

    /// <summary>Bytes of memory that it keeps.</summary>
    public int Capacity => _array.Length;

    /// <summary>Takes a hold more; for one who has a hold, or knows of one under the same lock.</summary>
    /// <exception cref="ObjectDisposedException">Nobody holds the buffer any more.</exception>
    public void Hold()
    {
        int holds = Volatile.Read(ref _holds);
        while (true)
        {
            ObjectDisposedException.ThrowIf(holds == 0, this);
            int found = Interlocked.CompareExchange(ref _holds, holds + 1, holds);
            if (found == holds)
                return;
            holds = found;
        }
    }

    /// <summary>Lets go.</summary>
    /// <exception cref="InvalidOperationException">There was no hold to let go: a fault of the caller's.</exception>
    public void Release()
    {
        int left = Interlocked.Decrement(ref _holds);
        if (left == 0)
            _pool?.Return(_array);
        else if (left < 0)
            throw new InvalidOperationException($"bundle buffer: expected a hold to let go, found {left}");
    }

    /// <summary>Cuts what is beyond the first bytes off; for the only holder, before others see the buffer.</summary>
    public void Shorten(int length)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan((uint)length, (uint)_length, nameof(length));
        _length = length;
    }

    /// <inheritdoc/>
    public override Span<byte> GetSpan()
    {
        ObjectDisposedException.ThrowIf(Volatile.Read(ref _holds) <= 0, this);
        return _array.AsSpan(0, _length);
    }

    /// <inheritdoc/>
    public override unsafe MemoryHandle Pin(int elementIndex = 0)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan((uint)elementIndex, (uint)_length, nameof(elementIndex));
        Hold();
        GCHandle pin = GCHandle.Alloc(_array, GCHandleType.Pinned);
        return new((byte*)pin.AddrOfPinnedObject() + elementIndex, pin, this);
    }

    /// <inheritdoc/>
    public override void Unpin() => Release();

    /// <inheritdoc/>
    protected override bool TryGetArray(out ArraySegment<byte> segment)
    {
        ObjectDisposedException.ThrowIf(Volatile.Read(ref _holds) <= 0, this);
        segment = new(_array, 0, _length);
        return true;
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        // ended by the last Release
    }
}
