using Microsoft.Data.Sqlite;
using SatNode.Ground.Archive;
using SatNode.Ground.Commanding;
using SatNode.Ground.Tests.Placement;
using SatNode.Protocol.Dictionary;
using SatNode.Protocol.Functions;
using SatNode.Protocol.Telemetry;
using SatNode.Protocol.Time;

namespace SatNode.Ground.Tests.Commanding;

/// <summary>What the archive says about functions on satellites.</summary>
public sealed class DeploymentCommandTests : IDisposable
{
    private static readonly byte[] Module = [0, (byte)'a', (byte)'s', (byte)'m', 1, 0, 0, 0];
    private readonly SqliteConnection _connection = new("Data Source=:memory:");
    private int _commands;

    public DeploymentCommandTests() => _connection.Open();

    public void Dispose() => _connection.Dispose();

    [Fact]
    public void The_command_on_its_way_speaks_before_a_later_one_that_ended()
    {
        ArchiveSchema.Prepare(_connection);
        string first = Deploy("p10-s03");
        Undeploy("p10-s03");
        _connection.Run("UPDATE command SET state = 7 WHERE ordinal = 2");
        DeploymentCommand speaks = Assert.Single(CommandStore.Deployments(_connection, "greet"));
        Assert.Equal((first, true, true, ImageDigest()), (speaks.Id, speaks.IsDeploy, speaks.IsOnItsWay, speaks.Image));
        _connection.Run("UPDATE command SET state = 8 WHERE ordinal = 1");
        Assert.False(Assert.Single(CommandStore.Deployments(_connection, "greet")).IsDeploy); // both ended: the latest
        Assert.Empty(CommandStore.Deployments(_connection, "other"));
    }

    [Fact]
    public void Counts_how_often_the_very_image_failed_there()
    {
        ArchiveSchema.Prepare(_connection);
        Deploy("p10-s03");
        Deploy("p10-s03");
        Deploy("p10-s04");
        _connection.Run("UPDATE command SET state = 8");
        Assert.Equal([("p10-s03", 2), ("p10-s04", 1)], CommandStore.Deployments(_connection, "greet").Select(command => (command.Node, command.Failures)).Order());
    }

    [Fact]
    public void Requests_are_outstanding_until_they_end()
    {
        ArchiveSchema.Prepare(_connection);
        foreach (CommandState _ in Enum.GetValues<CommandState>())
            Insert("p10-s03", Commands.InvokeFunction, new() { ["name"] = "greet", ["input"] = Array.Empty<byte>() });
        _connection.Run("UPDATE command SET state = ordinal"); // one of each state
        Assert.Equal(new() { ["p10-s03"] = 5 }, CommandStore.OutstandingInvocations(_connection)); // all but expired, completed and failed
    }

    [Fact]
    public void What_a_satellite_had_accepted_fails_when_it_starts_anew()
    {
        ArchiveSchema.Prepare(_connection);
        string accepted = Deploy("p10-s03"), other = Deploy("p10-s04"), waiting = Undeploy("p10-s03");
        Hear("p10-s03", boot: 1, new VerificationReport(accepted, VerificationStage.Acceptance, FailureReason.None, ""));
        Hear("p10-s04", boot: 1, new VerificationReport(other, VerificationStage.Acceptance, FailureReason.None, ""));
        Hear("p10-s03", boot: 1, new Housekeeping([]));
        Assert.Equal(CommandState.Accepted, CommandStore.Find(_connection, accepted)!.State);
        Hear("p10-s03", boot: 2, new Housekeeping([]));
        Assert.Equal([CommandState.Failed, CommandState.Accepted, CommandState.Queued], new[] { accepted, other, waiting }.Select(id => CommandStore.Find(_connection, id)!.State));
        Assert.Equal("the satellite started anew before it ended", CommandStore.Stages(_connection, accepted)[^1].Detail);
        Hear("p10-s03", boot: 1, new VerificationReport(accepted, VerificationStage.Completion, FailureReason.None, "")); // was in its outbox
        Assert.Equal(CommandState.Completed, CommandStore.Find(_connection, accepted)!.State);
    }

