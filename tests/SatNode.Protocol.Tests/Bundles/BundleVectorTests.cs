using System.Text;
using System.Text.Json;
using SatNode.Protocol.Bundles;

namespace SatNode.Protocol.Tests.Bundles;

/// <summary>Known bytes: RFC 9173 appendix A, and check values of the checksums.</summary>
public sealed class BundleVectorTests
{
    [Theory]
    [InlineData("A1.orig", 0)]
    [InlineData("A1.final", 1)]
    [InlineData("A2.orig", 0)]
    [InlineData("A2.final", 1)]
    [InlineData("A3.orig", 1)]
    [InlineData("A3.final", 3)]
    [InlineData("A4.orig", 0)]
    [InlineData("A4.final", 2)]
    public void Decodes_and_encodes_the_examples_of_RFC_9173_byte_for_byte(string name, int extensions)
    {
        byte[] bytes = Vector(name);
        Bundle bundle = BundleCodec.Decode(bytes, requireAge: false);
        Assert.Equal(extensions, bundle.Extensions.Count);
        Assert.Equal(bytes, BundleCodec.Encode(bundle));
    }

    [Fact]
    public void Reads_the_fields_of_example_A1()
    {
        Bundle bundle = BundleCodec.Decode(Vector("A1.orig"), requireAge: false);
        Assert.Equal("ipn:1.2", bundle.Primary.Destination.ToString());
        Assert.Equal("ipn:2.1", bundle.Primary.Source.ToString());
        Assert.Equal("ipn:2.1", bundle.Primary.ReportTo.ToString());
        Assert.Equal(0UL, bundle.Primary.CreationTime.Milliseconds);
        Assert.Equal(40UL, bundle.Primary.Sequence);
        Assert.Equal(1_000_000UL, bundle.Primary.LifetimeMs);
        Assert.Equal("Ready to generate a 32-byte payload", Encoding.ASCII.GetString(bundle.Payload.Span));
    }

    [Fact]
    public void Encodes_the_fields_of_example_A3_from_scratch_to_the_same_bytes()
    {
        var primary = new PrimaryBlock
        {
            Crc = CrcType.None,
            Destination = EndpointId.Ipn(1, 2),
            Source = EndpointId.Ipn(2, 1),
            ReportTo = EndpointId.Ipn(2, 1),
            CreationTime = new(0),
            Sequence = 40,
            LifetimeMs = 1_000_000,
        };
        var bundle = new Bundle
        {
            Primary = primary,
            Extensions = [new(BlockType.BundleAge, 2, BlockFlags.None, CrcType.None, new byte[] { 0x19, 0x01, 0x2c })],
            PayloadBlock = new(BlockType.Payload, 1, BlockFlags.None, CrcType.None, "Ready to generate a 32-byte payload"u8.ToArray()),
        };
        Assert.Equal(Vector("A3.orig"), BundleCodec.Encode(bundle));
    }

    [Fact]
    public void Checksums_give_the_published_check_values()
    {
        Assert.Equal(0x906E, BundleCrc.Crc16("123456789"u8)); // CRC catalogue: CRC-16/IBM-SDLC alias X-25
        Assert.Equal(0xE3069283u, BundleCrc.Crc32C("123456789"u8)); // CRC catalogue: CRC-32/ISCSI alias Castagnoli
        Assert.Equal(0x8A9136AAu, BundleCrc.Crc32C(new byte[32])); // RFC 3720 appendix B.4
    }

    [Theory]
    [InlineData(3071)] // one lane less than three
    [InlineData(3072)]
    [InlineData(3073)]
    [InlineData(6144)]
    [InlineData(10_007)]
    public void The_checksum_of_long_data_is_that_of_the_definition(int length)
    {
        byte[] data = new byte[length + 1];
        new Random(5).NextBytes(data);
        uint expected = uint.MaxValue;
        foreach (byte value in data.AsSpan(1)) // not aligned
        {
            expected ^= value;
            for (int bit = 0; bit < 8; bit++)
                expected = (expected & 1) != 0 ? (expected >> 1) ^ 0x82F63B78 : expected >> 1; // RFC 4960 appendix B, reflected
        }
        Assert.Equal(~expected, BundleCrc.Crc32C(data.AsSpan(1)));
    }

    private static byte[] Vector(string name)
    {
        using JsonDocument file = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(Root(), "tests/vectors/bundles/rfc9173-appendix-a.json")));
        return Convert.FromHexString(file.RootElement.GetProperty("bundles").GetProperty(name).GetString()!);
    }

    private static string Root()
    {
        string folder = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(folder, "SatNode.sln")))
            folder = Path.GetDirectoryName(folder) ?? throw new InvalidOperationException("SatNode.sln: not found above the tests");
        return folder;
    }
}
