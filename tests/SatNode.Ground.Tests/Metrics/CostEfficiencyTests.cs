using SatNode.Ground.Configuration;
using SatNode.Ground.Metrics;

namespace SatNode.Ground.Tests.Metrics;

public sealed class CostEfficiencyTests
{
    private static readonly DateTimeOffset Now = new(2026, 6, 21, 12, 0, 0, TimeSpan.Zero);
    private static readonly TimeSpan Hour = TimeSpan.FromHours(1);
    private static readonly CostOptions Costs = new(PerJoule: 0.01, PerCpuHour: 2);

    [Fact]
    public void Divides_fast_requests_a_second_by_cost_an_hour()
    {
        // Two of four faster than 10 s (the limit itself counts); each costs 100 J · 0.01 + 0.5 h · 2 = 2; 8 in two hours = 4 an hour; 2 in 7,200 s.
        FunctionRequest[] requests = [Request(1, 9), Request(2, 10), Request(3, 10.001), Request(4, 1, isCompleted: false)];
        CostEfficiency? metric = CostEfficiency.Of(requests, Now, 2 * Hour, TimeSpan.FromSeconds(10), Costs, costInPeriod: 42);
        Assert.NotNull(metric);
        Assert.Equal(0.5, metric.ShareBetterThanThreshold);
        Assert.Equal(4, metric.CostPerHour, 9);
        Assert.Equal(2 / 7200.0 / 4, metric.Efficiency!.Value, 12);
        Assert.Equal(42, metric.CostInPeriod);
    }

    [Fact]
    public void Judges_only_the_window()
    {
        FunctionRequest[] requests = [Request(60, 1), Request(-1, 1), Request(59.9, 1)]; // at its edge, in the future, within
        Assert.Equal(2, CostEfficiency.Of(requests, Now, Hour, Hour, Costs, 0)!.CostPerHour, 9);
        Assert.Null(CostEfficiency.Of([Request(61, 1)], Now, Hour, Hour, Costs, 0));
        Assert.Null(CostEfficiency.Of([], Now, Hour, Hour, Costs, 0));
    }

    [Fact]
    public void Has_no_efficiency_when_nothing_costs() =>
        Assert.Null(CostEfficiency.Of([Request(1, 1)], Now, Hour, Hour, new CostOptions(0, 0), 0)!.Efficiency);

    private static FunctionRequest Request(double minutesAgo, double responseSeconds, bool isCompleted = true) =>
        new(Now - TimeSpan.FromMinutes(minutesAgo), TimeSpan.FromSeconds(responseSeconds), isCompleted, TimeSpan.FromHours(0.5), 100);
}
