using CsCheck;
using SatNode.Protocol.Functions;
using SatNode.Protocol.Images;

namespace SatNode.Protocol.Tests.Images;

public sealed class ImageDeliveryTests
{
    private const int Chunk = ImageDelivery.ChunkBytes;

    [Theory]
    [InlineData(1, 1)]
    [InlineData(Chunk - 1, 1)]
    [InlineData(Chunk, 1)]
    [InlineData(Chunk + 1, 2)]
    [InlineData(FunctionImage.ModuleBytesMax, ImageDelivery.ChunksMax)]
    public void Has_a_chunk_for_every_byte_and_no_more(int moduleBytes, int chunks)
    {
        ImageDelivery delivery = ImageDelivery.Of(moduleBytes);
        Assert.Equal(chunks, delivery.Chunks);
        Assert.False(delivery.IsComplete);
        Assert.True(ImageDelivery.Whole(moduleBytes).IsComplete);
        int at = 0;
        foreach (int chunk in delivery.Missing)
        {
            (int offset, int length) = ImageDelivery.RangeOf(moduleBytes, chunk).GetOffsetAndLength(moduleBytes);
            Assert.Equal(at, offset);
            at += length;
            delivery = delivery.With(chunk);
        }
        Assert.Equal(moduleBytes, at);
        Assert.True(delivery.IsComplete);
        Assert.Equal(chunks, System.Numerics.BitOperations.PopCount(delivery.Present));
    }

    [Theory]
    [InlineData(16, new int[0], "missing 0-15 of 16")]
    [InlineData(16, new[] { 4, 5, 6, 8, 9, 10, 11, 12, 13, 14, 15 }, "missing 0-3,7 of 16")]
    [InlineData(3, new[] { 0, 2 }, "missing 1 of 3")]
    [InlineData(1, new[] { 0 }, "complete")]
    public void Is_written_so_that_people_can_read_it(int chunks, int[] present, string text)
    {
        ImageDelivery delivery = present.Aggregate(ImageDelivery.Of(chunks * Chunk), (state, chunk) => state.With(chunk));
        Assert.Equal(text, delivery.ToString());
        Assert.True(ImageDelivery.TryParse(text, chunks * Chunk, out ImageDelivery read));
        Assert.Equal(delivery, read);
    }

    [Fact]
    public void What_is_written_is_read() => Gen.Select(Gen.Int[1, FunctionImage.ModuleBytesMax], Gen.ULong).Sample((moduleBytes, present) =>
    {
        ImageDelivery delivery = ImageDelivery.Of(moduleBytes);
        delivery = delivery with { Present = present & ImageDelivery.Whole(moduleBytes).Present };
        return ImageDelivery.TryParse(delivery.ToString(), moduleBytes, out ImageDelivery read) && read == delivery;
    });

    [Theory]
    [InlineData("")]
    [InlineData("Complete")]
    [InlineData("missing  of 3")]
    [InlineData("missing of 3")]
    [InlineData("missing 0 of 4")] // of another module
    [InlineData("missing 3 of 3")]
    [InlineData("missing 2-1 of 3")]
    [InlineData("missing 0-1-2 of 3")]
    [InlineData("missing -1 of 3")]
    [InlineData("missing 0, 1 of 3")]
    [InlineData("missing 0,99999999999 of 3")]
    [InlineData("missing 0,0 of 3")]
    [InlineData("missing 00 of 3")]
    [InlineData("missing 0,1 of 3")] // is written 0-1
    [InlineData("missing 1,0 of 3")]
    public void Refuses_any_other_text(string text) => Assert.False(ImageDelivery.TryParse(text, 3 * Chunk, out _));
}
