using System.Formats.Cbor;
using Microsoft.Data.Sqlite;
using SatNode.Ground.Archive;
using SatNode.Protocol.Dictionary;
using SatNode.Protocol.Telemetry;
using SatNode.Protocol.Time;

namespace SatNode.Ground.Commanding;

/// <summary>Commands and their stages in the archive. Writing methods run in a transaction of the <see cref="ArchiveWriter"/>.</summary>
internal static class CommandStore
{
    /// <summary>Why a command fails that a satellite forgot.</summary>
    public const string StartedAnew = "the satellite started anew before it ended";

    private const string SelectCommand = "SELECT id, node, name, arguments, state, queued, expiry, sequence, signed, releases, ordinal FROM command";

    /// <summary>The states in which a command may still do something: all but expired, completed and failed.</summary>
    private const string OnItsWay = "(1, 2, 4, 5, 6)";

    /// <summary>Of a command that waits for release or acceptance; as in the index of those, which SQLite uses for these very words only.</summary>
    private const string Waits = "state <= 2";

    /// <summary>The states in which a command waits for its satellite to end it.</summary>
    private const string Accepted = "(4, 5, 6)";

    /// <summary>More commands than an archive ever holds.</summary>
    private const string OrdinalsMax = "1000000000000000";

    /// <summary>Stores a new command and its first stage.</summary>
    /// <param name="connection">The archive.</param>
    /// <param name="command">The command.</param>
    /// <param name="function">The function of the image that it deploys, when that is known.</param>
    /// <param name="isHeld">Whether it waits for its image to be delivered.</param>
    /// <param name="parent">The ordinal of the deploy that it delivers the image for.</param>
    public static void Insert(SqliteConnection connection, CommandRow command, string? function = null, bool isHeld = false, long? parent = null)
    {
        bool isDeploy = command.Name == Commands.DeployFunction.Name;
        if (command.Name == Commands.InvokeFunction.Name || command.Name == Commands.UndeployFunction.Name || command.Name == Commands.ReleaseFunction.Name)
            function = command.Arguments["name"].AsText().Split('/')[0]; // an actor is of its function
        connection.Run("""
            INSERT INTO command (id, node, name, arguments, state, queued, expiry, function, image, held, parent)
            VALUES ($id, $node, $name, $arguments, $state, $queued, $expiry, $function, $image, $held, $parent)
            """,
            ("$function", function), ("$image", isDeploy ? command.Arguments["image"].AsText() : null), ("$held", isHeld ? 1L : 0L), ("$parent", parent), ("$id", command.Id), ("$node", command.Node), ("$name", command.Name), ("$arguments", Encode(command.Arguments)), ("$state", (long)CommandState.Queued),
            ("$queued", (long)command.Queued.Milliseconds), ("$expiry", (long)command.Expiry.Milliseconds));
        AddStage(connection, command.Id, CommandState.Queued, command.Queued, command.Queued, FailureReason.None, "");
    }

    /// <summary>How many commands wait for a satellite, without those that deliver images.</summary>
    public static long CountWaiting(SqliteConnection connection, string node) => connection.Scalar(
        "SELECT count(*) FROM command WHERE node = $node AND state <= $released AND parent IS NULL", ("$node", node), ("$released", (long)CommandState.Released));

    /// <summary>Commands of a satellite that wait for release or acceptance, in the order of queueing. One about a function waits for every deploy of it before, whose image is
    /// still being delivered; the others overtake that.</summary>
    public static List<CommandRow> Waiting(SqliteConnection connection, string node, int limit) => connection.Query(
        $"""
        {SelectCommand} WHERE node = $node AND state <= $released AND parent IS NULL AND held = 0
          AND NOT EXISTS (SELECT 1 FROM command earlier WHERE earlier.node = $node AND earlier.function = command.function AND earlier.held = 1 AND earlier.ordinal < command.ordinal)
        ORDER BY ordinal LIMIT $limit
        """, Read, ("$node", node), ("$released", (long)CommandState.Released), ("$limit", limit));