    [Fact]
    public void A_command_accepted_before_the_boot_was_noted_fails_once_its_validity_is_over()
    {
        ArchiveSchema.Prepare(_connection);
        string accepted = Deploy("p10-s03");
        _connection.Run("UPDATE command SET state = 4, expiry = 100");
        Hear("p10-s03", boot: 2, new Housekeeping([]), received: 99);
        Assert.Equal(CommandState.Accepted, CommandStore.Find(_connection, accepted)!.State);
        Hear("p10-s03", boot: 2, new Housekeeping([]), received: 100);
        Assert.Equal(CommandState.Failed, CommandStore.Find(_connection, accepted)!.State);
    }

    [Fact]
    public void An_archive_of_the_version_before_is_brought_up_to_date()
    {
        _connection.Run("""
            CREATE TABLE command (
              ordinal INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE, node TEXT NOT NULL, name TEXT NOT NULL, arguments BLOB NOT NULL,
              state INTEGER NOT NULL, queued INTEGER NOT NULL, expiry INTEGER NOT NULL, sequence INTEGER, signed BLOB, releases INTEGER NOT NULL DEFAULT 0);
            CREATE TABLE command_stage (
              id INTEGER PRIMARY KEY AUTOINCREMENT, command TEXT NOT NULL, state INTEGER NOT NULL, time INTEGER NOT NULL, received INTEGER NOT NULL,
              reason INTEGER NOT NULL, detail TEXT NOT NULL);
            INSERT INTO command (id, node, name, arguments, state, queued, expiry) VALUES ('old', 'p10-s03', 'ping', x'a0', 1, 0, 0);
            CREATE TABLE schema_version (version INTEGER NOT NULL);
            INSERT INTO schema_version VALUES (1);
            """);
        ArchiveSchema.Prepare(_connection);
        ArchiveSchema.Prepare(_connection); // and only once
        Assert.Equal("ping", CommandStore.Find(_connection, "old")?.Name);
        Deploy("p10-s03");
        Assert.Single(CommandStore.Deployments(_connection, "greet"));
    }

    /// <summary>A deploy of version 3 had its module as an argument, which is more than an argument may be now.</summary>
    [Fact]
    public void Deploys_of_an_archive_that_carried_their_modules_are_readable_and_those_that_wait_fail()
    {
        ArchiveSchema.Prepare(_connection);
        string waiting = Deploy("p10-s03"), released = Deploy("p10-s04"), done = Deploy("p10-s05"), nameless = Deploy("p10-s06"), other = Undeploy("p10-s07");
        var old = new System.Formats.Cbor.CborWriter();
        old.WriteStartMap(1);
        old.WriteTextString("module");
        old.WriteByteString(new byte[ArgumentValue.MaxBytes + 1]);
        old.WriteEndMap();
        _connection.Run("UPDATE command SET arguments = $old, signed = x'01' WHERE name = 'function.deploy'", ("$old", old.Encode()));
        _connection.Run("UPDATE command SET state = CASE ordinal WHEN 2 THEN 2 WHEN 3 THEN 7 ELSE 1 END, image = CASE ordinal WHEN 4 THEN NULL ELSE image END");
        _connection.Run("""
            DROP INDEX command_parent; DROP INDEX command_held; DROP INDEX command_waiting; DROP INDEX command_told; ALTER TABLE command DROP COLUMN parent; ALTER TABLE command DROP COLUMN held;
            DELETE FROM schema_version WHERE version > 3;
            """);
        ArchiveSchema.Prepare(_connection);
        Assert.Equal([CommandState.Failed, CommandState.Failed, CommandState.Completed, CommandState.Failed, CommandState.Queued],
            new[] { waiting, released, done, nameless, other }.Select(id => CommandStore.Find(_connection, id)!.State));
        Assert.Equal(ImageDigest(), CommandStore.Find(_connection, done)!.Arguments["image"].AsText());
        Assert.Empty(CommandStore.Find(_connection, nameless)!.Arguments);
        StageRow stage = CommandStore.Stages(_connection, waiting)[^1];
        Assert.Equal((CommandState.Failed, FailureReason.DictionaryMismatch, "it carried its module, which is delivered as an image now; deploy the function again"), (stage.State, stage.Reason, stage.Detail));
        Assert.Equal(CommandState.Queued, CommandStore.Stages(_connection, done)[^1].State); // nothing was said of it
        Assert.Equal(other, Assert.Single(CommandStore.Waiting(_connection, "p10-s07", 8)).Id);
    }

