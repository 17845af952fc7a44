using k8s.Models;
using SatNode.Ground.Cloud;
using SatNode.Ground.Cloud.Resources;
using SatNode.Ground.Commanding;
using SatNode.Ground.Placement;
using SatNode.Protocol.Functions;
using SatNode.Protocol.Quantities;
using SatNode.Protocol.Telemetry;
using SatNode.Protocol.Time;
using SatNode.Ground.Tests.Placement;
using static SatNode.Ground.Tests.Placement.Satellites;

namespace SatNode.Ground.Tests.Cloud;

/// <summary>What is wanted, what is and what is on its way, and what follows from it.</summary>
public sealed class ReconcilerTests
{
    private const string New = "sha256:new";
    private const string Old = "sha256:old";
    private static readonly TimeSpan ReplaceAfter = TimeSpan.FromSeconds(12_000);

    [Fact]
    public void Deploys_to_as_many_satellites_as_are_wanted()
    {
        ReconcilePlan plan = Plan(Wanted(replicas: 2), [Good("a"), Good("b"), Good("c")]);
        Assert.Equal([new("a", true), new("b", true)], plan.Commands);
        Assert.Equal((2, 0), (plan.Status.Replicas, plan.Status.ReadyReplicas));
    }

    [Fact]
    public void A_plan_whose_commands_are_on_their_way_gives_none_again()
    {
        SatelliteFunctionObject wanted = Wanted(replicas: 2);
        foreach (CommandState state in new[] { CommandState.Queued, CommandState.Released, CommandState.Accepted, CommandState.Started, CommandState.Progressing })
        {
            ReconcilePlan plan = Plan(wanted, [Good("a"), Good("b"), Good("c")], Deploy("a", state), Deploy("b", state));
            Assert.Empty(plan.Commands);
            Assert.Equal(["Deploying", "Deploying"], plan.Status.Placements.Select(placement => placement.State));
            AssertCondition(plan, "Ready", "False", "Deploying");
        }
    }

    [Fact]
    public void A_deploy_that_completed_counts_before_telemetry_names_the_function_but_not_for_ever()
    {
        SatelliteFunctionObject wanted = Wanted();
        DeploymentCommand completed = Deploy("a", CommandState.Completed, ago: TimeSpan.FromSeconds(299));
        Assert.Empty(Plan(wanted, [Good("a")], completed).Commands);
        Assert.Equal([new("a", true)], Plan(wanted, [Good("a")], completed with { Received = DtnTime.From(Now.AddSeconds(-301)) }).Commands);
    }

    [Fact]
    public void Telemetry_that_is_newer_than_the_deploy_and_names_its_image_counts_although_no_end_was_reported()
    {
        DeploymentCommand accepted = Deploy("a", CommandState.Accepted, ago: TimeSpan.FromSeconds(60));
        ReconcilePlan plan = Plan(Wanted(), [At("a", New, 59)], accepted);
        Assert.Equal((1, 1), (plan.Status.Replicas, plan.Status.ReadyReplicas));
        Assert.Equal(0, Plan(Wanted(), [At("a", New, 61)], accepted).Status.ReadyReplicas);

        static Candidate At(string name, string image, int secondsAgo) =>
            Good(name) with { Functions = new Dictionary<string, PlacedFunction> { ["greet"] = new(image, Now.AddSeconds(-secondsAgo)) } };
    }

    [Fact]
    public void Is_ready_when_every_satellite_reports_the_very_image()
    {
        ReconcilePlan plan = Plan(Wanted(replicas: 2), [Has("a", New), Has("b", New)]);
        Assert.Empty(plan.Commands);
        Assert.Equal((2, 2), (plan.Status.Replicas, plan.Status.ReadyReplicas));
        AssertCondition(plan, "Ready", "True", "AllReplicasReady", "2 of 2 on a, b");
        AssertCondition(plan, "Progressing", "False", "Complete");
        AssertCondition(plan, "Scheduled", "True", "Placed");
    }

    [Fact]
    public void What_is_placed_stays_although_another_satellite_is_better_now()
    {
        Candidate placed = Has("z", New) with { Board = Temperature.FromCelsius(59), Charge = new Ratio(0.31), IsReachable = false, ContactEnd = null };
        Assert.Empty(Plan(Wanted(), [Good("a"), placed]).Commands);
    }

    [Fact]
    public void Replaces_another_image_where_it_is()
    {
        ReconcilePlan plan = Plan(Wanted(), [Good("a"), Has("b", Old)]);
        Assert.Equal([new("b", true)], plan.Commands);
        Assert.Equal(0, plan.Status.ReadyReplicas);
    }

