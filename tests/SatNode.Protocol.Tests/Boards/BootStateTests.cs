using SatNode.Protocol.Boards;

namespace SatNode.Protocol.Tests.Boards;

public sealed class BootStateTests
{
    [Fact]
    public void A_boot_without_a_trial_changes_nothing()
    {
        var state = new BootState(BootSlot.B, null, new BootRollback(BootSlot.A, RollbackReason.NotConfirmed));
        BootDecision decision = state.NextBoot();
        Assert.Equal((BootSlot.B, false), (decision.Slot, decision.IsTrial));
        Assert.Same(state, decision.State);
    }

    [Fact]
    public void A_trial_that_never_confirms_boots_three_times_and_is_rolled_back()
    {
        BootState state = BootState.Initial.StageTrial();
        for (int left = 2; left >= 0; left--)
        {
            BootDecision trial = state.NextBoot();
            Assert.Equal((BootSlot.B, true), (trial.Slot, trial.IsTrial));
            Assert.Equal(new BootTrial(BootSlot.B, left), trial.State.Trial);
            state = trial.State;
        }
        BootDecision back = state.NextBoot();
        Assert.Equal((BootSlot.A, false), (back.Slot, back.IsTrial));
        Assert.Equal(new BootState(BootSlot.A, null, new BootRollback(BootSlot.B, RollbackReason.NotConfirmed)), back.State);
        Assert.Same(back.State, back.State.NextBoot().State);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)] // its last chance
    public void A_trial_that_confirms_itself_stays(int boots)
    {
        BootState state = BootState.Initial.StageTrial();
        for (int i = 0; i < boots; i++)
            state = state.NextBoot().State;
        state = state.Confirm(BootSlot.B);
        Assert.Equal(new BootState(BootSlot.B, null, null), state);
        Assert.Equal(BootSlot.B, state.NextBoot().Slot);
        Assert.Equal(BootSlot.A, state.Inactive);
    }

    [Fact]
    public void Only_the_slot_on_trial_can_be_confirmed()
    {
        BootState trial = BootState.Initial.StageTrial();
        Assert.Same(trial, trial.Confirm(BootSlot.A));
        Assert.Same(BootState.Initial, BootState.Initial.Confirm(BootSlot.B));
    }

    [Fact]
    public void A_trial_is_always_of_the_inactive_slot()
    {
        Assert.Equal(BootSlot.B, BootState.Initial.StageTrial().Trial!.Value.Slot);
        Assert.Equal(BootSlot.A, new BootState(BootSlot.B, null, null).StageTrial().Trial!.Value.Slot);
        Assert.Null(BootState.Initial.StageTrial().WithdrawTrial().Trial);
    }

    [Fact]
    public void A_bad_image_is_rolled_back_with_its_reason_and_a_new_trial_ends_the_story()
    {
        BootDecision back = BootState.Initial.StageTrial().RollBack(RollbackReason.BadImage);
        Assert.Equal((BootSlot.A, false, new BootRollback(BootSlot.B, RollbackReason.BadImage)), (back.Slot, back.IsTrial, back.State.LastRollback!.Value));
        Assert.Null(back.State.StageTrial().LastRollback);
        Assert.Throws<InvalidOperationException>(() => BootState.Initial.RollBack(RollbackReason.BadImage));
    }

    [Fact]
    public void Slots_have_names()
    {
        foreach (BootSlot slot in Enum.GetValues<BootSlot>())
            Assert.Equal(slot, BootSlots.Find(slot.Name()));
        Assert.Null(BootSlots.Find("c"));
        Assert.Null(BootSlots.Find(null));
    }
}