    [Fact]
    public void A_part_of_a_delivery_speaks_by_what_brought_it_to_its_state_whatever_is_heard_later()
    {
        ArchiveSchema.Prepare(_connection);
        string forgotten = Part(), done = Part();
        Hear("p10-s03", boot: 1, new VerificationReport(forgotten, VerificationStage.Acceptance, FailureReason.None, ""));
        Hear("p10-s03", boot: 2, new Housekeeping([]));
        Hear("p10-s03", boot: 1, new VerificationReport(forgotten, VerificationStage.Start, FailureReason.None, "")); // was in its outbox
        CommandStore.Release(_connection, done, 1, [1], new(1));
        CommandStore.Release(_connection, done, 1, [1], new(2));
        Hear("p10-s03", boot: 2, new VerificationReport(done, VerificationStage.Completion, FailureReason.None, "missing 0 of 1"));
        Hear("p10-s03", boot: 2, new VerificationReport(done, VerificationStage.Acceptance, FailureReason.Replayed, "sequence 1 was seen")); // the second copy
        Assert.Equal([(CommandState.Failed, CommandStore.StartedAnew), (CommandState.Completed, "missing 0 of 1")],
            CommandStore.Deliveries(_connection, 1).Select(part => (part.State, part.Detail)));
    }

    [Fact]
    public void What_delivered_an_image_leaves_no_copy_of_it_when_it_expires()
    {
        ArchiveSchema.Prepare(_connection);
        string part = Part(), ping = Insert("p10-s03", Commands.Ping, []);
        CommandStore.Release(_connection, part, 1, [1], new(1));
        CommandStore.Release(_connection, ping, 2, [2], new(1));
        Assert.Equal(2, CommandStore.Expire(_connection, new(2)));
        Assert.Null(CommandStore.Find(_connection, part)!.Signed);
        Assert.NotNull(CommandStore.Find(_connection, ping)!.Signed);
    }

    /// <summary>The queue asks several times a second; an archive holds 64 commands and more for each deploy that was ever delivered.</summary>
    [Fact]
    public void What_the_queue_asks_reads_only_commands_that_wait()
    {
        ArchiveSchema.Prepare(_connection);
        string waiting = Deploy("p10-s03");
        Deploy("p10-s04");
        _connection.Run("UPDATE command SET state = 7 WHERE node = 'p10-s04'");
        Assert.Equal(["p10-s03"], CommandStore.WaitingNodes(_connection));
        Assert.False(CommandStore.HasExpired(_connection, new(1)));
        Assert.True(CommandStore.HasExpired(_connection, new(2)));
        Assert.Equal(1, CommandStore.Expire(_connection, new(2)));
        Assert.Equal(CommandState.Expired, CommandStore.Find(_connection, waiting)!.State);
        Assert.False(CommandStore.HasExpired(_connection, new(2)));
        foreach (string asked in (string[])["SELECT DISTINCT node FROM command INDEXED BY command_waiting WHERE state <= 2", "SELECT count(*) FROM command WHERE state <= 2 AND expiry <= 1"])
            Assert.Contains("command_waiting", Assert.Single(_connection.Query("EXPLAIN QUERY PLAN " + asked, row => row.GetString(3))), StringComparison.Ordinal);
    }

    private string Part(long parent = 1)
    {
        string id = $"part-{++_commands}";
        CommandStore.Insert(_connection, new(id, "p10-s03", Commands.BeginImage.Name, new Dictionary<string, ArgumentValue>(StringComparer.Ordinal), CommandState.Queued, new DtnTime(1), new DtnTime(2), null, null, 0),
            parent: parent);
        return id;
    }