    [Fact]
    public void Waits_for_a_deploy_of_another_image_that_is_on_its_way()
    {
        ReconcilePlan plan = Plan(Wanted(), [Good("a"), Good("b")], Deploy("b", CommandState.Released, Old));
        Assert.Empty(plan.Commands);
        Assert.Contains("another image is on its way", plan.Status.Placements.Single().Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void Takes_off_those_too_many_the_worst_first()
    {
        ReconcilePlan plan = Plan(Wanted(replicas: 1), [Has("a", New) with { Board = Temperature.FromCelsius(58) }, Has("b", New), Has("c", Old)]);
        Assert.Equal([new("a", false), new("c", false)], plan.Commands);
        Assert.Equal((1, 1), (plan.Status.Replicas, plan.Status.ReadyReplicas));
        AssertCondition(plan, "Progressing", "True", "Removing");
    }

    [Fact]
    public void Takes_a_function_off_only_once()
    {
        Assert.Empty(Plan(Wanted(replicas: 0), [Has("a", New)], Undeploy("a", CommandState.Accepted)).Commands);
        Assert.Empty(Plan(Wanted(replicas: 0), [Has("a", New)], Undeploy("a", CommandState.Completed)).Commands); // its telemetry comes later
        Assert.Empty(Plan(Wanted(replicas: 0), [Has("a", New)], Undeploy("a", CommandState.Failed, FailureReason.NotFound)).Commands); // it says itself that it has none
    }

    [Fact]
    public void Does_not_deploy_where_the_function_is_just_being_taken_off()
    {
        ReconcilePlan plan = Plan(Wanted(), [Has("a", New)], Undeploy("a", CommandState.Released));
        Assert.Empty(plan.Commands);
        AssertCondition(plan, "Scheduled", "False", "NoSatelliteFits", "0 of 1 replicas have a satellite; 0 of 1 further fit: 1 being removed from (a)");
    }

    [Fact]
    public void Takes_off_a_deploy_on_its_way_only_after_it_ended()
    {
        ReconcilePlan plan = Plan(Wanted(replicas: 0), [Good("a")], Deploy("a", CommandState.Queued));
        Assert.Empty(plan.Commands);
        Assert.Equal("Removing", plan.Status.Placements.Single().State);
        Assert.Equal([new("a", false)], Plan(Wanted(replicas: 0), [Good("a")], Deploy("a", CommandState.Completed)).Commands);
    }

    [Fact]
    public void An_unfit_satellite_is_replaced_only_after_a_long_time_and_only_if_another_fits()
    {
        Candidate hot = Has("a", New) with { Board = Temperature.FromCelsius(65) };
        ReconcilePlan first = Plan(Wanted(), [hot, Good("b")]);
        Assert.Empty(first.Commands);
        PlacementStatus placement = first.Status.Placements.Single();
        Assert.Equal(("Unfit", "too hot: 65.0 °C, at most 60.0 °C", Now), (placement.State, placement.Reason, placement.UnfitSince));
        AssertCondition(first, "Ready", "False", "ReplicasUnfit", "0 of 1 ready; a: too hot: 65.0 °C, at most 60.0 °C");

        SatelliteFunctionObject almost = Wanted() with { Status = UnfitSince("a", Now - ReplaceAfter + TimeSpan.FromSeconds(1)) };
        Assert.Empty(Plan(almost, [hot, Good("b")]).Commands);
        SatelliteFunctionObject longEnough = Wanted() with { Status = UnfitSince("a", Now - ReplaceAfter) };
        Assert.Equal([new("b", true), new("a", false)], Plan(longEnough, [hot, Good("b")]).Commands);
        Assert.Empty(Plan(longEnough, [hot, Good("b") with { IsSafeMode = true }]).Commands); // better an unfit one than none
        Assert.Null(Plan(longEnough, [Has("a", New), Good("b")]).Status.Placements.Single().UnfitSince); // fit again: the time begins anew
    }

    [Fact]
    public void Says_why_no_satellite_fits()
    {
        ReconcilePlan plan = Plan(Wanted(), [Good("a") with { Charge = new Ratio(0.2) }, new Candidate { Name = "b" }]);
        Assert.Empty(plan.Commands);
        AssertCondition(plan, "Scheduled", "False", "NoSatelliteFits",
            "0 of 1 replicas have a satellite; 0 of 2 further fit: 1 low charge (a 20 %, at least 30 %), 1 telemetry missing (b no housekeeping was ever received)");
        AssertCondition(plan, "Ready", "False", "NoSatelliteFits");
    }

    [Fact]
    public void Says_that_there_are_fewer_satellites_than_replicas_and_uses_those_that_are_there()
    {
        ReconcilePlan plan = Plan(Wanted(replicas: 3), [Has("a", New), Good("b")]);
        Assert.Equal([new("b", true)], plan.Commands);
        AssertCondition(plan, "Scheduled", "False", "NotEnoughSatellites", "2 of 3 replicas have a satellite; the station has 2");
    }

    [Fact]
    public void Says_until_when_it_waits_for_a_pass()
    {
        ReconcilePlan plan = Plan(Wanted(), [Good("a") with { IsReachable = false, ContactEnd = null }], Deploy("a", CommandState.Queued));
        PlacementStatus placement = plan.Status.Placements.Single();
        Assert.Equal(("Waiting", "waits for a pass until 2026-08-15T23:00:00Z over redu", "command-a"), (placement.State, placement.Reason, placement.Command));
        AssertCondition(plan, "Progressing", "True", "WaitingForPass", "a: waits for a pass until 2026-08-15T23:00:00Z over redu");
    }

    [Fact]
    public void A_satellite_that_failed_is_not_tried_again_at_once_and_another_takes_its_place()
    {
        DeploymentCommand failed = Deploy("a", CommandState.Failed) with { Reason = FailureReason.ResourceExhausted, Detail = "the disk is full", Received = DtnTime.From(Now) };
        ReconcilePlan plan = Plan(Wanted(), [Good("a"), Good("b")], failed);
        Assert.Equal([new("b", true)], plan.Commands);
        ReconcilePlan alone = Plan(Wanted(), [Good("a")], failed);
        Assert.Empty(alone.Commands);
        AssertCondition(alone, "Ready", "False", "CommandFailed",
            "0 of 1 ready; a: deploy failed: the disk is full (resource-exhausted); tried again after 2026-08-15T21:10:00Z");
        Assert.Equal([new("a", true)], Plan(Wanted(), [Good("a")], failed with { Received = DtnTime.From(Now.AddSeconds(-600)) }).Commands);
        Assert.Empty(Plan(Wanted(), [Good("a")], failed with { Received = DtnTime.From(Now.AddSeconds(-600)), Failures = 2 }).Commands); // the wait doubles
        Assert.Equal([new("a", true)], Plan(Wanted(), [Good("a")], failed with { Image = Old }).Commands); // that another image failed says nothing
    }

    [Fact]
    public void An_image_that_fails_everywhere_is_not_sent_to_everybody()
    {
        Candidate[] fleet = [Good("a"), Good("b"), Good("c"), Good("d")];
        ReconcilePlan plan = Plan(Wanted(), fleet, Deploy("a", CommandState.Failed), Deploy("b", CommandState.Failed), Deploy("c", CommandState.Failed));
        Assert.Empty(plan.Commands);
        Assert.Equal([new("c", true)], Plan(Wanted(), fleet, Deploy("a", CommandState.Failed), Deploy("b", CommandState.Failed)).Commands);
    }

    [Fact]
    public void An_expired_deploy_is_decided_anew() => Assert.Equal([new("a", true)], Plan(Wanted(), [Good("a")], Deploy("a", CommandState.Expired)).Commands);

    [Fact]
    public void Telemetry_that_is_newer_than_a_command_is_believed()
    {
        Candidate redeployed = Good("a") with { Functions = new Dictionary<string, PlacedFunction>(StringComparer.Ordinal) { ["greet"] = new(Old, Now.AddSeconds(-10)) } };
        Assert.Equal([new("a", true)], Plan(Wanted(), [redeployed], Deploy("a", CommandState.Completed, ago: TimeSpan.FromSeconds(60))).Commands);
        Assert.Equal([new("a", false)], Plan(Wanted(replicas: 0), [redeployed], Undeploy("a", CommandState.Completed)).Commands);
    }

    [Fact]
    public void Without_an_image_nothing_changes_and_what_is_there_is_shown()
    {
        var unknown = new ImageResolution("greet", null, null, "ImageNotFound", "no image 'greet:9'");
        ReconcilePlan plan = Plan(Wanted(replicas: 3), [Has("a", Old), Good("b")], unknown);
        Assert.Empty(plan.Commands);
        Assert.Equal(["a"], plan.Status.Placements.Select(placement => placement.Satellite));
        AssertCondition(plan, "ImageResolved", "False", "ImageNotFound", "no image 'greet:9'");
        AssertCondition(plan, "Ready", "False", "ImageNotFound", "no image 'greet:9'");
    }

    [Fact]
    public void A_name_that_belongs_to_another_object_places_nothing_and_says_whose_it_is()
    {
        ReconcilePlan plan = FunctionReconciler.Plan(Input(Wanted(), [Has("a", Old)]) with { NameTakenBy = "first" });
        Assert.Empty(plan.Commands);
        Assert.Empty(plan.Status.Placements);
        AssertCondition(plan, "Ready", "False", "FunctionNameTaken");
    }

    [Fact]
    public void A_deleted_function_is_taken_off_everywhere_before_it_may_go()
    {
        SatelliteFunctionObject deleted = Wanted(replicas: 2);
        deleted.Metadata.DeletionTimestamp = Now.UtcDateTime;
        ReconcilePlan plan = Plan(deleted, [Has("a", New), Has("b", Old), Good("c")]);
        Assert.Equal([new("a", false), new("b", false)], plan.Commands);
        Assert.False(plan.MayGo);
        ReconcilePlan waiting = Plan(deleted, [Has("a", New), Good("c")], Undeploy("a", CommandState.Released), Deploy("c", CommandState.Queued));
        Assert.Empty(waiting.Commands);
        Assert.False(waiting.MayGo);
        Assert.True(Plan(deleted, [Good("a"), Good("c")], Undeploy("a", CommandState.Completed)).MayGo);
        Assert.True(Plan(deleted, [Good("a")], new ImageResolution("greet", null, null, "ImageNotFound", "gone")).MayGo);
    }

    [Fact]
    public void Satellites_that_spec_no_longer_names_lose_the_function()
    {
        SatelliteFunctionObject wanted = Wanted();
        wanted = wanted with { Spec = wanted.Spec with { Placement = new(["b"], null) } };
        Assert.Equal([new("b", true), new("a", false)], Plan(wanted, [Has("a", New), Good("b")]).Commands);
    }

    [Fact]
    public void A_condition_keeps_the_time_at_which_it_changed()
    {
        ReconcilePlan first = Plan(Wanted(), [Has("a", New)]);
        DateTimeOffset since = first.Status.Conditions[0].LastTransitionTime;
        ReconcilePlan later = FunctionReconciler.Plan(Input(Wanted() with { Status = first.Status }, [Has("a", New)]) with { ClusterNow = since.AddHours(1) });
        Assert.All(later.Status.Conditions, condition => Assert.Equal(since, condition.LastTransitionTime));
        ReconcilePlan changed = FunctionReconciler.Plan(Input(Wanted() with { Status = first.Status }, [Good("a")]) with { ClusterNow = since.AddHours(1) });
        Assert.Equal(since.AddHours(1), changed.Status.Conditions.Single(condition => condition.Type == "Ready").LastTransitionTime);
        Assert.True(first.Status.SaysTheSameAs(later.Status));
        Assert.False(first.Status.SaysTheSameAs(changed.Status));
    }

    private static SatelliteFunctionObject Wanted(int replicas = 1) => new()
    {
        Metadata = new V1ObjectMeta { Name = "greet", Generation = 3 },
        Spec = new() { Image = "greet:1.0.0", Replicas = replicas },
    };

    private static Candidate Has(string name, string image) => Good(name).With(("greet", image));

    private static DeploymentCommand Deploy(string node, CommandState state, string image = New, TimeSpan ago = default) =>
        new($"command-{node}", node, true, image, state, DtnTime.From(Now - ago), DtnTime.From(Now - ago), FailureReason.None, "", 1);

    private static DeploymentCommand Undeploy(string node, CommandState state, FailureReason reason = FailureReason.None) =>
        new($"command-{node}", node, false, null, state, DtnTime.From(Now.AddMinutes(-1)), DtnTime.From(Now), reason, "", 1);

    private static SatelliteFunctionStatus UnfitSince(string satellite, DateTimeOffset since) => new() { Placements = [new(satellite, "Unfit", New, UnfitSince: since)] };

    private static ReconcilePlan Plan(SatelliteFunctionObject wanted, Candidate[] fleet, params DeploymentCommand[] commands) => FunctionReconciler.Plan(Input(wanted, fleet, commands));

    private static ReconcilePlan Plan(SatelliteFunctionObject wanted, Candidate[] fleet, ImageResolution image) => FunctionReconciler.Plan(Input(wanted, fleet) with { Image = image });

    private static ReconcileInput Input(SatelliteFunctionObject wanted, Candidate[] fleet, params DeploymentCommand[] commands)
    {
        FunctionManifest manifest = Manifest();
        return new()
        {
            Object = wanted,
            Image = new("greet", New, manifest, "Resolved", "greet:1.0.0"),
            Fleet = fleet,
            Commands = commands.ToDictionary(command => command.Node, StringComparer.Ordinal),
            Pipeline = PlacementPipeline.Of(PlacementOptions.Default),
            ReplaceAfter = ReplaceAfter,
            RetryAfter = TimeSpan.FromSeconds(600),
            Now = Now,
            ClusterNow = new(2026, 11, 25, 12, 0, 0, TimeSpan.Zero),
        };
    }

    private static void AssertCondition(ReconcilePlan plan, string type, string status, string reason, string? message = null)
    {
        ConditionStatus condition = plan.Status.Conditions.Single(condition => condition.Type == type);
        Assert.Equal((status, reason), (condition.Status, condition.Reason));
        Assert.Equal(3, condition.ObservedGeneration);
        if (message is not null)
            Assert.Equal(message, condition.Message);
    }
}
