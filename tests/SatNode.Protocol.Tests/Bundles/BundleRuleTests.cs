using SatNode.Protocol.Bundles;

namespace SatNode.Protocol.Tests.Bundles;

/// <summary>What RFC 9171 says must be refused and what must be ignored, one case a rule, on bytes written by hand.</summary>
public sealed class BundleRuleTests
{
    private const string Primary = "88070000820282010282028202018202820201820118281a000f4240"; // creation time 1, sequence 40
    private const string Payload = "8501010000426869";

    [Fact]
    public void Takes_the_smallest_bundle() => Assert.Equal("hi"u8.ToArray(), Decode($"9f{Primary}{Payload}ff").Payload.ToArray());

    [Theory]
    [InlineData("definite outer array", "82" + Primary + Payload, "byte 0: expected an array of indefinite length, found 0x82")]
    [InlineData("version 6", "9f88060000820282010282028202018202820201820118281a000f4240" + Payload + "ff", "byte 2: expected version 7, found 6")]
    [InlineData("CRC type 3", "9f89070003820282010282028202018202820201820118281a000f424044000000008501010000426869ff", "a CRC type of at most 2, found 3")]
    [InlineData("CRC announced, absent", "9f88070001820282010282028202018202820201820118281a000f4240" + Payload + "ff", "a primary block of 9 items by its flags, found 8")]
    [InlineData("CRC wrong", "9f89070001820282010282028202018202820201820118281a000f4240420000" + Payload + "ff", "expected CRC")]
    [InlineData("CRC of wrong length", "9f89070001820282010282028202018202820201820118281a000f42404400000000" + Payload + "ff", "a CRC of 2 bytes, found 4")]
    [InlineData("version not shortest", "9f8818070000820282010282028202018202820201820118281a000f4240" + Payload + "ff", "a version in its shortest form")]
    [InlineData("lifetime not shortest", "9f88070000820282010282028202018202820201820118281b00000000000f4240" + Payload + "ff", "a lifetime in its shortest form")]
    [InlineData("unknown scheme", "9f88070000820382010282028202018202820201820118281a000f4240" + Payload + "ff", "URI scheme 1 (dtn) or 2 (ipn), found 3")]
    [InlineData("dtn:none as text", "9f880700008201646e6f6e6582028202018202820201820118281a000f4240" + Payload + "ff", "//node/rest")]
    [InlineData("null source may be fragmented", "9f880700008202820102820100820100820118281a000f4240" + Payload + "ff", "no fragmentation and no reports without a source")]
    [InlineData("ipn:0.0 source may be fragmented", "9f8807000082028201028202820000820100820118281a000f4240" + Payload + "ff", "without a source")]
    [InlineData("administrative record asks for reports", "9f88071a0002000200820282010282028202018202820201820118281a000f4240" + Payload + "ff", "no request for reports on an administrative record")]
    [InlineData("creation time 0, no age", "9f88070000820282010282028202018202820201820018281a000f4240" + Payload + "ff", "expected an age with creation time 0, found none")]
    [InlineData("no payload", "9f" + Primary + "ff", "a block, found 0xff")]
    [InlineData("payload not last", "9f" + Primary + Payload + "8507020000410aff", "the end of the bundle after the payload")]
    [InlineData("payload numbered 2", "9f" + Primary + "8501020000426869ff", "payload block number 1, found 2")]
    [InlineData("number 1 on another block", "9f" + Primary + "8507010000410a" + Payload + "ff", "a block number of 2 or more, found 1")]
    [InlineData("number 0", "9f" + Primary + "8507000000410a" + Payload + "ff", "a block number of 2 or more, found 0")]
    [InlineData("number taken twice", "9f" + Primary + "8507020000410a8518c002000041008501010000426869ff", "a block number that is not taken, found 2")]
    [InlineData("two ages", "9f" + Primary + "8507020000410a8507030000410a" + Payload + "ff", "at most one block of type 7")]
    [InlineData("two previous nodes", "9f" + Primary + "85060200004582028203008506030000458202820300" + Payload + "ff", "at most one block of type 6")]
    [InlineData("block type 0", "9f" + Primary + "8500020000410a" + Payload + "ff", "a block type of 1 or more")]
    [InlineData("hop limit 0", "9f" + Primary + "850a02000043820000" + Payload + "ff", "expected a hop limit of 1 to 255, found 0")]
    [InlineData("hop limit 256", "9f" + Primary + "850a020000458219010000" + Payload + "ff", "a hop limit of at most 255, found 256")]
    [InlineData("age with a rest", "9f" + Primary + "8507020000420a0a" + Payload + "ff", "the end of the age")]
    [InlineData("data of indefinite length", "9f" + Primary + "85010100005f426869ffff", "block data of definite length")]
    [InlineData("data longer than the bundle", "9f" + Primary + "85010100005b7fffffffffffffff6869ff", "block data of at most the")]
    [InlineData("data of 2^64-1", "9f" + Primary + "85010100005bffffffffffffffff6869ff", "block data of at most the")]
    [InlineData("bytes after the end", "9f" + Primary + Payload + "ff00", "the end of the bundle, found 1 bytes more")]
    [InlineData("fragment without offset", "9f88070100820282010282028202018202820201820118281a000f4240" + Payload + "ff", "a primary block of 10 items by its flags")]
    [InlineData("fragment beyond the whole", "9f8a070100820282010282028202018202820201820118281a000f42400902" + Payload + "ff", "expected a fragment within 2 bytes, found 2 from 9")]
    [InlineData("fragment end beyond the whole", "9f8a070100820282010282028202018202820201820118281a000f42400304" + Payload + "ff", "expected a fragment within 4 bytes, found 2 from 3")]
    [InlineData("fragment that must not be", "9f8a070500820282010282028202018202820201820118281a000f42400004" + Payload + "ff", "no fragment of what must not be fragmented")]
    public void Refuses(string rule, string hex, string text)
    {
        WireFormatException refusal = Assert.Throws<WireFormatException>(() => Decode(hex));
        Assert.StartsWith("bundle: byte ", refusal.Message, StringComparison.Ordinal);
        Assert.True(refusal.Message.Contains(text, StringComparison.Ordinal), $"{rule}: {refusal.Message}");
    }

