using System.Security.Cryptography;
using SatNode.Protocol;
using SatNode.Protocol.Boards;
using SatNode.Rig.Boards.Protocols;

namespace SatNode.Rig.Boards.Strategies;

/// <summary>The steps of flashing, for who shows them.</summary>
public enum FlashStep
{
    /// <summary>The image is held against its signature, class and digest; nothing was written yet.</summary>
    Check,

    /// <summary>The squashfs goes into the slot.</summary>
    Write,

    /// <summary>It is read back.</summary>
    Verify,
}

/// <summary>What flashing did.</summary>
/// <param name="Slot">The slot that was written.</param>
/// <param name="Manifest">What is in it now.</param>
/// <param name="IsTrial">True when it boots on trial next; false when the board was blank, so that there is nothing to fall back on.</param>
public sealed record FlashResult(BootSlot Slot, BoardImageManifest Manifest, bool IsTrial);

/// <summary>What is in a slot, as far as its trailer says.</summary>
/// <param name="Slot">The slot.</param>
/// <param name="Manifest">Its manifest, or null.</param>
/// <param name="Fault">Why there is none although the slot is not blank, or null.</param>
public sealed record SlotContent(BootSlot Slot, BoardImageManifest? Manifest, string? Fault);

/// <summary>Writes images into the slots of a board, whatever its kind. It refuses before it touches a slot, writes only the slot that does not run, and leaves the board able
/// to boot at each moment: the trial is withdrawn before the first byte and staged after the last.</summary>
/// <param name="board">The board, for texts.</param>
/// <param name="slots">Its slots.</param>
/// <param name="trustedKeys">The public keys whose images it boots.</param>
public sealed class BoardFlasher(string board, IBoardSlots slots, IReadOnlyList<ECDsa> trustedKeys)
{
    /// <summary>The boot state; null when the board never had one.</summary>
    public BootState? ReadBootState()
    {
        using Stream block = slots.OpenBootState();
        return new BootStateStore(block).Read();
    }

    /// <summary>What is in a slot.</summary>
    public SlotContent Read(BootSlot slot)
    {
        using SlotSession session = slots.Open(slot);
        try
        {
            return new(slot, session.Image.ReadManifest(trustedKeys), null);
        }
        catch (WireFormatException fault)
        {
            return new(slot, null, fault.Message);
        }
    }

    /// <summary>Flashes an image.</summary>
    /// <param name="image">The image file, from its first byte.</param>
    /// <param name="isOn">True when the board runs.</param>
    /// <param name="progress">Told step, bytes done and bytes in all; null for no one.</param>
    /// <exception cref="BenchException">The image is not for this board, or a trial is under way; nothing was written.</exception>
    /// <exception cref="BoardException">The slot cannot be written, or did not keep what was written.</exception>
    public FlashResult Flash(Stream image, bool isOn, Action<FlashStep, long, long>? progress = null)
    {
        ArgumentNullException.ThrowIfNull(image);
        BoardImageFile opened = Open(image, progress);
        BootState state = ReadBootState() ?? BootState.Initial;
        if (isOn && state.Trial is { BootsLeft: < BootState.TrialBoots } trial)
            throw new BenchException($"{board}: expected a confirmed slot to run, found slot {trial.Slot.Name()} on trial; wait until it is confirmed or rolled back, or switch the board off");
        bool isBlank = !isOn && Read(BootSlot.A) is { Manifest: null, Fault: null } && Read(BootSlot.B) is { Manifest: null, Fault: null };
        BootSlot target = isBlank ? BootState.Initial.Confirmed : state.Inactive;
        using SlotSession session = slots.Open(target);
        long size = opened.Manifest.SizeBytes;
        if (size > session.Image.CapacityBytes)
            throw new BenchException($"{board}: slot {target.Name()}: expected an image of at most {session.Image.CapacityBytes} bytes, found {size}; nothing was written");
        try
        {
            Store(isBlank ? BootState.Initial : state.WithdrawTrial());
            session.Image.Write(opened, Report(FlashStep.Write, size, progress), Report(FlashStep.Verify, size, progress));
            if (!isBlank)
                Store(state.WithdrawTrial().StageTrial());
        }
        catch (Exception fault) when (fault is WireFormatException or IOException)
        {
            throw new BoardException($"{board}: slot {target.Name()}: {fault.Message}; the slot is empty, the other one as it was", fault);
        }
        return new(target, opened.Manifest, !isBlank);
    }

    private BoardImageFile Open(Stream image, Action<FlashStep, long, long>? progress)
    {
        try
        {
            return BoardImageFile.Open(image, trustedKeys, slots.BoardClass, Report(FlashStep.Check, image.Length - BoardImageFile.PayloadOffset, progress));
        }
        catch (WireFormatException fault)
        {
            throw new BenchException($"{board}: {fault.Message}; nothing was written", fault);
        }
    }

    private void Store(BootState state)
    {
        using Stream block = slots.OpenBootState();
        new BootStateStore(block).Write(state);
    }

    private static Step? Report(FlashStep step, long total, Action<FlashStep, long, long>? progress) => progress is null ? null : new(step, total, progress);

    /// <summary>Reports on the caller's thread, in order.</summary>
    private sealed class Step(FlashStep step, long total, Action<FlashStep, long, long> progress) : IProgress<long>
    {
        public void Report(long value) => progress(step, value, total);
    }
}
