using System.Numerics;

namespace SatNode.Network.Store;

/// <summary>Keeps the arrays of bundles that are done with for the next ones: on a fresh array the kernel gives each page as it is first written, which takes several times as long as the bytes
/// themselves. Bounded in bytes, and emptied when nothing has been rented for a while. Safe for many threads.</summary>
/// <remarks>Arrays are not cleared: a buffer shows only as many bytes as were asked for, and who rents one writes all of them before others see it.</remarks>
internal sealed class BundleBufferPool : IDisposable
{
    private readonly Lock _gate = new();
    private readonly Dictionary<int, Stack<byte[]>> _idle = [];
    private readonly ITimer _timer;
    private long _idleBytes;
    private bool _isTimed;
    private bool _isUsed;
    private bool _isDisposed;

    /// <summary>Makes an empty pool.</summary>
    public BundleBufferPool(TimeProvider time)
    {
        _timer = time.CreateTimer(_ => Trim(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>Bytes of the arrays that wait to be rented.</summary>
    public long IdleBytes
    {
        get
        {
            lock (_gate)
                return _idleBytes;
        }
    }

    /// <summary>A buffer of so many bytes, which hold anything; the caller has the one hold.</summary>
    /// <param name="length">0 to <see cref="BundleStoreLimits.MaxBufferBytes"/>.</param>
    public BundleBuffer Rent(int length)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan((uint)length, (uint)BundleStoreLimits.MaxBufferBytes, nameof(length));
        if (length < BundleStoreLimits.MinPooledBytes)
            return new(GC.AllocateUninitializedArray<byte>(length));
        int size = SizeFor(length);
        byte[]? array = null;
        lock (_gate)
        {
            _isUsed = true;
            if (_idle.TryGetValue(size, out Stack<byte[]>? idle) && idle.TryPop(out array))
                _idleBytes -= size;
        }
        if (array is null)
        {
            array = GC.AllocateUninitializedArray<byte>(size, pinned: true);
            KernelPages.AskForLarge(array, length);
        }
        return new(this, array, length);
    }

    /// <summary>Takes an array back, or leaves it to the collector when enough wait.</summary>
    internal void Return(byte[] array)
    {
        lock (_gate)
        {
            if (!_isDisposed && _idleBytes + array.Length <= BundleStoreLimits.MaxIdleBufferBytes)
            {
                if (!_idle.TryGetValue(array.Length, out Stack<byte[]>? idle))
                    _idle.Add(array.Length, idle = new());
                idle.Push(array);
                _idleBytes += array.Length;
                if (!_isTimed)
                    _isTimed = _timer.Change(BundleStoreLimits.BufferIdleTime, Timeout.InfiniteTimeSpan);
                return;
            }
        }
        KernelPages.GiveBack(array);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        lock (_gate)
            _isDisposed = true;
        _timer.Dispose();
        Empty();
    }

    /// <summary>A power of two and a little for what is around a payload of that size, so that round payloads do not take twice their size; at most the largest bundle.</summary>
    private static int SizeFor(int length) => length > BundleStoreLimits.MaxBufferBytes / 17 * 16 + BundleStoreLimits.BufferSlackBytes
        ? BundleStoreLimits.MaxBufferBytes
        : (int)BitOperations.RoundUpToPowerOf2((uint)Math.Max(length - BundleStoreLimits.BufferSlackBytes, BundleStoreLimits.MinPooledBytes)) + BundleStoreLimits.BufferSlackBytes;

    /// <summary>Gives all arrays up when none was rented since the last look.</summary>
    private void Trim()
    {
        lock (_gate)
        {
            _isTimed = _isUsed && !_isDisposed && _timer.Change(BundleStoreLimits.BufferIdleTime, Timeout.InfiniteTimeSpan);
            _isUsed = false;
            if (_isTimed)
                return;
        }
        Empty();
    }

    private void Empty()
    {
        byte[][] arrays;
        lock (_gate)
        {
            arrays = [.. _idle.Values.SelectMany(idle => idle)];
            _idle.Clear();
            _idleBytes = 0;
        }
        foreach (byte[] array in arrays)
            KernelPages.GiveBack(array);
    }
}
