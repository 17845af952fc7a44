using System.Security.Cryptography;
using SatNode.Protocol;
using SatNode.Protocol.Boards;

namespace SatNode.Boot;

/// <summary>Decides which slot boots: reads the boot state, checks a slot on trial against its signed digest, and stores what has changed before anything boots.
/// Whatever is broken, it comes to a slot.</summary>
/// <param name="openBootState">Opens the boot state's block for reading and writing.</param>
/// <param name="openSlot">Opens a slot for reading.</param>
/// <param name="trustedKeys">Who may sign images.</param>
/// <param name="boardClass">What images must be for.</param>
/// <param name="say">Takes a line for the console for everything that is not as it should be.</param>
internal sealed class BootStage(Func<Disk> openBootState, Func<BootSlot, Disk> openSlot, IReadOnlyList<ECDsa> trustedKeys, string boardClass, Action<string> say)
{
    /// <summary>Decides and stores.</summary>
    internal BootReport Decide()
    {
        BootState state = ReadState();
        BootDecision decision = state.NextBoot();
        if (decision.IsTrial)
        {
            if (TrialFault(decision.Slot) is { } fault)
            {
                say($"slot {decision.Slot.Name()} is not fit for its trial: {fault}");
                decision = state.RollBack(RollbackReason.BadImage);
            }
        }
        if (decision.State != state && !TryStore(decision.State))
            decision = new(state.Confirmed, IsTrial: false, state); // a trial that can't be counted would never end
        if (decision.State.LastRollback is { } rollback && state.Trial is not null && decision.State.Trial is null)
            say($"slot {rollback.Slot.Name()} is rolled back: {Reason(rollback.Reason)}");
        return new(decision.Slot, decision.IsTrial, VersionOf(decision.Slot), decision.State);
    }

    private BootState ReadState()
    {
        try
        {
            using Disk block = openBootState();
            if (new BootStateStore(block.Stream).Read() is { } state)
                return state;
            say("no valid copy of the boot state: slot a boots; a board that was flashed once has one");
        }
        catch (IOException e)
        {
            say($"the boot state can't be read: {e.Message}; slot a boots");
        }
        return BootState.Initial;
    }

    private bool TryStore(BootState state)
    {
        try
        {
            using Disk block = openBootState();
            new BootStateStore(block.Stream).Write(state);
            return true;
        }
        catch (IOException e)
        {
            say($"the boot state can't be written: {e.Message}; slot {state.Confirmed.Name()} boots");
            return false;
        }
    }

    private string? TrialFault(BootSlot slot)
    {
        try
        {
            using Disk disk = openSlot(slot);
            var image = new ImageSlot(disk.Stream, disk.SizeBytes);
            if (image.ReadManifest(trustedKeys) is not { } manifest)
                return "it is empty";
            if (manifest.BoardClass != boardClass)
                return $"expected an image for board class \"{boardClass}\", found one for \"{manifest.BoardClass}\"";
            image.VerifyPayload(manifest);
            return null;
        }
        catch (Exception e) when (e is IOException or WireFormatException)
        {
            return e.Message;
        }
    }

    private string? VersionOf(BootSlot slot)
    {
        try
        {
            using Disk disk = openSlot(slot);
            if (new ImageSlot(disk.Stream, disk.SizeBytes).ReadManifest(trustedKeys) is { } manifest)
                return manifest.Version;
            say($"slot {slot.Name()} has no manifest; it boots as the slot that was confirmed");
        }
        catch (Exception e) when (e is IOException or WireFormatException)
        {
            say($"slot {slot.Name()}: {e.Message}; it boots as the slot that was confirmed");
        }
        return null;
    }

    private static string Reason(RollbackReason reason) => reason switch
    {
        RollbackReason.NotConfirmed => "its trial boots are used up and none confirmed it",
        RollbackReason.BadImage => "what is in it is not what was signed",
        _ => throw new System.Diagnostics.UnreachableException(),
    };
}

/// <summary>What boots.</summary>
/// <param name="Slot">The slot.</param>
/// <param name="IsTrial">Whether it is on trial.</param>
/// <param name="Version">Its image's version; null when it has no manifest that can be trusted.</param>
/// <param name="State">The boot state now.</param>
internal sealed record BootReport(BootSlot Slot, bool IsTrial, string? Version, BootState State)
{
    /// <summary>The line on the console, up to the clock: <c>BOOT slot=b version=1.4.1 trial=yes boots-left=2 rollback=none</c>.</summary>
    public override string ToString()
    {
        string trial = IsTrial ? $"yes boots-left={State.Trial?.BootsLeft}" : "no";
        string rollback = State.LastRollback is { } last ? $"{last.Slot.Name()}:{(last.Reason == RollbackReason.BadImage ? "bad-image" : "not-confirmed")}" : "none";
        return $"BOOT slot={Slot.Name()} version={Version ?? "unknown"} trial={trial} rollback={rollback}";
    }
}
