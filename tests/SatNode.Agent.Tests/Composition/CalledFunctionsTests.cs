using SatNode.Agent.Composition;
using SatNode.Flight.Invocations;
using SatNode.Functions.Runtime;

namespace SatNode.Agent.Tests.Composition;

public sealed class CalledFunctionsTests
{
    private static readonly InvocationOutcome Completed = new() { End = InvocationEnd.Completed };
    private static readonly InvocationOutcome GaveUp = new() { End = InvocationEnd.Trapped, GaveUp = true, Reason = "gave up" };
    private static readonly InvocationOutcome Refused = new() { End = InvocationEnd.Completed, Limit = "limits.fanOutMax" };
    private static readonly InvocationOutcome OutOfFuel = new() { End = InvocationEnd.OutOfFuel, Limit = "limits.fuelMax", Reason = "all used" };
    private static readonly InvocationOutcome OutOfCallersFuel = OutOfFuel with { IsCallersLimit = true };

    private readonly CalledFunctions _called = new();

    [Fact]
    public void Nothing_called_is_nothing() => Assert.Empty(_called.All);

    [Fact]
    public void Many_offences_of_one_invocation_are_one()
    {
        Assert.True(_called.Add("f", OutOfFuel));
        for (int i = 0; i < 1000; i++)
            Assert.False(_called.Add("f", OutOfFuel));
        Assert.Equal([new CalledFunction("f", "limits.fuelMax", "all used", IsOffence: true, Succeeded: false)], _called.All);
    }

    [Fact]
    public void What_its_caller_left_it_too_little_for_is_neither_its_offence_nor_its_limit()
    {
        Assert.True(_called.Add("f", OutOfCallersFuel));
        Assert.Equal([new CalledFunction("f", "", "all used", IsOffence: false, Succeeded: false)], _called.All);
    }

    [Fact]
    public void The_first_offence_says_why_whatever_came_before_and_comes_after()
    {
        Assert.False(_called.Add("f", Refused));
        Assert.True(_called.Add("f", GaveUp));
        Assert.False(_called.Add("f", OutOfFuel));
        Assert.False(_called.Add("f", OutOfFuel with { End = InvocationEnd.OutOfMemory, Limit = "limits.memoryBytesMax", Reason = "none left" }));
        Assert.Equal([new CalledFunction("f", "limits.fuelMax", "all used", IsOffence: true, Succeeded: true)], _called.All);
    }

    [Fact]
    public void A_success_after_a_fault_is_both_and_functions_are_told_apart()
    {
        Assert.True(_called.Add("f", GaveUp));
        Assert.False(_called.Add("f", Completed));
        Assert.False(_called.Add("g", Completed));
        Assert.Equal([new CalledFunction("f", "", "gave up", IsOffence: false, Succeeded: true), new CalledFunction("g", "", "", IsOffence: false, Succeeded: true)], _called.All);
    }

    [Fact]
    public void What_says_nothing_new_allocates_nothing()
    {
        _called.Add("f", Completed);
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 1000; i++)
            _called.Add("f", Completed);
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }
}