    [Fact]
    public void Ignores_and_keeps_unassigned_flag_bits()
    {
        byte[] bytes = Convert.FromHexString("9f88071a8000080000820282010282028202018202820201820118281a000f4240" + "850101188000426869" + "ff");
        Bundle bundle = BundleCodec.Decode(bytes);
        Assert.Equal(0x80000800UL, (ulong)bundle.Primary.Flags);
        Assert.Equal(0x80UL, (ulong)bundle.PayloadBlock.Flags);
        Assert.Equal(bytes, BundleCodec.Encode(bundle));
    }

    [Theory]
    [InlineData("0000", true, 1)] // kept and passed on
    [InlineData("1000", true, 0)] // discard the block
    [InlineData("0400", false, 0)] // delete the bundle
    public void Treats_a_block_of_unknown_type_as_its_flags_say(string flagsAndCrc, bool kept, int blocks)
    {
        Bundle? bundle = Decode($"9f{Primary}8518c002{flagsAndCrc}4100{Payload}ff").WithoutUnprocessable();
        Assert.Equal(kept, bundle is not null);
        Assert.Equal(blocks, bundle?.Extensions.Count ?? 0);
    }

    [Fact]
    public void Takes_32_blocks_and_refuses_33()
    {
        string blocks = string.Concat(Enumerable.Range(0, 31).Select(i => $"8518c0{(i < 22 ? (i + 2).ToString("x2") : "18" + (i + 2).ToString("x2"))}00004100"));
        Assert.Equal(31, Decode($"9f{Primary}{blocks}{Payload}ff").Extensions.Count);
        Assert.Throws<WireFormatException>(() => Decode($"9f{Primary}{blocks}8518c0183000004100{Payload}ff"));
    }

    [Fact]
    public void Reads_three_element_ipn_as_the_same_node_and_passes_its_bytes_on()
    {
        byte[] bytes = Convert.FromHexString($"9f8807000082028301020382028202018202820201820118281a000f4240{Payload}ff");
        Bundle bundle = BundleCodec.Decode(bytes);
        Assert.Equal(EndpointId.Ipn((1UL << 32) | 2, 3), bundle.Primary.Destination);
        Assert.Equal(bytes, BundleCodec.Encode(bundle));
    }

    private static Bundle Decode(string hex) => BundleCodec.Decode(Convert.FromHexString(hex));
}
