namespace SatNode.Boot.Tests;

/// <summary>A disk that is still there after its user closed it, and that can be worn out.</summary>
internal sealed class Kept(MemoryStream disk, bool isWornOut = false) : Stream
{
    public override bool CanRead => true;

    public override bool CanSeek => true;

    public override bool CanWrite => true;

    public override long Length => 0; // as a block device says

    public override long Position
    {
        get => disk.Position;
        set => disk.Position = value;
    }

    public override void Flush() => disk.Flush();

    public override int Read(byte[] buffer, int offset, int count) => disk.Read(buffer, offset, count);

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count)
    {
        if (isWornOut)
            throw new IOException("Input/output error");
        disk.Write(buffer, offset, count);
    }
}
