using System.Buffers;
using System.Net.Sockets;
using System.Threading.Channels;

namespace SatNode.Rig.Links;

/// <summary>One direction of one connection: takes bytes from a socket, holds them until they arrive, hands them to the other. An idle pump holds no buffer
/// and no thread.</summary>
internal sealed class LinkPump(EmulatedLink link, TransmissionLine line, Socket source, Socket target)
{
    /// <summary>Bytes booked at once: at 1 Mbit/s 33 ms, below which a line would be more lumpy than the 1 ms of timers needs.</summary>
    internal const int SegmentBytes = 4096;

    /// <summary>Segments in flight: 512 KiB hold 40 ms of 100 Mbit/s; beyond, the sender's socket fills and TCP stops it.</summary>
    internal const int SegmentsMax = 128;

    private readonly Channel<Segment> _inFlight = Channel.CreateBounded<Segment>(new BoundedChannelOptions(SegmentsMax) { SingleReader = true, SingleWriter = true });
    private long _bytesTaken;
    private long _bytesDelivered;

    /// <summary>Bytes that left the sender and did not arrive.</summary>
    internal long BytesInFlight => Interlocked.Read(ref _bytesTaken) - Interlocked.Read(ref _bytesDelivered);

    /// <summary>Bytes that arrived.</summary>
    internal long BytesDelivered => Interlocked.Read(ref _bytesDelivered);

    /// <summary>Runs until the sender closed and all arrived.</summary>
    /// <exception cref="SocketException">An end was reset, or the link was cut.</exception>
    internal async Task Run(CancellationToken cut)
    {
        Task taking = Take(cut);
        try
        {
            await Deliver(cut);
        }
        finally
        {
            _inFlight.Writer.TryComplete();
        }
        await taking;
    }

    private async Task Take(CancellationToken cut)
    {
        try
        {
            while (true)
            {
                await source.ReceiveAsync(Memory<byte>.Empty, cut); // waits without a buffer
                byte[] buffer = ArrayPool<byte>.Shared.Rent(SegmentBytes);
                int length = await source.ReceiveAsync(buffer.AsMemory(0, SegmentBytes), cut);
                if (!link.TryBook(line, length, out DateTimeOffset arrival))
                    throw new SocketException((int)SocketError.NetworkDown);
                Interlocked.Add(ref _bytesTaken, length);
                await _inFlight.Writer.WriteAsync(new(buffer, length, arrival), cut);
                if (length == 0)
                    break;
            }
            _inFlight.Writer.TryComplete();
        }
        catch (Exception ended) when (ended is SocketException or OperationCanceledException or ObjectDisposedException or ChannelClosedException)
        {
            _inFlight.Writer.TryComplete(ended); // what was taken before is still delivered, then the other end is reset too
        }
    }

    private async Task Deliver(CancellationToken cut)
    {
        await foreach (Segment segment in _inFlight.Reader.ReadAllAsync(cut))
        {
            await link.WaitUntil(segment.Arrival, cut);
            if (segment.Length == 0)
            {
                target.Shutdown(SocketShutdown.Send);
                return;
            }
            for (int sent = 0; sent < segment.Length;)
                sent += await target.SendAsync(segment.Buffer.AsMemory(sent, segment.Length - sent), cut);
            Interlocked.Add(ref _bytesDelivered, segment.Length);
            ArrayPool<byte>.Shared.Return(segment.Buffer); // not on a cut: a send may still hold it, and the collector takes it
        }
    }

    private readonly record struct Segment(byte[] Buffer, int Length, DateTimeOffset Arrival);
}
