namespace SatNode.Ground.Broker;

/// <summary>Passes a connection's bytes on and follows MQTT's fixed headers in what is read: a packet that announces more than the limit ends the connection
/// before its body is read or space for it is taken. Source: MQTT 5.0 §2.1.4 (variable byte integer of at most four bytes).</summary>
internal sealed class PacketBoundStream(Stream inner, int packetBytesMax) : Stream
{
    private const int LengthBytesMax = 4;
    private int _headerBytes;
    private long _length;
    private long _bodyLeft;

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => true;

    public override long Length => throw new NotSupportedException();

    public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        int read = await inner.ReadAsync(buffer, cancellationToken);
        Follow(buffer.Span[..read]);
        return read;
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override int Read(byte[] buffer, int offset, int count)
    {
        int read = inner.Read(buffer, offset, count);
        Follow(buffer.AsSpan(offset, read));
        return read;
    }

    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default) => inner.WriteAsync(buffer, cancellationToken);

    public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) => inner.WriteAsync(buffer, offset, count, cancellationToken);

    public override void Write(byte[] buffer, int offset, int count) => inner.Write(buffer, offset, count);

    public override void Flush() => inner.Flush();

    public override Task FlushAsync(CancellationToken cancellationToken) => inner.FlushAsync(cancellationToken);

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (disposing)
            inner.Dispose();
        base.Dispose(disposing);
    }

    public override async ValueTask DisposeAsync()
    {
        await inner.DisposeAsync();
        await base.DisposeAsync();
    }

    private void Follow(ReadOnlySpan<byte> read)
    {
        while (!read.IsEmpty)
        {
            if (_bodyLeft > 0)
            {
                int passed = (int)Math.Min(_bodyLeft, read.Length);
                _bodyLeft -= passed;
                read = read[passed..];
                continue;
            }
            byte next = read[0];
            read = read[1..];
            if (_headerBytes++ == 0)
                continue; // packet type and flags
            _length |= (long)(next & 0x7F) << (7 * (_headerBytes - 2));
            if ((next & 0x80) == 0)
            {
                if (_length > packetBytesMax)
                    throw new IOException($"mqtt: expected a packet of at most {packetBytesMax} bytes, found {_length}; connection ended");
                _bodyLeft = _length;
                _length = 0;
                _headerBytes = 0;
            }
            else if (_headerBytes > LengthBytesMax)
            {
                throw new IOException("mqtt: expected a packet length of at most 4 bytes, found more; connection ended");
            }
        }
    }
}
