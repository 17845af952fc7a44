using SatNode.Protocol.Boards;

namespace SatNode.Protocol.Tests.Boards;

public sealed class BoardIdentityTests
{
    private static readonly BoardIdentity Longest = new(new('c', BoardIdentity.TextMax), new('9', BoardIdentity.TextMax));

    [Fact]
    public void Stands_at_its_places()
    {
        byte[] record = Encode(new("qemu-virt-arm64", "sat-1003"));
        Assert.Equal("SNBOARD\u0001qemu-virt-arm64"u8.ToArray(), record[..23]);
        Assert.Equal("sat-1003\0"u8.ToArray(), record[32..41]);
        Assert.Equal(new("qemu-virt-arm64", "sat-1003"), BoardIdentity.TryRead(record));
        Assert.Equal(Longest, BoardIdentity.TryRead(Encode(Longest)));
    }

    [Fact]
    public void Any_damage_is_no_identity()
    {
        byte[] record = Encode(new("bench", "sn-7"));
        for (int at = 0; at < record.Length; at++)
        {
            for (int value = 0; value < 256; value++)
            {
                byte[] damaged = [.. record];
                damaged[at] = (byte)value;
                if (damaged[at] != record[at])
                    Assert.Null(BoardIdentity.TryRead(damaged));
            }
            Assert.Null(BoardIdentity.TryRead(record.AsSpan(0, at)));
        }
    }

    [Theory]
    [InlineData("", "1")]
    [InlineData("a b", "1")]
    [InlineData("bench", "ü")]
    [InlineData("bench", "")]
    [InlineData("1234567890123456789012345", "1")]
    public void Refuses_texts_that_no_label_has(string boardClass, string serial) =>
        Assert.Throws<ArgumentException>(() => Encode(new(boardClass, serial)));

    private static byte[] Encode(BoardIdentity identity)
    {
        byte[] record = new byte[BoardIdentity.EncodedBytes];
        identity.Write(record);
        return record;
    }
}
