using System.Security.Cryptography;
using SatNode.Protocol.Boards;

namespace SatNode.Boot.Tests;

public sealed class BootStageTests : IDisposable
{
    private const string BoardClass = "qemu-virt-arm64";
    private const int SlotBytes = 128 * 1024;

    private readonly ECDsa _key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
    private readonly MemoryStream _block = NewDisk(BootStateStore.BlockBytes);
    private readonly Dictionary<BootSlot, MemoryStream> _slots = new() { [BootSlot.A] = NewDisk(SlotBytes), [BootSlot.B] = NewDisk(SlotBytes) };
    private readonly List<string> _said = [];
    private bool _isWornOut;

    public BootStageTests()
    {
        Flash(BootSlot.A, "1.0.0");
        Flash(BootSlot.B, "1.1.0");
        Store(BootState.Initial);
    }

    private static MemoryStream NewDisk(int bytes) => new(new byte[bytes], 0, bytes, writable: true, publiclyVisible: true);

    private void Store(BootState state) => new BootStateStore(_block).Write(state);

    private BootState Stored => new BootStateStore(_block).Read()!;

    private void Flash(BootSlot slot, string version, string boardClass = BoardClass, ECDsa? key = null)
    {
        var payload = new byte[5000];
        new Random(version.Length).NextBytes(payload);
        var manifest = new BoardImageManifest { BoardClass = boardClass, Version = version, Sequence = 1, SizeBytes = payload.Length, Digest = SHA256.HashData(payload) };
        using var file = new MemoryStream();
        BoardImageFile.Write(file, manifest.Sign(key ?? _key), new MemoryStream(payload));
        new ImageSlot(_slots[slot], SlotBytes).Write(BoardImageFile.Open(file, [key ?? _key], boardClass));
    }

    private BootReport Decide() => new BootStage(
        () => new Disk(new Kept(_block, _isWornOut), BootStateStore.BlockBytes),
        slot => new Disk(new Kept(_slots[slot]), SlotBytes), [_key], BoardClass, _said.Add).Decide();

    [Fact]
    public void A_confirmed_slot_boots_and_nothing_is_written()
    {
        byte[] before = _block.ToArray();
        Assert.Equal("BOOT slot=a version=1.0.0 trial=no rollback=none", Decide().ToString());
        Assert.Equal(before, _block.ToArray());
        Assert.Empty(_said);
    }

    [Fact]
    public void A_trial_is_counted_before_it_boots_and_ends_in_a_rollback()
    {
        Store(BootState.Initial.StageTrial());
        for (int left = 2; left >= 0; left--)
        {
            Assert.Equal($"BOOT slot=b version=1.1.0 trial=yes boots-left={left} rollback=none", Decide().ToString());
            Assert.Equal(new BootTrial(BootSlot.B, left), Stored.Trial);
        }
        Assert.Empty(_said);
        Assert.Equal("BOOT slot=a version=1.0.0 trial=no rollback=b:not-confirmed", Decide().ToString());
        Assert.Equal(["slot b is rolled back: its trial boots are used up and none confirmed it"], _said);
        byte[] after = _block.ToArray();
        Assert.Equal("BOOT slot=a version=1.0.0 trial=no rollback=b:not-confirmed", Decide().ToString());
        Assert.Equal(after, _block.ToArray());
        Assert.Single(_said);
    }

    [Fact]
    public void A_trial_that_was_confirmed_boots_as_confirmed()
    {
        Store(BootState.Initial.StageTrial());
        Decide();
        Store(Stored.Confirm(BootSlot.B));
        Assert.Equal("BOOT slot=b version=1.1.0 trial=no rollback=none", Decide().ToString());
    }

    [Fact]
    public void A_slot_whose_bytes_changed_is_rolled_back_at_once()
    {
        Store(BootState.Initial.StageTrial());
        _slots[BootSlot.B].GetBuffer()[100] ^= 1;
        Assert.Equal("BOOT slot=a version=1.0.0 trial=no rollback=b:bad-image", Decide().ToString());
        Assert.Matches("^slot b is not fit for its trial: slot: expected SHA-256 [0-9a-f]{64}, found [0-9a-f]{64}; it is damaged$", _said[0]);
        Assert.Equal("slot b is rolled back: what is in it is not what was signed", _said[1]);
        Assert.Equal(new BootState(BootSlot.A, null, new BootRollback(BootSlot.B, RollbackReason.BadImage)), Stored);
    }