    private static string ImageDigest() => new FunctionImage(Manifest(), Module).Digest;

    private static FunctionManifest Manifest() => Satellites.Manifest() with { ModuleDigest = System.Security.Cryptography.SHA256.HashData(Module) };

    private void Hear(string node, uint boot, object body, ulong received = 1) =>
        CommandStore.Apply(_connection, new(node, body is VerificationReport ? TelemetryStream.Verification : TelemetryStream.Housekeeping, boot, 1, new(1), new(received), [], body));

    private string Deploy(string node) => Insert(node, Commands.DeployFunction, new() { ["image"] = ImageDigest() });

    [Fact]
    public void Commands_about_a_function_wait_for_its_held_deploys_before_them_and_for_no_others()
    {
        ArchiveSchema.Prepare(_connection);
        string before = Undeploy("p10-s03");
        Held("p10-s03");
        Dictionary<string, ArgumentValue> name = new() { ["name"] = "greet" };
        Insert("p10-s03", Commands.UndeployFunction, name);
        Insert("p10-s03", Commands.ReleaseFunction, name);
        Insert("p10-s03", Commands.InvokeFunction, new() { ["name"] = "greet/key", ["input"] = Array.Empty<byte>() });
        string other = Insert("p10-s03", Commands.UndeployFunction, new() { ["name"] = "alarm" });
        string elsewhere = Undeploy("p10-s04");
        Assert.Equal([before, other], CommandStore.Waiting(_connection, "p10-s03", 8).Select(command => command.Id));
        Assert.Equal([elsewhere], CommandStore.Waiting(_connection, "p10-s04", 8).Select(command => command.Id));
    }

    [Fact]
    public void Deliveries_go_in_the_order_of_their_deploys_as_many_as_a_satellite_has_not_ended()
    {
        ArchiveSchema.Prepare(_connection);
        long first = Held("p10-s03"), second = Held("p10-s03");
        string[] parts = [.. new[] { second, first, second, first, first }.Select(deploy => Part(deploy))];
        string[] inOrder = [parts[1], parts[3], parts[4], parts[0], parts[2]];
        Assert.Equal(inOrder, Due(8));
        Assert.Equal(inOrder[..2], Due(2));
        _connection.Run("UPDATE command SET state = 4 WHERE id = $id", ("$id", parts[1])); // taken, not ended
        Assert.Equal(inOrder[1..2], Due(2));
        _connection.Run("UPDATE command SET state = 5 WHERE id = $id", ("$id", parts[3]));
        Assert.Empty(Due(2));
        _connection.Run("UPDATE command SET state = 6 WHERE id = $id", ("$id", parts[4]));
        Assert.Empty(Due(2)); // more than may be: by a smaller limit of a later release
        _connection.Run("UPDATE command SET state = 7 WHERE parent = $parent", ("$parent", first));
        Assert.Equal(inOrder[3..], Due(2));

        IEnumerable<string> Due(int limit) => CommandStore.WaitingDeliveries(_connection, "p10-s03", limit).Select(command => command.Id);
    }

    private long Held(string node)
    {
        string id = $"command-{++_commands}";
        CommandStore.Insert(_connection, new(id, node, Commands.DeployFunction.Name, new Dictionary<string, ArgumentValue>(StringComparer.Ordinal) { ["image"] = ImageDigest() }, CommandState.Queued,
            new DtnTime(1), new DtnTime(2), null, null, 0), "greet", isHeld: true);
        return CommandStore.Find(_connection, id)!.Ordinal;
    }

    private string Undeploy(string node) => Insert(node, Commands.UndeployFunction, new() { ["name"] = "greet" });

    private string Insert(string node, CommandDefinition command, Dictionary<string, ArgumentValue> arguments)
    {
        string id = $"command-{++_commands}";
        CommandStore.Insert(_connection, new(id, node, command.Name, arguments, CommandState.Queued, new DtnTime(1), new DtnTime(2), null, null, 0),
            command == Commands.DeployFunction ? "greet" : null);
        return id;
    }
}
