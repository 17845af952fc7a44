using CsCheck;
using SatNode.Protocol.Bundles;

namespace SatNode.Protocol.Tests.Bundles;

public sealed class BundleRoundTripTests
{
    private static readonly Gen<EndpointId> Endpoints = Gen.OneOf(
        Gen.Select(Gen.ULong, Gen.ULong).Select((n, s) => EndpointId.Ipn(n, s)),
        Gen.Char['!', '~'].Array[0, 20].Select(rest => EndpointId.Dtn("//n/" + new string(rest))),
        Gen.Const(EndpointId.Ipn(ulong.MaxValue, ulong.MaxValue)));

    private static readonly Gen<Bundle> Bundles =
        from destination in Endpoints
        from source in Endpoints
        from time in Gen.ULong[1, ulong.MaxValue]
        from numbers in Gen.Select(Gen.ULong, Gen.ULong)
        from crc in Gen.Enum<CrcType>()
        from hops in Gen.Byte[1, 255]
        from payload in Gen.Byte.Array[0, 300]
        select Bundle.Create(
            new()
            {
                Crc = crc,
                Flags = source.IsNull ? BundleFlags.MustNotFragment : BundleFlags.None,
                Destination = destination,
                Source = source,
                CreationTime = new(time),
                Sequence = numbers.Item1,
                LifetimeMs = numbers.Item2,
            }, payload, hops, crc);

    [Fact]
    public void Decoding_gives_back_what_was_encoded() => Bundles.Sample(bundle =>
    {
        byte[] encoded = BundleCodec.Encode(bundle);
        Bundle decoded = BundleCodec.Decode(encoded);
        Assert.Equal(bundle.Id, decoded.Id);
        Assert.Equal(bundle.Primary.Destination, decoded.Primary.Destination);
        Assert.Equal(bundle.Primary.LifetimeMs, decoded.Primary.LifetimeMs);
        Assert.Equal(bundle.HopCount, decoded.HopCount);
        Assert.Equal(bundle.Payload.ToArray(), decoded.Payload.ToArray());
        Assert.Equal(encoded, BundleCodec.Encode(decoded));
    }, iter: 2_000);

    [Fact]
    public void A_bundle_that_is_passed_on_is_its_new_head_and_its_payload_as_it_came() => Bundles.Sample(bundle =>
    {
        Bundle passedOn = BundleCodec.Decode(BundleCodec.Encode(bundle)).Forwarded(EndpointId.Ipn(7, 0), TimeSpan.FromSeconds(1));
        var head = new System.Buffers.ArrayBufferWriter<byte>();
        BundleCodec.EncodeHead(passedOn, head);
        Assert.Equal(BundleCodec.Encode(passedOn), (byte[])[.. head.WrittenSpan, .. passedOn.EncodedPayload.Span]);
        Assert.Throws<ArgumentException>(() => BundleCodec.EncodeHead(bundle, head)); // was made here
    }, iter: 2_000);

    [Fact]
    public void Only_the_payloads_checksum_is_left_unchecked_where_that_is_asked_for()
    {
        byte[] good = BundleCodec.Encode(Small(CrcType.Crc32C).Forwarded(EndpointId.Ipn(7, 0), TimeSpan.Zero));
        int payload = good.Length - BundleCodec.Decode(good).EncodedPayload.Length, data = good.AsSpan().LastIndexOf((byte)'i');
        for (int at = 0; at < good.Length; at++)
        {
            byte[] bad = [.. good];
            bad[at] ^= 1;
            Exception? found = Record.Exception(() => BundleCodec.Decode(bad, checkPayload: false));
            if (at < payload)
                Assert.IsType<WireFormatException>(found);
            else if (at == data)
                Assert.Null(found);
            else
                Assert.True(found is null or WireFormatException);
        }
    }

    [Fact]
    public void Any_changed_byte_of_a_bundle_with_checksums_is_refused_and_nothing_else_is_thrown()
    {
        byte[] good = BundleCodec.Encode(Small(CrcType.Crc32C).Forwarded(EndpointId.Ipn(7, 0), TimeSpan.Zero));
        BundleCodec.Decode(good);
        byte[] bad = [.. good];
        for (int at = 0; at < good.Length; at++)
        {
            for (int value = 0; value < 256; value++)
            {
                bad[at] = (byte)value;
                if (value != good[at])
                    Assert.Throws<WireFormatException>(() => BundleCodec.Decode(bad));
            }
            bad[at] = good[at];
        }
    }

