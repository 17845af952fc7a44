using SatNode.Protocol.I2c;

namespace SatNode.Protocol.Tests.I2c;

public sealed class I2cFrameTests
{
    [Fact] // a register's read: write the pointer, then read two bytes
    public void A_request_has_these_bytes()
    {
        byte[] request = new byte[64];
        int length = I2cFrame.EncodeRequest([new(0x48, false, new byte[] { 0x05 }), new(0x48, true, new byte[2])], request);
        Assert.Equal("02" + "48000100" + "05" + "48010200", Convert.ToHexStringLower(request.AsSpan(0, length)));
    }

    [Theory]
    [InlineData(new byte[] { 0x00, 0, 0, 0 }, 0x00, false, 0)]
    [InlineData(new byte[] { 0x7F, 1, 0, 1 }, 0x7F, true, 256)]
    public void Headers_decode(byte[] header, byte address, bool isRead, int length) => Assert.Equal((address, isRead, length), I2cFrame.DecodeMessageHeader(header));

    [Theory]
    [InlineData(new byte[] { 0x80, 0, 1, 0 })]
    [InlineData(new byte[] { 0x48, 2, 1, 0 })]
    [InlineData(new byte[] { 0x48, 0, 1, 1 })] // 257 bytes
    [InlineData(new byte[] { 0x48, 0, 0xFF, 0xFF })]
    public void Refuses_headers_out_of_bounds(byte[] header) => Assert.Throws<WireFormatException>(() => I2cFrame.DecodeMessageHeader(header));

    [Fact]
    public void Refuses_requests_out_of_bounds()
    {
        byte[] destination = new byte[32 * 1024];
        Assert.Throws<ArgumentException>(() => I2cFrame.EncodeRequest([], destination));
        Assert.Throws<ArgumentException>(() => I2cFrame.EncodeRequest(new I2cMessage[43], destination));
        Assert.Throws<ArgumentException>(() => I2cFrame.EncodeRequest([new(0x48, false, new byte[257])], destination));
        Assert.Equal(1 + (42 * 4), I2cFrame.EncodeRequest(new I2cMessage[42], destination));
        Assert.Equal(1 + 4 + 256, I2cFrame.EncodeRequest([new(0x48, false, new byte[256])], destination));
    }
}
