using System.Security.Cryptography;
using SatNode.Protocol.Boards;
using SatNode.Rig.Boards.Protocols;
using SatNode.Rig.Boards.Strategies;

namespace SatNode.Rig.Tests.Boards;

public sealed class BoardFlasherTests : IDisposable
{
    private const int SlotBytes = 256 * 1024;

    private readonly ECDsa _key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
    private readonly MemorySlots _slots = new(SlotBytes);

    public void Dispose() => _key.Dispose();

    private BoardFlasher Flasher => new("bench-1", _slots, [_key]);

    [Fact]
    public void The_first_image_of_a_blank_board_is_confirmed_at_once()
    {
        FlashResult result = Flasher.Flash(Image("1.0.0"), isOn: false);

        Assert.Equal((BootSlot.A, false), (result.Slot, result.IsTrial));
        Assert.Equal(BootState.Initial, Flasher.ReadBootState());
        Assert.Equal("1.0.0", Flasher.Read(BootSlot.A).Manifest?.Version);
        Assert.Null(Flasher.Read(BootSlot.B).Manifest);
    }

    [Fact]
    public void The_next_goes_into_the_other_slot_and_on_trial()
    {
        Flasher.Flash(Image("1.0.0"), isOn: false);
        FlashResult result = Flasher.Flash(Image("1.1.0"), isOn: true);

        Assert.Equal((BootSlot.B, true), (result.Slot, result.IsTrial));
        Assert.Equal(new BootState(BootSlot.A, new(BootSlot.B, BootState.TrialBoots), null), Flasher.ReadBootState());
        Assert.Equal(["1.0.0", "1.1.0"], [Flasher.Read(BootSlot.A).Manifest?.Version, Flasher.Read(BootSlot.B).Manifest?.Version]);
    }

    [Fact]
    public void A_staged_image_that_has_not_booted_is_replaced_in_its_slot()
    {
        Flasher.Flash(Image("1.0.0"), isOn: false);
        Flasher.Flash(Image("1.1.0"), isOn: true);
        Flasher.Flash(Image("1.2.0"), isOn: true);

        Assert.Equal(["1.0.0", "1.2.0"], [Flasher.Read(BootSlot.A).Manifest?.Version, Flasher.Read(BootSlot.B).Manifest?.Version]);
    }

    [Fact]
    public void A_slot_that_runs_on_trial_is_not_touched()
    {
        Flasher.Flash(Image("1.0.0"), isOn: false);
        Flasher.Flash(Image("1.1.0"), isOn: false);
        Store(Flasher.ReadBootState()!.NextBoot().State);
        byte[] before = _slots.Everything();

        BenchException refusal = Assert.Throws<BenchException>(() => Flasher.Flash(Image("1.2.0"), isOn: true));

        Assert.Equal("bench-1: expected a confirmed slot to run, found slot b on trial; wait until it is confirmed or rolled back, or switch the board off", refusal.Message);
        Assert.Equal(before, _slots.Everything());
    }

    public static TheoryData<string, string> Refusals => new()
    {
        { "a stranger's signature", "expected a trusted key" },
        { "another class", "expected one for board class \"qemu-virt-arm64\", found one for \"raspberrypi-4\"" },
        { "a changed byte", "expected SHA-256" },
        { "a cut file", "expected 4096 bytes of squashfs, found 4095" },
        { "something else", "this is no board image" },
        { "too large", "expected an image of at most 196608 bytes, found 196609" },
    };

