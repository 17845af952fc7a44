namespace SatNode.Protocol.Boards;

/// <summary>What a board remembers from one boot to the next: which slot is good, which is on trial, and why a trial ended. Rig, boot stage and agent change
/// it through the functions here and write it with <see cref="BootStateStore"/>; a boot without a trial changes nothing.</summary>
/// <param name="Confirmed">The slot that last proved itself.</param>
/// <param name="Trial">The slot on trial; null when none is. Never the confirmed one.</param>
/// <param name="LastRollback">How the last trial failed; null when it did not.</param>
public sealed record BootState(BootSlot Confirmed, BootTrial? Trial, BootRollback? LastRollback)
{
    /// <summary>Boots that a slot on trial has to confirm itself in: one for a disturbance from outside and one more.</summary>
    public const int TrialBoots = 3;

    /// <summary>A new board's: slot a, no trial. What counts where no state can be read.</summary>
    public static BootState Initial { get; } = new(BootSlot.A, null, null);

    /// <summary>The slot that may be written: not the confirmed one, which is what the board falls back to.</summary>
    public BootSlot Inactive => Confirmed.Other();

    /// <summary>The state with no slot on trial: what the inactive slot's writer stores before its first byte, so that a half-written slot never boots.</summary>
    public BootState WithdrawTrial() => this with { Trial = null };

    /// <summary>The state with the inactive slot on trial from the next boot on; the story of an earlier trial ends.</summary>
    public BootState StageTrial() => new(Confirmed, new BootTrial(Inactive, TrialBoots), null);

    /// <summary>Decides a boot: the slot on trial while it has boots left, counted down by this one; without any left it is rolled back, and the confirmed slot boots.</summary>
    public BootDecision NextBoot()
    {
        if (Trial is not { } trial)
            return new(Confirmed, IsTrial: false, this);
        if (trial.BootsLeft >= 1)
            return new(trial.Slot, IsTrial: true, this with { Trial = trial with { BootsLeft = trial.BootsLeft - 1 } });
        return RollBack(RollbackReason.NotConfirmed);
    }

    /// <summary>Ends the trial without success: the confirmed slot boots.</summary>
    /// <exception cref="InvalidOperationException">No slot is on trial.</exception>
    public BootDecision RollBack(RollbackReason reason)
    {
        BootTrial trial = Trial ?? throw new InvalidOperationException("no slot is on trial: nothing can be rolled back");
        return new(Confirmed, IsTrial: false, new BootState(Confirmed, null, new BootRollback(trial.Slot, reason)));
    }

    /// <summary>Ends the trial of <paramref name="slot"/> with success; when that slot is not on trial, nothing changes.</summary>
    public BootState Confirm(BootSlot slot) => Trial?.Slot == slot ? new(slot, null, null) : this;
}

/// <summary>A slot on trial.</summary>
/// <param name="Slot">The slot.</param>
/// <param name="BootsLeft">Boots it may still take without being confirmed, 0 to <see cref="BootState.TrialBoots"/>.</param>
public readonly record struct BootTrial(BootSlot Slot, int BootsLeft);

/// <summary>A trial that failed.</summary>
/// <param name="Slot">The slot that was on trial.</param>
/// <param name="Reason">Why.</param>
public readonly record struct BootRollback(BootSlot Slot, RollbackReason Reason);

/// <summary>Why a slot on trial was given up.</summary>
public enum RollbackReason : byte
{
    /// <summary>Its trial boots were used up and none of them confirmed it.</summary>
    NotConfirmed = 1,

    /// <summary>What is in it is not what its signed manifest says, or has no manifest that this board trusts.</summary>
    BadImage = 2,
}

/// <summary>What a boot does.</summary>
/// <param name="Slot">The slot that boots.</param>
/// <param name="IsTrial">Whether it is on trial.</param>
/// <param name="State">The state to store before it boots; equal to the old one when nothing changed.</param>
public readonly record struct BootDecision(BootSlot Slot, bool IsTrial, BootState State);
