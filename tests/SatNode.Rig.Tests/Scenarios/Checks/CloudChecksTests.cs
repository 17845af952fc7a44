using SatNode.Rig.Scenarios.Checks;
using static SatNode.Rig.Tests.Scenarios.Checks.GoodCloudFlight;

namespace SatNode.Rig.Tests.Scenarios.Checks;

public sealed class CloudChecksTests
{
    [Fact]
    public void A_good_flight_passes_every_check_under_its_name()
    {
        IReadOnlyList<CheckResult> results = FlightChecks.Run(Create());

        Assert.All(results, result => Assert.True(result.Passed, $"{result.Name}: {result.Detail}"));
        Assert.Equal(
        [
            "telemetry-from-every-satellite", "slo-missed", "polaris-scaled", "replica-placed", "slo-recovered", "cloud-steps-in-order", "metrics-exported", "no-event-lost",
        ], results.Select(result => result.Name));
    }

    [Fact]
    public void Every_step_has_its_time_from_its_own_witness() =>
        Assert.Equal(
        [
            "objective-missed 120 Prometheus", "strategy-written 125 polaris-slo-controller", "replicas-scaled 126 polaris-elasticity-controller", "deploy-queued 128 bridge",
            "scale-observed 130 satnode-bridge", "deploy-released 129 ground station", "deploy-accepted 130 p11-s04", "deploy-completed 132 p11-s04", "replica-ready 140 satnode-bridge",
            "first-request-served 135 p11-s04", "objective-met 240 Prometheus",
        ], CloudSteps.Of(Create())!.Steps.Select(step => $"{step.Name} {(step.Time!.Value - GoodFlight.Epoch).TotalSeconds} {step.By}"));

    [Fact]
    public void A_cluster_of_which_nothing_is_known_passes_no_check()
    {
        FlightRecord nothing = With(_ => new());
        Assert.All(CloudChecks.Run(nothing), result => Assert.False(result.Passed, result.Name));
        Assert.All(CloudChecks.Run(nothing with { Cloud = null }), result => Assert.False(result.Passed, result.Name));
        Assert.Equal(5, CloudChecks.Run(nothing with { Cloud = null }).Count());
    }

    [Fact]
    public void An_objective_that_was_never_missed_is_no_proof() =>
        Fails("slo-missed", "none of 2 scrapes is below 90 %", record => record with { Share = [new(At(60), 1), new(At(90), 0.9)] });

    [Fact]
    public void An_objective_that_was_never_met_before_is_no_proof() =>
        Fails("slo-missed", "the objective was never met before", record => record with { Share = [new(At(60), 0.5), new(At(90), 0.89)] });

    [Fact]
    public void A_function_that_nobody_could_ask_says_what_it_waits_for() =>
        Fails("slo-missed", "the front door took none of 482 requests (0 of 3 further fit)", record => record with
        {
            RequestsTaken = 0,
            RequestsRefused = 482,
            Writes = [new StatusWrite(At(20), "satnode-bridge", 1, 0, 0) { Waits = "0 of 3 further fit" }],
        });

    [Fact]
    public void Only_Polaris_may_have_written_the_strategy() =>
        Fails("polaris-scaled", "the strategy was written by admin", record => record with { Writes = [.. record.Writes.Select(write => write is StrategyWrite strategy ? strategy with { User = "admin" } : write)] });

    [Fact]
    public void Only_Polaris_may_have_scaled() =>
        Fails("polaris-scaled", "the replicas were written by satnode-bridge", record => record with { Writes = [.. record.Writes.Select(write => write is ScaleWrite scale ? scale with { User = "satnode-bridge" } : write)] });

    [Theory]
    [InlineData(100, false)] // met: nothing is asked for
    [InlineData(101, true)]
    public void A_strategy_counts_when_it_asks_for_more(int compliance, bool passes) =>
        Assert.Equal(passes, Result("polaris-scaled", record => record with { Writes = [.. record.Writes.Select(write => write is StrategyWrite strategy ? strategy with { CompliancePercent = compliance } : write)] }).Passed);

    [Fact]
    public void The_replica_must_be_on_another_satellite() =>
        Fails("replica-placed", "the replica went to p10-s03, which had the function already", record => record with { Deployments = [record.Deployments[0], record.Deployments[1] with { Satellite = "p10-s03" }] });

    [Fact]
    public void The_deployment_must_have_completed() =>
        Fails("replica-placed", "p11-s04: expected a completed deployment, found queued, released", record => record with { Deployments = [record.Deployments[0], record.Deployments[1] with { Stages = [.. record.Deployments[1].Stages.Take(2)] }] });

    [Fact]
    public void The_replica_must_have_answered()
    {
        FlightRecord flight = Create();
        flight = flight with { Satellites = [.. flight.Satellites.Select(satellite => satellite with { Invocations = [] })] };
        CheckResult result = CloudChecks.Run(flight).Single(check => check.Name == "replica-placed");
        Assert.False(result.Passed);
        Assert.Contains("p11-s04 answered no request", result.Detail, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(33, false)] // the truth has 306.4 K when the deployment is queued
    [InlineData(34, true)]
    public void The_replica_must_not_be_on_a_satellite_that_is_too_hot(double limit, bool passes)
    {
        FlightRecord flight = Create();
        flight = flight with { Scenario = flight.Scenario with { Cloud = Spec with { BoardTemperatureMaxCelsius = limit } } };
        Assert.Equal(passes, CloudChecks.Run(flight).Single(check => check.Name == "replica-placed").Passed);
    }

    [Fact]
    public void The_objective_must_be_met_to_the_end() =>
        Fails("slo-recovered", "the objective of 90 % was not met again", record => record with { Share = [.. record.Share, new(At(400), 0.89)] });

    [Fact]
    public void An_objective_that_was_met_again_by_itself_is_no_proof()
    {
        FlightRecord flight = Create();
        flight = flight with { Satellites = [.. flight.Satellites.Select(satellite => satellite with { Invocations = [Served(299)] })] };
        Assert.Contains("before the replica answered", CloudChecks.Run(flight).Single(check => check.Name == "slo-recovered").Detail, StringComparison.Ordinal);
    }

    [Fact]
    public void A_step_before_its_cause_is_a_fault() => // 3 s of the world are the 50 ms by which clocks may differ
        Fails("cloud-steps-in-order", "deploy-accepted came before deploy-released", record => record with
        {
            Deployments = [record.Deployments[0], record.Deployments[1] with { Stages = [("queued", At(128)), ("released", At(134)), ("accepted", At(130)), ("completed", At(132))] }],
        });

    [Fact]
    public void A_step_that_did_not_happen_is_a_fault() =>
        Fails("cloud-steps-in-order", "replica-ready did not happen", record => record with { Writes = [.. record.Writes.Where(write => write is not StatusWrite { ReadyReplicas: 2 })] });

    private static CheckResult Result(string name, Func<CloudRecord, CloudRecord> change) => CloudChecks.Run(With(change)).Single(check => check.Name == name);

    private static void Fails(string name, string detail, Func<CloudRecord, CloudRecord> change)
    {
        CheckResult result = Result(name, change);
        Assert.False(result.Passed, result.Detail);
        Assert.Contains(detail, result.Detail, StringComparison.Ordinal);
    }
}