    [Theory]
    [MemberData(nameof(Refusals))]
    public void Refuses_before_it_touches_a_slot(string what, string told)
    {
        Flasher.Flash(Image("1.0.0"), isOn: false);
        byte[] before = _slots.Everything();

        BenchException refusal = Assert.Throws<BenchException>(() => Flasher.Flash(Bad(what), isOn: false));

        Assert.Contains(told, refusal.Message, StringComparison.Ordinal);
        Assert.EndsWith("nothing was written", refusal.Message, StringComparison.Ordinal);
        Assert.Equal(before, _slots.Everything());
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(4095)]
    public void A_slot_that_does_not_keep_what_was_written_is_told_and_never_boots(int worn)
    {
        Flasher.Flash(Image("1.0.0"), isOn: false);
        _slots.WornByte = (BootSlot.B, worn);

        BoardException fault = Assert.Throws<BoardException>(() => Flasher.Flash(Image("1.1.0"), isOn: false));

        Assert.StartsWith("bench-1: slot b: slot: expected SHA-256", fault.Message, StringComparison.Ordinal);
        Assert.Equal(BootState.Initial, Flasher.ReadBootState()); // no trial
        Assert.Null(Flasher.Read(BootSlot.B).Manifest);
    }

    [Fact]
    public void The_steps_are_reported_in_order_to_their_end()
    {
        List<(FlashStep Step, long Done, long Total)> reports = [];
        Flasher.Flash(Image("1.0.0"), isOn: false, (step, done, total) => reports.Add((step, done, total)));

        Assert.Equal([FlashStep.Check, FlashStep.Write, FlashStep.Verify], reports.Select(report => report.Step).Distinct());
        Assert.All(Enum.GetValues<FlashStep>(), step => Assert.Equal((4096L, 4096L), reports.Where(report => report.Step == step).Select(report => (report.Done, report.Total)).Last()));
    }

    private MemoryStream Bad(string what)
    {
        switch (what)
        {
            case "a stranger's signature":
                using (var stranger = ECDsa.Create(ECCurve.NamedCurves.nistP256))
                    return Image("1.1.0", stranger);
            case "another class":
                return Image("1.1.0", boardClass: "raspberrypi-4");
            case "too large":
                return Image("1.1.0", bytes: SlotBytes - ImageSlot.TrailerBytes + 1);
            case "a cut file":
                MemoryStream cut = Image("1.1.0");
                cut.SetLength(cut.Length - 1);
                return cut;
            case "a changed byte":
                MemoryStream changed = Image("1.1.0");
                changed.GetBuffer()[changed.Length - 1] ^= 1;
                return changed;
            default:
                return new(new byte[8192]);
        }
    }

    private MemoryStream Image(string version, ECDsa? key = null, string boardClass = "qemu-virt-arm64", int bytes = 4096)
    {
        byte[] payload = new byte[bytes];
        new Random(version.GetHashCode(StringComparison.Ordinal)).NextBytes(payload);
        var manifest = new BoardImageManifest { BoardClass = boardClass, Version = version, Sequence = 1, SizeBytes = bytes, Digest = SHA256.HashData(payload) };
        var file = new MemoryStream();
        BoardImageFile.Write(file, manifest.Sign(key ?? _key), new MemoryStream(payload));
        file.Position = 0;
        return file;
    }

    private void Store(BootState state)
    {
        using Stream block = _slots.OpenBootState();
        new BootStateStore(block).Write(state);
    }

    private sealed class MemorySlots(int slotBytes) : IBoardSlots
    {
        private readonly byte[] _bootState = new byte[BootStateStore.BlockBytes];
        private readonly byte[][] _slots = [new byte[slotBytes], new byte[slotBytes]];

        public string BoardClass => "qemu-virt-arm64";

        /// <summary>A byte that keeps nothing: it is inverted whenever a session ends or the position returns to the begin.</summary>
        public (BootSlot Slot, int Offset)? WornByte { get; set; }

        public SlotSession Open(BootSlot slot) => new(new WornStream(_slots[(int)slot], WornByte is { } worn && worn.Slot == slot ? worn.Offset : null), slotBytes);

        public Stream OpenBootState() => new MemoryStream(_bootState);

        public byte[] Everything() => [.. _bootState, .. _slots[0], .. _slots[1]];
    }

    private sealed class WornStream(byte[] bytes, int? worn) : MemoryStream(bytes)
    {
        public override int Read(Span<byte> destination)
        {
            long at = Position;
            int read = base.Read(destination);
            if (worn is { } offset && offset >= at && offset < at + read)
                destination[(int)(offset - at)] ^= 1;
            return read;
        }
    }
}