    /// <summary>Commands that deliver images to a satellite and wait for release or acceptance, the image asked for first before the next; as many as bring those on their way,
    /// the ones that the satellite has taken and not ended included, to a limit.</summary>
    public static List<CommandRow> WaitingDeliveries(SqliteConnection connection, string node, int limit)
    {
        long taken = connection.Scalar($"SELECT count(*) FROM command WHERE node = $node AND state IN {Accepted} AND parent IS NOT NULL", ("$node", node));
        return taken >= limit ? [] : connection.Query(
            $"{SelectCommand} WHERE node = $node AND state <= $released AND parent IS NOT NULL ORDER BY parent, ordinal LIMIT $limit", Read,
            ("$node", node), ("$released", (long)CommandState.Released), ("$limit", limit - taken));
    }

    /// <summary>Deploys to a satellite that wait for their images.</summary>
    public static List<CommandRow> Held(SqliteConnection connection, string node) => connection.Query($"{SelectCommand} WHERE node = $node AND held = 1 ORDER BY ordinal", Read, ("$node", node));

    /// <summary>The commands that deliver the image of a deploy, each with what brought it to its state, in the order of queueing. What was heard of it after that, such as that a
    /// second copy was refused, says nothing of the delivery.</summary>
    public static List<DeliveryCommand> Deliveries(SqliteConnection connection, long parent) => connection.Query("""
        SELECT command.id, name, command.state, stage.reason, stage.detail
        FROM command JOIN command_stage stage ON stage.id = (SELECT max(id) FROM command_stage WHERE command = command.id AND state = command.state)
        WHERE parent = $parent ORDER BY ordinal
        """,
        row => new DeliveryCommand(row.GetString(0), row.GetString(1), (CommandState)row.GetInt64(2), (FailureReason)row.GetInt64(3), row.GetString(4)), ("$parent", parent));

    /// <summary>Lets a deploy go whose image is on board.</summary>
    public static void LetGo(SqliteConnection connection, CommandRow command, string detail, DtnTime now)
    {
        connection.Run("UPDATE command SET held = 0 WHERE id = $id", ("$id", command.Id));
        AddStage(connection, command.Id, CommandState.Queued, now, now, FailureReason.None, detail);
    }

    /// <summary>Says how far the delivery of a deploy's image is.</summary>
    public static void Note(SqliteConnection connection, CommandRow command, string detail, DtnTime now) =>
        AddStage(connection, command.Id, command.State, now, now, FailureReason.None, detail);

    /// <summary>Fails a command on the ground.</summary>
    public static void Fail(SqliteConnection connection, string id, FailureReason reason, string detail, DtnTime now)
    {
        SetState(connection, id, CommandState.Failed);
        AddStage(connection, id, CommandState.Failed, now, now, reason, detail);
    }

    /// <summary>The satellites for which commands wait.</summary>
    public static List<string> WaitingNodes(SqliteConnection connection) => connection.Query(
        $"SELECT DISTINCT node FROM command INDEXED BY command_waiting WHERE {Waits}", row => row.GetString(0));

    /// <summary>Whether the validity of a command that waits is over.</summary>
    public static bool HasExpired(SqliteConnection connection, DtnTime now) =>
        connection.Scalar($"SELECT count(*) FROM command WHERE {Waits} AND expiry <= $now", ("$now", (long)now.Milliseconds)) > 0;

    /// <summary>A command, or null.</summary>
    public static CommandRow? Find(SqliteConnection connection, string id) => connection.Query($"{SelectCommand} WHERE id = $id", Read, ("$id", id)).FirstOrDefault();

