using SatNode.Flight.Invocations;

namespace SatNode.Flight.Tests.Invocations;

public sealed class ExecutionProfileTests
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(10);

    [Fact]
    public void Plans_with_the_limit_before_the_first_run() => Assert.Equal(Limit, new ExecutionProfile().Expected(Limit));

    [Fact]
    public void Plans_with_what_it_always_takes()
    {
        var profile = new ExecutionProfile();
        for (int i = 0; i < 20; i++)
            profile.Add(TimeSpan.FromSeconds(2));
        Assert.Equal(2, profile.Expected(Limit).TotalSeconds, 1e-9);
    }

    [Fact]
    public void Plans_with_three_deviations_more_than_the_mean()
    {
        var profile = new ExecutionProfile();
        profile.Add(TimeSpan.FromSeconds(1));
        profile.Add(TimeSpan.FromSeconds(2)); // mean 1.2, variance 0.8 · 0.2 · 1²
        Assert.Equal(1.2 + (3 * 0.4), profile.Expected(Limit).TotalSeconds, 1e-6);
    }

    [Fact]
    public void Never_plans_with_more_than_the_limit()
    {
        var profile = new ExecutionProfile();
        profile.Add(TimeSpan.FromSeconds(1));
        profile.Add(TimeSpan.FromSeconds(9));
        Assert.Equal(TimeSpan.FromSeconds(5), profile.Expected(TimeSpan.FromSeconds(5)));
    }

    [Fact]
    public void Learns_nothing_from_a_run_that_never_began()
    {
        var profile = new ExecutionProfile();
        profile.Add(TimeSpan.Zero);
        Assert.Equal(Limit, profile.Expected(Limit));
        profile.Add(TimeSpan.FromSeconds(3));
        profile.Add(TimeSpan.Zero);
        Assert.Equal(3, profile.Expected(Limit).TotalSeconds, 1e-9);
    }

    [Fact]
    public void Follows_a_function_that_has_become_slower()
    {
        var profile = new ExecutionProfile();
        for (int i = 0; i < 50; i++)
            profile.Add(TimeSpan.FromSeconds(1));
        for (int i = 0; i < 50; i++)
            profile.Add(TimeSpan.FromSeconds(4));
        Assert.InRange(profile.Expected(Limit).TotalSeconds, 4, 4.1);
    }
}
