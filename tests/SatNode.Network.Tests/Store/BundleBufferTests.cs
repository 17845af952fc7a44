using Microsoft.Extensions.Time.Testing;
using SatNode.Network.Store;

namespace SatNode.Network.Tests.Store;

public sealed class BundleBufferTests : IDisposable
{
    private const int Large = 1024 * 1024;

    private readonly FakeTimeProvider _time = new();
    private readonly BundleBufferPool _pool;

    public BundleBufferTests() => _pool = new(_time);

    public void Dispose() => _pool.Dispose();

    [Fact]
    public void The_last_to_let_go_gives_the_array_to_the_next()
    {
        BundleBuffer first = _pool.Rent(Large);
        ref byte start = ref first.GetSpan()[0];
        first.Hold();
        first.Release();
        Assert.Equal(0, _pool.IdleBytes);
        first.Release();
        Assert.InRange(_pool.IdleBytes, Large, 2 * Large);
        BundleBuffer second = _pool.Rent(Large - 1);
        Assert.True(System.Runtime.CompilerServices.Unsafe.AreSame(ref start, ref second.GetSpan()[0]));
        Assert.Equal(0, _pool.IdleBytes);
    }

    [Fact]
    public void Two_who_rent_never_share_an_array()
    {
        BundleBuffer one = _pool.Rent(Large), other = _pool.Rent(Large);
        one.GetSpan().Fill(1);
        other.GetSpan().Fill(2);
        Assert.Equal(-1, one.GetSpan().IndexOfAnyExcept((byte)1));
    }

    [Fact]
    public void Letting_go_twice_is_a_fault_and_does_not_return_the_array_twice()
    {
        BundleBuffer buffer = _pool.Rent(Large);
        buffer.Release();
        long idle = _pool.IdleBytes;
        Assert.Throws<InvalidOperationException>(buffer.Release);
        Assert.Equal(idle, _pool.IdleBytes);
    }

    [Theory]
    [InlineData(100)] // of no pool
    [InlineData(Large)]
    public void What_was_let_go_can_be_read_by_no_slice_of_it(int length)
    {
        BundleBuffer buffer = _pool.Rent(length);
        ReadOnlyMemory<byte> slice = buffer.Memory[10..20];
        Assert.Equal(10, slice.Span.Length);
        buffer.Release();
        Assert.Throws<ObjectDisposedException>(() => slice.Span.Length);
        Assert.Throws<ObjectDisposedException>(() => buffer.GetSpan().Length);
        Assert.Throws<ObjectDisposedException>(buffer.Hold);
        Assert.Throws<ObjectDisposedException>(() => slice.Pin());
        Assert.Throws<ObjectDisposedException>(() => System.Runtime.InteropServices.MemoryMarshal.TryGetArray(slice, out _));
    }

    [Fact]
    public void A_pin_holds()
    {
        BundleBuffer buffer = _pool.Rent(Large);
        System.Buffers.MemoryHandle pin = buffer.Memory[5..].Pin();
        buffer.Release();
        Assert.Equal(0, _pool.IdleBytes);
        pin.Dispose();
        Assert.NotEqual(0, _pool.IdleBytes);
    }

    [Fact]
    public void Nothing_is_seen_beyond_what_was_asked_for()
    {
        BundleBuffer secret = _pool.Rent(Large);
        secret.GetSpan().Fill(0x5E);
        secret.Release();
        BundleBuffer next = _pool.Rent(Large / 2 + 5000); // the same array
        Assert.Equal(0x5E, next.GetSpan()[0]); // not cleared: who rents writes it whole, or shortens it to what was written
        next.Shorten(0);
        Assert.Equal(0, next.Memory.Length);
        Assert.Throws<ArgumentOutOfRangeException>(() => next.Shorten(1));
    }

    [Fact]
    public void Keeps_two_of_the_largest_size_and_no_more()
    {
        BundleBuffer[] rented = [.. Enumerable.Range(0, 3).Select(_ => _pool.Rent(BundleStoreLimits.MaxBufferBytes))];
        foreach (BundleBuffer buffer in rented)
            buffer.Release();
        Assert.Equal(BundleStoreLimits.MaxIdleBufferBytes, _pool.IdleBytes);
    }

    [Theory]
    [InlineData(BundleStoreLimits.MinPooledBytes - 1, 0)]
    [InlineData(BundleStoreLimits.MinPooledBytes, BundleStoreLimits.MinPooledBytes + BundleStoreLimits.BufferSlackBytes)]
    [InlineData(64 * 1024, 68 * 1024)]
    [InlineData(68 * 1024, 68 * 1024)]
    [InlineData((68 * 1024) + 1, 132 * 1024)]
    [InlineData((16 * 1024 * 1024) + 4096, (16 * 1024 * 1024) + 4096)]
    [InlineData((16 * 1024 * 1024) + 4097, BundleStoreLimits.MaxBufferBytes)]
    [InlineData(BundleStoreLimits.MaxBufferBytes, BundleStoreLimits.MaxBufferBytes)]
    public void Arrays_are_a_power_of_two_and_a_little(int length, int array)
    {
        BundleBuffer buffer = _pool.Rent(length);
        Assert.Equal(length, buffer.GetSpan().Length);
        buffer.Release();
        Assert.Equal(array, _pool.IdleBytes);
    }

    [Fact]
    public void More_than_the_largest_bundle_is_refused() =>
        Assert.Throws<ArgumentOutOfRangeException>(() => _pool.Rent(BundleStoreLimits.MaxBufferBytes + 1));

    [Fact]
    public void Is_emptied_when_nothing_was_rented_for_a_while_and_not_while_something_is()
    {
        _pool.Rent(Large).Release();
        _time.Advance(BundleStoreLimits.BufferIdleTime); // it was used within this time
        Assert.NotEqual(0, _pool.IdleBytes);
        _pool.Rent(Large).Release();
        _time.Advance(BundleStoreLimits.BufferIdleTime);
        Assert.NotEqual(0, _pool.IdleBytes);
        _time.Advance(BundleStoreLimits.BufferIdleTime);
        Assert.Equal(0, _pool.IdleBytes);
        _pool.Rent(Large).Release(); // and begins anew
        Assert.NotEqual(0, _pool.IdleBytes);
        _time.Advance(BundleStoreLimits.BufferIdleTime);
        _time.Advance(BundleStoreLimits.BufferIdleTime);
        Assert.Equal(0, _pool.IdleBytes);
    }

    [Fact]
    public void What_is_rented_is_left_alone_when_the_pool_is_emptied()
    {
        BundleBuffer used = _pool.Rent(Large);
        used.GetSpan().Fill(7);
        _pool.Rent(Large).Release();
        _time.Advance(BundleStoreLimits.BufferIdleTime);
        _time.Advance(BundleStoreLimits.BufferIdleTime);
        Assert.Equal(0, _pool.IdleBytes);
        _pool.Dispose();
        Assert.Equal(-1, used.GetSpan().IndexOfAnyExcept((byte)7));
        used.Release();
        Assert.Equal(0, _pool.IdleBytes);
    }
}