    /// <summary>The latest commands of a satellite, or of all, the latest last; without those that deliver images.</summary>
    public static List<CommandRow> Latest(SqliteConnection connection, string? node, int limit)
    {
        List<CommandRow> rows = connection.Query($"{SelectCommand} WHERE ($node IS NULL OR node = $node) AND parent IS NULL ORDER BY ordinal DESC LIMIT $limit", Read, ("$node", node), ("$limit", limit));
        rows.Reverse();
        return rows;
    }

    /// <summary>How many commands there are of each satellite and state.</summary>
    public static List<(string Node, CommandState State, long Count)> Counts(SqliteConnection connection) => connection.Query(
        "SELECT node, state, count(*) FROM command WHERE parent IS NULL GROUP BY node, state", row => (row.GetString(0), (CommandState)row.GetInt64(1), row.GetInt64(2)));

    /// <summary>A command's stages in the order in which they became known.</summary>
    public static List<StageRow> Stages(SqliteConnection connection, string id) => connection.Query(
        "SELECT state, time, received, reason, detail FROM command_stage WHERE command = $id ORDER BY id",
        row => new StageRow((CommandState)row.GetInt64(0), new((ulong)row.GetInt64(1)), new((ulong)row.GetInt64(2)), (FailureReason)row.GetInt64(3), row.GetString(4)),
        ("$id", id));

    /// <summary>The next sequence of a key for a node; the one returned is never returned again once the transaction is committed.</summary>
    public static ulong NextSequence(SqliteConnection connection, string keyId, string node)
    {
        connection.Run("INSERT INTO command_sequence VALUES ($key, $node, 1) ON CONFLICT DO UPDATE SET last = last + 1", ("$key", keyId), ("$node", node));
        return (ulong)connection.Scalar("SELECT last FROM command_sequence WHERE key_id = $key AND node = $node", ("$key", keyId), ("$node", node));
    }

    /// <summary>Notes a release with the bytes that are sent.</summary>
    public static void Release(SqliteConnection connection, string id, ulong sequence, byte[] signed, DtnTime now)
    {
        connection.Run("UPDATE command SET state = $state, sequence = $sequence, signed = $signed, releases = releases + 1 WHERE id = $id",
            ("$state", (long)CommandState.Released), ("$sequence", (long)sequence), ("$signed", signed), ("$id", id));
        AddStage(connection, id, CommandState.Released, now, now, FailureReason.None, $"sequence {sequence}");
    }

    /// <summary>Ends the wait of commands whose validity is over; how many.</summary>
    public static int Expire(SqliteConnection connection, DtnTime now)
    {
        List<string> expired = connection.Query($"SELECT id FROM command WHERE {Waits} AND expiry <= $now", row => row.GetString(0), ("$now", (long)now.Milliseconds));
        foreach (string id in expired)
        {
            SetState(connection, id, CommandState.Expired);
            AddStage(connection, id, CommandState.Expired, now, now, FailureReason.Expired, "no acceptance was seen within its validity");
        }
        return expired.Count;
    }

    /// <summary>Follows a telemetry record: a later boot ends what an earlier one had accepted, and a verification report says how far a command got.</summary>
    public static void Apply(SqliteConnection connection, IncomingRecord record)
    {
        FailForgotten(connection, record);
        if (record.Body is VerificationReport report)
            Apply(connection, record, report);
    }

    /// <summary>Fails what a satellite had accepted before it started anew: it remembers none of it. Of commands from an older archive no boot is known; they end with their validity.</summary>
    private static void FailForgotten(SqliteConnection connection, IncomingRecord record)
    {
        foreach (string id in connection.Query(
            $"SELECT id FROM command WHERE node = $node AND state IN {Accepted} AND (boot < $boot OR (boot IS NULL AND expiry <= $received))", row => row.GetString(0),
            ("$node", record.Node), ("$boot", (long)record.Boot), ("$received", (long)record.Received.Milliseconds)))
        {
            SetState(connection, id, CommandState.Failed);
            AddStage(connection, id, CommandState.Failed, record.Time, record.Received, FailureReason.ExecutionFailed, StartedAnew);
        }
    }

