using System.Security.Cryptography;
using Microsoft.Extensions.Time.Testing;
using SatNode.Functions.Images;
using SatNode.Protocol;
using SatNode.Protocol.Functions;
using SatNode.Protocol.Images;

namespace SatNode.Functions.Tests.Images;

/// <summary>An image arrives whole and signed, however often the link breaks and the power goes, or not at all.</summary>
public sealed class ImageStoreTests : IDisposable
{
    private const int Chunk = ImageDelivery.ChunkBytes;
    private readonly string _folder = Directory.CreateTempSubdirectory("satnode-images-").FullName;
    private readonly ECDsa _key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
    private readonly FakeTimeProvider _time = new();
    private readonly List<string> _damage = [];

    public void Dispose()
    {
        _key.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public void An_image_is_delivered_in_chunks_in_any_order_and_is_then_here()
    {
        ImageStore store = Open();
        FunctionImage image = Image("probe", (2 * Chunk) + 1);
        Assert.Equal((image.Digest, "missing 0-2 of 3"), Begin(store, image));
        Assert.Equal("missing 0-1 of 3", Take(store, image, 2));
        Assert.Equal("missing 1 of 3", Take(store, image, 0));
        Assert.Equal("missing 1 of 3", Take(store, image, 0)); // sent twice
        Assert.Equal("missing 1 of 3; deliver it whole first", Fault(ImageFault.NotFound, () => store.Load(image.Digest))[(image.Digest.Length + "image : ".Length)..]);
        Assert.Equal("complete", Take(store, image, 1));
        Assert.Equal("complete", Take(store, image, 1)); // after the end
        Assert.Equal(image.Module.ToArray(), store.Load(image.Digest).Module.ToArray());
        Assert.Equal((image.Digest, "complete"), Begin(store, image)); // nothing is sent again
        Assert.Empty(Unfinished());
        Assert.Empty(_damage);
    }

    [Fact]
    public void A_delivery_goes_on_where_the_power_cut_it_off()
    {
        FunctionImage image = Image("probe", 4 * Chunk);
        Begin(Open(), image);
        foreach (int chunk in (int[])[3, 0, 2])
            Take(Open(), image, chunk); // each by a store that was just started
        Assert.Equal((image.Digest, "missing 1 of 4"), Begin(Open(), image));
        Assert.Equal("complete", Take(Open(), image, 1));
        Assert.Equal(image.Module.ToArray(), Open().Load(image.Digest).Module.ToArray());
        Assert.Empty(_damage);
    }

    [Fact]
    public void A_chunk_that_was_half_written_is_missing()
    {
        FunctionImage image = Image("probe", 2 * Chunk);
        ImageStore store = Open();
        Begin(store, image);
        Take(store, image, 0);
        string delivery = Assert.Single(Unfinished());
        File.WriteAllBytes(Path.Combine(delivery, "01"), new byte[Chunk - 1]);
        File.WriteAllBytes(Path.Combine(delivery, "01.new"), new byte[Chunk]);
        Assert.Equal((image.Digest, "missing 1 of 2"), Begin(Open(), image));
    }

    [Fact]
    public void Chunks_that_are_not_the_module_are_all_forgotten()
    {
        FunctionImage image = Image("probe", 2 * Chunk);
        ImageStore store = Open();
        Begin(store, image);
        Take(store, image, 0);
        byte[] wrong = image.Module[Chunk..].ToArray();
        wrong[7] ^= 1;
        string text = Fault(ImageFault.Refused, () => store.Take(image.Digest, 1, wrong));
        Assert.StartsWith($"function-image: probe: expected the module {FunctionImage.DigestOf(image.Module.Span)} of {2 * Chunk} bytes, found sha256:", text, StringComparison.Ordinal);
        Assert.EndsWith("; every chunk is forgotten, send them again", text, StringComparison.Ordinal);
        Assert.Equal((image.Digest, "missing 0-1 of 2"), Begin(store, image));
        Assert.Equal(0, store.Count);
        Deliver(store, image);
        Assert.Equal(image.Digest, store.Load(image.Digest).Digest);
    }

    [Fact]
    public void Refuses_what_no_trusted_key_signed()
    {
        ImageStore store = Open();
        FunctionImage image = Image("probe", 100);
        byte[] signature = Sign(image);
        using ECDsa foreign = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        Assert.Equal("function-image probe: expected a signature, found none; refused", Refused([]));
        Assert.StartsWith("function-image probe: expected a trusted key, found ", Refused(ImageSignature.Sign(image.Outline, foreign)), StringComparison.Ordinal);
        Assert.Equal("function-image probe: the signature does not fit the content; refused", Refused(Sign(Image("probe", 101)))); // that of another image
        for (int i = 0; i < signature.Length; i++)
        {
            byte[] flipped = [.. signature];
            flipped[i] ^= 0x41;
            Refused(flipped);
        }
        for (int cut = 1; cut < signature.Length; cut++)
            Refused(signature[..cut]);
        Refused(new byte[ImageSignature.BytesMax + 1]);
        Assert.Empty(Unfinished());

        string Refused(byte[] with) => Fault(ImageFault.Refused, () => store.Begin(image.EncodedManifest, image.Module.Length, with));
    }

    [Fact]
    public void Refuses_a_manifest_that_is_none_a_size_out_of_range_and_a_chunk_that_is_not_of_the_image()
    {
        ImageStore store = Open();
        FunctionImage image = Image("probe", Chunk + 5);
        Assert.Throws<WireFormatException>(() => store.Begin("nonsense"u8.ToArray(), 100, Sign(image)));
        Assert.Throws<WireFormatException>(() => store.Begin(image.EncodedManifest, FunctionImage.ModuleBytesMax + 1, Sign(image)));
        Assert.Equal($"image {image.Digest}: expected image.begin before its chunks, found none; begin it", Fault(ImageFault.NotFound, () => Take(store, image, 0)));
        Begin(store, image);
        Assert.Equal("image probe: expected a chunk of 0 to 1, found 2", Assert.Throws<WireFormatException>(() => store.Take(image.Digest, 2, new byte[5])).Message);
        Assert.Equal("image probe: expected a chunk of 0 to 1, found -1", Assert.Throws<WireFormatException>(() => store.Take(image.Digest, -1, new byte[5])).Message);
        Assert.Equal("image probe: chunk 1: expected 5 bytes, found 6", Assert.Throws<WireFormatException>(() => store.Take(image.Digest, 1, new byte[6])).Message);
        Assert.Equal("image probe: chunk 0: expected 65536 bytes, found 65535", Assert.Throws<WireFormatException>(() => store.Take(image.Digest, 0, new byte[Chunk - 1])).Message);
        Deliver(store, image);
    }

    [Fact]
    public void The_largest_module_arrives()
    {
        ImageStore store = Open();
        FunctionImage image = Image("probe", FunctionImage.ModuleBytesMax);
        Deliver(store, image);
        Assert.Equal(image.Digest, store.Load(image.Digest).Digest);
    }

    [Fact]
    public void Makes_room_by_what_was_not_used_for_longest_and_never_by_what_is_deployed()
    {
        ImageStore store = Open(new() { ImagesMax = 3 });
        FunctionImage[] images = [.. Enumerable.Range(0, 5).Select(i => Image($"f{i}", 100 + i))];
        Deliver(store, images[0]);
        Deliver(store, images[1]);
        Deliver(store, images[2]);
        store.Pin(images[0].Digest);
        store.Load(images[1].Digest); // used
        Deliver(store, images[3]);
        Assert.Equal([0, 1, 3], Here());
        store.Pin(images[1].Digest);
        store.Pin(images[3].Digest);
        Assert.Contains("expected room for 208 bytes within", Fault(ImageFault.NoRoom, () => Begin(store, images[4])), StringComparison.Ordinal);
        Assert.Equal([0, 1, 3], Here());
        store.Unpin(images[0].Digest);
        Deliver(store, images[4]);
        Assert.Equal([1, 3, 4], Here());

        int[] Here() => [.. Enumerable.Range(0, 5).Where(i => Record.Exception(() => store.Load(images[i].Digest)) is null)];
    }

    [Fact]
    public void Images_and_deliveries_stay_within_their_bytes()
    {
        const int each = 10 * Chunk;
        ImageStore store = Open(new() { BytesMax = (4 * each) + Chunk });
        Deliver(store, Image("a", each));
        Deliver(store, Image("b", each));
        Deliver(store, Image("c", each)); // beside two images there is room for its chunks and itself
        Assert.Equal(3, store.Count);
        Begin(store, Image("d", each)); // beside three there is not
        Assert.Equal(2, store.Count);
        Begin(store, Image("e", each));
        Assert.Equal(0, store.Count);
        Fault(ImageFault.NoRoom, () => Begin(store, Image("f", each)));
        Assert.Equal(2, Unfinished().Length);
    }

    [Fact]
    public void Unfinished_deliveries_are_bounded_and_age()
    {
        ImageStore store = Open(new() { UnfinishedMax = 2 });
        FunctionImage first = Image("a", 100), second = Image("b", 2 * Chunk), third = Image("c", 100);
        Begin(store, first);
        _time.Advance(TimeSpan.FromHours(1));
        Begin(store, second);
        Begin(store, third); // the one of which nothing was heard for longest gives way
        Fault(ImageFault.NotFound, () => Take(store, first, 0));
        Take(store, second, 0);
        _time.Advance(TimeSpan.FromDays(7) + TimeSpan.FromSeconds(1));
        Begin(store, first);
        Assert.Single(Unfinished());
        Assert.Equal("missing 0-1 of 2", Begin(store, second).State);
    }

    [Fact]
    public void An_unfinished_delivery_takes_the_place_of_an_image()
    {
        ImageStore store = Open(new() { ImagesMax = 2 });
        Deliver(store, Image("a", 100));
        Begin(store, Image("b", 100));
        Assert.Equal(1, store.Count);
        Begin(store, Image("c", 100));
        Assert.Equal(0, store.Count);
    }

    [Fact]
    public void A_delivery_of_which_chunks_come_does_not_age()
    {
        ImageStore store = Open();
        FunctionImage slow = Image("slow", 2 * Chunk);
        Begin(store, slow);
        _time.Advance(TimeSpan.FromDays(4));
        Take(store, slow, 0);
        _time.Advance(TimeSpan.FromDays(4));
        Begin(store, Image("other", 100));
        Assert.Equal("missing 1 of 2", Begin(store, slow).State);
    }

    [Fact]
    public void Chunks_that_the_power_left_of_an_image_that_is_here_are_gone_after_a_restart()
    {
        FunctionImage image = Image("probe", 100);
        ImageStore store = Open();
        Begin(store, image);
        string delivery = Assert.Single(Unfinished());
        byte[] head = File.ReadAllBytes(Path.Combine(delivery, "delivery.cbor"));
        Deliver(store, image);
        Directory.CreateDirectory(delivery); // the power went before it was removed
        File.WriteAllBytes(Path.Combine(delivery, "delivery.cbor"), head);
        store = Open();
        Assert.Empty(Unfinished());
        Assert.Equal(image.Digest, store.Load(image.Digest).Digest);
        Assert.Empty(_damage);
    }

    [Fact]
    public void A_damaged_index_is_made_anew_and_damaged_images_are_left_out()
    {
        ImageStore store = Open();
        FunctionImage good = Image("good", 100), bad = Image("bad", 200);
        Deliver(store, good);
        Deliver(store, bad);
        File.WriteAllText(Path.Combine(_folder, "index.json"), "{");
        File.AppendAllText(Blob(bad.Module.Span), "x");
        ImageStore opened = Open();
        Assert.Equal(good.Digest, opened.Load(good.Digest).Digest); // with its signature
        Fault(ImageFault.NotFound, () => opened.Load(bad.Digest));
        Assert.Contains(_damage, text => text.StartsWith("images: the index: index.json: ", StringComparison.Ordinal));
        Assert.Contains($"images: image {bad.Digest}: expected a module of 200 bytes, found 201", _damage);
        _damage.Clear();
        Assert.Equal(1, Open().Count);
        Assert.Empty(_damage); // mended
    }

    [Fact]
    public void A_module_that_was_damaged_under_way_is_found_before_use_and_delivered_again()
    {
        ImageStore store = Open();
        FunctionImage image = Image("probe", 100);
        Deliver(store, image);
        byte[] damaged = image.Module.ToArray();
        damaged[50] ^= 1;
        File.WriteAllBytes(Blob(image.Module.Span), damaged);
        Assert.EndsWith("; deliver it again", Fault(ImageFault.NotFound, () => store.Load(image.Digest)), StringComparison.Ordinal);
        Deliver(store, image);
        Assert.Equal(image.Digest, store.Load(image.Digest).Digest);
    }

    [Fact]
    public void A_signature_that_was_damaged_under_way_is_mended_by_the_next_delivery()
    {
        ImageStore store = Open();
        FunctionImage image = Image("probe", 100);
        Deliver(store, image);
        byte[] signature = new FunctionImageFolder(_folder, _damage.Add).Find(image.Digest)!.Signature.ToArray();
        File.WriteAllBytes(Blob(signature), new byte[signature.Length]);
        store = Open();
        Assert.Contains(_damage, text => text.StartsWith("images: signature sha256:", StringComparison.Ordinal));
        Assert.Equal("function-image probe: expected a signature, found none; refused", Fault(ImageFault.Refused, () => store.Load(image.Digest)));
        Assert.Equal((image.Digest, "complete"), Begin(store, image)); // no module is sent again
        Assert.Equal(image.Digest, store.Load(image.Digest).Digest);
        Assert.Equal(image.Digest, Open().Load(image.Digest).Digest);
    }

    [Fact]
    public void Every_flipped_byte_of_an_unfinished_delivery_is_told_of_or_harmless()
    {
        FunctionImage image = Image("probe", 100);
        Begin(Open(), image);
        string head = Path.Combine(Assert.Single(Unfinished()), "delivery.cbor");
        byte[] whole = File.ReadAllBytes(head);
        for (int i = 0; i < whole.Length; i++)
        {
            Directory.CreateDirectory(Path.GetDirectoryName(head)!);
            byte[] flipped = [.. whole];
            flipped[i] ^= 0x15;
            File.WriteAllBytes(head, flipped);
            _damage.Clear();
            ImageStore store = Open();
            Assert.True(_damage.Count == 1 || store.Count == 0);
            Deliver(store, image); // whatever it was, the image can be delivered
            Assert.Equal(image.Digest, store.Load(image.Digest).Digest);
            Directory.Delete(_folder, recursive: true);
        }
        Directory.CreateDirectory(_folder);
    }

    [Fact]
    public void A_disk_that_refuses_loses_nothing()
    {
        ImageStore store = Open();
        FunctionImage image = Image("probe", 2 * Chunk);
        Begin(store, image);
        Take(store, image, 0);
        string delivery = Assert.Single(Unfinished());
        Directory.CreateDirectory(Path.Combine(delivery, "01.new")); // a file of that name cannot be made
        Assert.StartsWith("image probe: the disk refused: ", Fault(ImageFault.NoRoom, () => Take(store, image, 1)), StringComparison.Ordinal);
        Directory.Delete(Path.Combine(delivery, "01.new"));
        Assert.Equal("complete", Take(store, image, 1));
    }

    [Fact]
    public void A_delivery_whose_last_chunk_came_just_before_the_power_went_is_finished_by_the_next_beginning()
    {
        FunctionImage image = Image("probe", 2 * Chunk);
        ImageStore store = Open();
        Begin(store, image);
        Take(store, image, 0);
        File.WriteAllBytes(Path.Combine(Assert.Single(Unfinished()), "01"), image.Module[Chunk..].ToArray()); // on the disk, and the image not yet
        store = Open();
        Assert.Equal((image.Digest, "complete"), Begin(store, image));
        Assert.Equal(image.Digest, store.Load(image.Digest).Digest);
        Assert.Empty(Unfinished());
    }

    [Fact]
    public void Chunks_that_the_power_left_and_are_not_the_module_are_asked_for_again()
    {
        FunctionImage image = Image("probe", 2 * Chunk);
        ImageStore store = Open();
        Begin(store, image);
        Take(store, image, 0);
        File.WriteAllBytes(Path.Combine(Assert.Single(Unfinished()), "01"), new byte[Chunk]);
        store = Open();
        Assert.Equal((image.Digest, "missing 0-1 of 2"), Begin(store, image));
        Deliver(store, image);
        Assert.Equal(image.Digest, store.Load(image.Digest).Digest);
    }

    [Fact]
    public void A_disk_that_refuses_the_whole_image_is_asked_again_by_the_next_beginning()
    {
        ImageStore store = Open();
        FunctionImage image = Image("probe", 2 * Chunk);
        Begin(store, image);
        Take(store, image, 0);
        string inTheWay = Blob(image.Module.Span) + ".new";
        Directory.CreateDirectory(inTheWay);
        Fault(ImageFault.NoRoom, () => Take(store, image, 1));
        Fault(ImageFault.NoRoom, () => Begin(store, image)); // and not "complete", on which the ground would deploy
        Directory.Delete(inTheWay);
        Assert.Equal((image.Digest, "complete"), Begin(store, image));
        Assert.Equal(image.Digest, store.Load(image.Digest).Digest);
    }

    [Fact]
    public void A_chunk_that_cannot_be_read_any_more_is_sent_again()
    {
        ImageStore store = Open();
        FunctionImage image = Image("probe", 2 * Chunk);
        Begin(store, image);
        Take(store, image, 0);
        File.Delete(Path.Combine(Assert.Single(Unfinished()), "00"));
        Assert.EndsWith("; every chunk is forgotten, send them again", Fault(ImageFault.Refused, () => Take(store, image, 1)), StringComparison.Ordinal);
        Deliver(store, image);
        Assert.Equal(image.Digest, store.Load(image.Digest).Digest);
    }

    private ImageStore Open(ImageLimits? limits = null) => new(_folder, [_key], limits ?? new(), _time, _damage.Add);

    private string[] Unfinished() => Directory.GetDirectories(Path.Combine(_folder, "unfinished"));

    private string Blob(ReadOnlySpan<byte> content) => Path.Combine(_folder, "blobs", "sha256", FunctionImage.DigestOf(content)[FunctionImage.DigestPrefix.Length..]);

    private (string Image, string State) Begin(ImageStore store, FunctionImage image)
    {
        (string digest, ImageDelivery state) = store.Begin(image.EncodedManifest, image.Module.Length, Sign(image));
        return (digest, state.ToString());
    }

    private static string Take(ImageStore store, FunctionImage image, int chunk) => store.Take(image.Digest, chunk, image.Module[ImageDelivery.RangeOf(image.Module.Length, chunk)]).ToString();

    private void Deliver(ImageStore store, FunctionImage image)
    {
        foreach (int chunk in store.Begin(image.EncodedManifest, image.Module.Length, Sign(image)).State.Missing)
            Take(store, image, chunk);
    }

    private byte[] Sign(FunctionImage image) => ImageSignature.Sign(image.Outline, _key);

    private static string Fault(ImageFault fault, Action work)
    {
        ImageException refusal = Assert.Throws<ImageException>(work);
        Assert.Equal(fault, refusal.Fault);
        return refusal.Message;
    }

    private static FunctionImage Image(string name, int moduleBytes)
    {
        byte[] module = new byte[moduleBytes];
        for (int i = 0; i < module.Length; i++)
            module[i] = (byte)(((i * 31) + (i >> 8) + name[0]) & 0xFF);
        return new(new FunctionManifest { Name = name, Version = "1", Kind = FunctionKind.Reactor, ModuleDigest = SHA256.HashData(module) }, module);
    }
}