    [Fact]
    public void A_slot_signed_by_a_stranger_is_rolled_back_at_once()
    {
        using ECDsa stranger = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        Flash(BootSlot.B, "1.1.0", key: stranger);
        Store(BootState.Initial.StageTrial());
        Assert.Equal(BootSlot.A, Decide().Slot);
        Assert.StartsWith("slot b is not fit for its trial: board image manifest: expected a trusted key, found ", _said[0], StringComparison.Ordinal);
    }

    [Fact]
    public void A_slot_for_another_board_is_rolled_back_at_once()
    {
        Flash(BootSlot.B, "1.1.0", boardClass: "raspberrypi-4");
        Store(BootState.Initial.StageTrial());
        Assert.Equal(BootSlot.A, Decide().Slot);
        Assert.Equal("slot b is not fit for its trial: expected an image for board class \"qemu-virt-arm64\", found one for \"raspberrypi-4\"", _said[0]);
    }

    [Fact]
    public void An_empty_slot_is_rolled_back_at_once()
    {
        _slots[BootSlot.B].GetBuffer().AsSpan().Clear();
        Store(BootState.Initial.StageTrial());
        Assert.Equal(BootSlot.A, Decide().Slot);
        Assert.Equal("slot b is not fit for its trial: it is empty", _said[0]);
    }

    [Fact] // the digest is read on trial alone: a slot that proved itself boots without the wait
    public void A_confirmed_slot_is_not_read_against_its_digest()
    {
        _slots[BootSlot.A].GetBuffer()[100] ^= 1;
        Assert.Equal("BOOT slot=a version=1.0.0 trial=no rollback=none", Decide().ToString());
    }

    [Fact]
    public void Without_a_boot_state_slot_a_boots_and_nothing_is_written()
    {
        _block.GetBuffer().AsSpan().Clear();
        Assert.Equal("BOOT slot=a version=1.0.0 trial=no rollback=none", Decide().ToString());
        Assert.Equal(["no valid copy of the boot state: slot a boots; a board that was flashed once has one"], _said);
        Assert.False(_block.ToArray().AsSpan().ContainsAnyExcept((byte)0));
    }

    [Fact] // it could go on for ever
    public void A_trial_that_cannot_be_counted_does_not_boot()
    {
        Store(BootState.Initial.StageTrial());
        _isWornOut = true;
        Assert.Equal("BOOT slot=a version=1.0.0 trial=no rollback=none", Decide().ToString());
        Assert.Equal(["the boot state can't be written: Input/output error; slot a boots"], _said);
    }

    [Fact]
    public void Disks_that_are_not_there_still_give_a_slot()
    {
        var stage = new BootStage(() => Disk.Open("/nonexistent/block", FileAccess.ReadWrite), _ => Disk.Open("/nonexistent/slot", FileAccess.Read), [_key], BoardClass, _said.Add);
        Assert.Equal("BOOT slot=a version=unknown trial=no rollback=none", stage.Decide().ToString());
        Assert.StartsWith("the boot state can't be read: ", _said[0], StringComparison.Ordinal);
        Assert.StartsWith("slot a: ", _said[1], StringComparison.Ordinal);
    }

    [Fact]
    public void A_confirmed_slot_without_a_manifest_boots_and_is_told()
    {
        _slots[BootSlot.A].GetBuffer().AsSpan().Clear();
        Assert.Equal("BOOT slot=a version=unknown trial=no rollback=none", Decide().ToString());
        Assert.Equal(["slot a has no manifest; it boots as the slot that was confirmed"], _said);
    }

    public void Dispose()
    {
        _key.Dispose();
        _block.Dispose();
        foreach (MemoryStream slot in _slots.Values)
            slot.Dispose();
    }
}