    /// <summary>Follows a verification report. A refusal as replayed does not fail a command that was sent more than once: it says that an earlier copy
    /// arrived, whose own report is still to come. That it completed counts
    /// whenever it is told: a satellite that started anew may send it after its first words.</summary>
    private static void Apply(SqliteConnection connection, IncomingRecord record, VerificationReport report)
    {
        if (Find(connection, report.CommandId) is not { } command
            || !string.Equals(command.Node, record.Node, StringComparison.Ordinal))
        {
            return;
        }
        bool isHarmlessReplay = report is { Stage: VerificationStage.Acceptance, Reason: FailureReason.Replayed } && command.Releases > 1;
        CommandState reported = !report.IsSuccess ? CommandState.Failed : report.Stage switch
        {
            VerificationStage.Acceptance => CommandState.Accepted,
            VerificationStage.Start => CommandState.Started,
            VerificationStage.Progress => CommandState.Progressing,
            _ => CommandState.Completed,
        };
        AddStage(connection, command.Id, isHarmlessReplay ? CommandState.Released : reported, record.Time, record.Received, report.Reason, report.Detail);
        if (isHarmlessReplay)
            return;
        if ((command.State < CommandState.Completed && reported > command.State) || (command.State, reported) == (CommandState.Failed, CommandState.Completed))
            SetState(connection, command.Id, reported);
        connection.Run("UPDATE command SET boot = $boot WHERE id = $id", ("$boot", (long)record.Boot), ("$id", command.Id));
    }

    /// <summary>Requests to functions that are on their way to a satellite or in it, by satellite; those without any are left out.</summary>
    public static Dictionary<string, int> OutstandingInvocations(SqliteConnection connection) => connection.Query(
        $"SELECT node, count(*) FROM command WHERE name = $name AND state IN {OnItsWay} GROUP BY node", row => (Node: row.GetString(0), Count: row.GetInt32(1)),
        ("$name", Commands.InvokeFunction.Name)).ToDictionary(pair => pair.Node, pair => pair.Count, StringComparer.Ordinal);

    /// <summary>Of each satellite the command that says most about a function there: the latest deploy or undeploy that is on its way, else the latest that ended.</summary>
    public static List<DeploymentCommand> Deployments(SqliteConnection connection, string function) => connection.Query($"""
        SELECT command.id, node, command.name, image, command.state, stage.time, stage.received, stage.reason, stage.detail,
          (SELECT count(*) FROM command earlier WHERE earlier.function = command.function AND earlier.name = command.name AND earlier.node = command.node
            AND earlier.image IS command.image AND earlier.state = $failed)
        FROM command JOIN command_stage stage ON stage.id = (SELECT max(id) FROM command_stage WHERE command = command.id)
        WHERE ordinal IN (
          SELECT max(CASE WHEN state IN {OnItsWay} THEN ordinal + {OrdinalsMax} ELSE ordinal END) % {OrdinalsMax} FROM command
          WHERE function = $function AND name IN ($deploy, $undeploy) GROUP BY node)
        """,
        row => new DeploymentCommand(row.GetString(0), row.GetString(1), row.GetString(2) == Commands.DeployFunction.Name, row.IsDBNull(3) ? null : row.GetString(3),
            (CommandState)row.GetInt64(4), new((ulong)row.GetInt64(5)), new((ulong)row.GetInt64(6)), (FailureReason)row.GetInt64(7), row.GetString(8), row.GetInt32(9)),
        ("$function", function), ("$deploy", Commands.DeployFunction.Name), ("$undeploy", Commands.UndeployFunction.Name), ("$failed", (long)CommandState.Failed));