    [Fact]
    public void Any_changed_byte_of_a_bundle_without_checksums_throws_the_one_exception_or_none()
    {
        byte[] good = BundleCodec.Encode(Small(CrcType.None).Forwarded(EndpointId.Ipn(7, 0), TimeSpan.Zero));
        byte[] bad = [.. good];
        int refused = 0;
        for (int at = 0; at < good.Length; at++)
        {
            for (int value = 0; value < 256; value++)
            {
                bad[at] = (byte)value;
                try
                {
                    Bundle decoded = BundleCodec.Decode(bad);
                    Assert.True(BundleCodec.Encode(decoded).Length > 0);
                }
                catch (WireFormatException)
                {
                    refused++;
                }
            }
            bad[at] = good[at];
        }
        Assert.True(refused > good.Length * 100, $"{refused} refused");
    }

    [Fact]
    public void Every_cut_is_refused()
    {
        byte[] good = BundleCodec.Encode(Small(CrcType.Crc16));
        for (int length = 0; length < good.Length; length++)
            Assert.Throws<WireFormatException>(() => BundleCodec.Decode(good.AsMemory(0, length)));
    }

    [Fact]
    public void A_hop_replaces_the_previous_node_counts_and_ages()
    {
        Bundle first = Small(CrcType.Crc32C).Forwarded(EndpointId.Ipn(7, 0), TimeSpan.Zero);
        Bundle second = BundleCodec.Decode(BundleCodec.Encode(first)).Forwarded(EndpointId.Ipn(8, 0), TimeSpan.FromSeconds(5));
        Bundle received = BundleCodec.Decode(BundleCodec.Encode(second));
        Assert.Equal(EndpointId.Ipn(8, 0), received.PreviousNode);
        Assert.Equal(new HopCount(30, 2), received.HopCount);
        Assert.Equal(2, received.Extensions.Count);
    }

    [Fact]
    public void Age_grows_by_the_time_held_and_counts_for_expiry_without_a_creation_time()
    {
        Bundle bundle = BundleCodec.Decode(Convert.FromHexString("9f88070000820282010282028202018202820201820018281927108507020000410a8501010000426869ff"));
        Assert.Equal(10UL, bundle.AgeMs);
        Assert.Equal(50_000UL + 10_000 - 10, bundle.Expiry(new(50_000)).Milliseconds);
        Assert.Equal(1_010UL, bundle.Forwarded(EndpointId.Ipn(7, 0), TimeSpan.FromSeconds(1)).AgeMs);
    }

    [Fact]
    public void The_payload_is_a_slice_of_the_bytes_decoded()
    {
        byte[] bytes = BundleCodec.Encode(Small(CrcType.None));
        Bundle bundle = BundleCodec.Decode(bytes);
        bytes[Array.LastIndexOf(bytes, (byte)'i')] = (byte)'o';
        Assert.Equal("ho"u8.ToArray(), bundle.Payload.ToArray());
    }

    [Fact]
    public void Encoding_allocates_nothing()
    {
        Bundle bundle = Small(CrcType.Crc32C);
        var buffer = new byte[bundle.MaxEncodedBytes];
        BundleCodec.Encode(bundle, buffer);
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 1_000; i++)
            BundleCodec.Encode(bundle, buffer);
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    [Theory]
    [InlineData("ipn:5.1", "ipn:5.1")]
    [InlineData("ipn:1.2.3", "ipn:1.2.3")]
    [InlineData("ipn:0.5.1", "ipn:5.1")]
    [InlineData("dtn:none", "dtn:none")]
    [InlineData("dtn://node/mail", "dtn://node/mail")]
    [InlineData("ipn:5", null)]
    [InlineData("ipn:05.1", null)]
    [InlineData("ipn:5.1.2.3", null)]
    [InlineData("ipn:4294967296.1.1", null)]
    [InlineData("ipn:18446744073709551616.1", null)]
    [InlineData("ipn:-1.1", null)]
    [InlineData("dtn://node", null)]
    [InlineData("dtn:///x", null)]
    [InlineData("dtn://a b/x", null)]
    [InlineData("http://x/", null)]
    public void Endpoints_are_read_from_text(string text, string? expected) =>
        Assert.Equal(expected, EndpointId.TryParse(text, out EndpointId endpoint) ? endpoint.ToString() : null);

    private static Bundle Small(CrcType crc) => Bundle.Create(
        new()
        {
            Crc = crc,
            Destination = EndpointId.Ipn(1, 2),
            Source = EndpointId.Ipn(2, 1),
            CreationTime = new(1000),
            Sequence = 3,
            LifetimeMs = 60_000,
        }, "hi"u8.ToArray(), 30, crc);
}