    private static void SetState(SqliteConnection connection, string id, CommandState state) =>
        // What delivered an image is needed no more once it ended or expired, and is never sent again: a copy of the module for each satellite would be.
        connection.Run("UPDATE command SET state = $state, held = 0, signed = CASE WHEN parent IS NOT NULL AND $state > $released THEN NULL ELSE signed END WHERE id = $id",
            ("$state", (long)state), ("$released", (long)CommandState.Released), ("$id", id));

    private static void AddStage(SqliteConnection connection, string id, CommandState state, DtnTime time, DtnTime received, FailureReason reason, string detail) =>
        connection.Run("INSERT INTO command_stage (command, state, time, received, reason, detail) VALUES ($id, $state, $time, $received, $reason, $detail)",
            ("$id", id), ("$state", (long)state), ("$time", (long)time.Milliseconds), ("$received", (long)received.Milliseconds), ("$reason", (long)reason), ("$detail", detail));

    private static CommandRow Read(SqliteDataReader row) => new(row.GetString(0), row.GetString(1), row.GetString(2), Decode(row.Bytes(3)), (CommandState)row.GetInt64(4),
        new((ulong)row.GetInt64(5)), new((ulong)row.GetInt64(6)), row.IsDBNull(7) ? null : (ulong)row.GetInt64(7), row.IsDBNull(8) ? null : row.Bytes(8), (int)row.GetInt64(9), row.GetInt64(10));

    private static byte[] Encode(IReadOnlyDictionary<string, ArgumentValue> arguments)
    {
        var writer = new CborWriter(CborConformanceMode.Strict);
        writer.WriteStartMap(arguments.Count);
        foreach ((string name, ArgumentValue value) in arguments)
        {
            writer.WriteTextString(name);
            value.Write(writer);
        }
        writer.WriteEndMap();
        return writer.Encode();
    }

    private static Dictionary<string, ArgumentValue> Decode(byte[] encoded)
    {
        var reader = new CborReader(encoded, CborConformanceMode.Strict);
        var arguments = new Dictionary<string, ArgumentValue>(StringComparer.Ordinal);
        int count = reader.ReadStartMap() ?? 0;
        for (int i = 0; i < count; i++)
            arguments.Add(reader.ReadTextString(), ArgumentValue.Read(reader));
        return arguments;
    }
}

/// <summary>A command as archived; the ordinal is 0 until it is. Sequence and signed bytes are null until the first release.</summary>
internal sealed record CommandRow(string Id, string Node, string Name, IReadOnlyDictionary<string, ArgumentValue> Arguments, CommandState State,
    DtnTime Queued, DtnTime Expiry, ulong? Sequence, byte[]? Signed, int Releases, long Ordinal = 0);

/// <summary>A command that delivers an image, with the stage that brought it to its state.</summary>
internal sealed record DeliveryCommand(string Id, string Name, CommandState State, FailureReason Reason, string Detail);

/// <summary>A stage of a command: when it happened and when it became known, in world time.</summary>
internal sealed record StageRow(CommandState State, DtnTime Time, DtnTime Received, FailureReason Reason, string Detail);

/// <summary>A deploy or an undeploy of a function.</summary>
/// <param name="Id">The command's id.</param>
/// <param name="Node">The satellite.</param>
/// <param name="IsDeploy">False for an undeploy.</param>
/// <param name="Image">The digest of the image that a deploy carries.</param>
/// <param name="State">How far it got.</param>
/// <param name="Time">When its latest stage happened, on board.</param>
/// <param name="Received">When that stage became known.</param>
/// <param name="Reason">Why it failed.</param>
/// <param name="Detail">The same in the satellite's words.</param>
/// <param name="Failures">How often the same was tried there and failed.</param>
internal sealed record DeploymentCommand(string Id, string Node, bool IsDeploy, string? Image, CommandState State, DtnTime Time, DtnTime Received, FailureReason Reason,
    string Detail, int Failures)
{
    /// <summary>True while it may still do something.</summary>
    public bool IsOnItsWay => State is not (CommandState.Expired or CommandState.Completed or CommandState.Failed);
}
