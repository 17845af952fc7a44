using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using SatNode.Ground.Api;
using SatNode.Ground.Configuration;
using SatNode.Ground.Console;

namespace SatNode.EndToEnd;

/// <summary>Functions that do harm, deployed and invoked by telecommand on the published agent in flight: through all of it the agent's memory stays, its housekeeping keeps coming, a function that
/// behaves is served in time, each refusal is told with the limit that was hit, and who breaks limits again and again is held back.</summary>
[Collection("flights")]
public sealed class HostileSuiteTests : IDisposable
{
    private const string West = "geo-west";
    private const string East = "geo-east";
    private const int Offences = 5;

    // The machine's seconds count ten of the world's: these are 6 s. A hostile function may hold the one thread for functions 0.2 s.
    private static readonly TimeSpan ServedWithin = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan SilentAtMost = TimeSpan.FromSeconds(60);
    private const long GrowthMax = 64L * 1024 * 1024;
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    private readonly string _runs = Directory.CreateTempSubdirectory("satnode-hostile-").FullName;
    private StationClient _station = null!;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        _station?.Dispose();
        Directory.Delete(_runs, recursive: true);
    }

    [Fact]
    public async Task An_agent_in_flight_bears_all_that_functions_can_do_to_it()
    {
        using RigProcess rig = RigProcess.Start(Repository.PathOf("tests", "SatNode.EndToEnd", "scenarios", "held.yaml"), _runs, "--hold");
        await rig.Said("held until Ctrl-C", Patience);
        _station = StationClient.Of(GroundOptionsReader.ReadFile(Path.Combine(_runs, "held", "ground", "ground.yaml")));
        await Send(West, "housekeeping.set-period", new() { ["seconds"] = 5 });
        await Deploy(West, "steady", Gives, limits: "invocationsPerOrbitMax: 10000");
        await Invoke("steady", 10);
        double before = (await Samples("agent.resident-memory")).Max(sample => sample.Value);
        DateTimeOffset began = Time((await Samples("agent.resident-memory"))[^1]);

        await RefusesAtTheDoor();
        foreach ((string name, string body, string more, string limits, string limit) in Offenders)
            await Offends(name, body, more, limits, limit);
        await FloodsAreBounded();
        await FunctionsThatStartEachOtherEnd();
        await ACalledOffenderIsHeldBackAndItsCallerIsNot();
        await NodesThatStartEachOtherEnd();

        IReadOnlyList<InvocationView> served = (await Invoke("steady", 10)).Concat(_served).ToArray();
        Assert.All(served, report => Assert.Equal("completed", report.Result));
        Assert.All(served, report => Assert.InRange((Time(report.Ended) - Time(report.Queued)).TotalSeconds, 0, ServedWithin.TotalSeconds));
        SampleView[] memory = [.. (await Samples("agent.resident-memory")).Where(sample => Time(sample) >= began)];
        Assert.InRange(memory.Max(sample => sample.Value), 0, before + GrowthMax);
        foreach ((SampleView one, SampleView next) in memory.Zip(memory.Skip(1)))
            Assert.InRange((Time(next) - Time(one)).TotalSeconds, 0, SilentAtMost.TotalSeconds);
        Assert.Equal(1u, memory.Select(sample => sample.Boot).Distinct().Single()); // it never had to be started again
        TestContext.Current.SendDiagnosticMessage(string.Create(CultureInfo.InvariantCulture,
            $"resident memory: {before / 1e6:F1} MB before, at most {memory.Max(sample => sample.Value) / 1e6:F1} MB; {memory.Length} samples, at most {memory.Zip(memory.Skip(1)).Max(pair => (Time(pair.Second) - Time(pair.First)).TotalSeconds):F1} s of the world apart; served within {served.Max(report => (Time(report.Ended) - Time(report.Queued)).TotalSeconds):F1} s of the world"));

        RigProcess.Signal(rig.Id, 2);
        await rig.Ended(Patience); // its verdict is not asked for: functions did fail
        await RigProcess.NothingIsLeftOf(_runs);
    }

    private const string Gives = "(i64.or (i64.shl (i64.extend_i32_u (local.get 0)) (i64.const 32)) (i64.extend_i32_u (local.get 1)))";

    /// <summary>Name, handler, what else is in the module, limits, and the limit whose name the event has; empty for a trap, which has none.</summary>
    private static readonly (string Name, string Body, string More, string Limits, string Limit)[] Offenders =
    [
        ("loops", "(loop $on (br $on)) i64.const 0", "", "timeMaxMs: 100", "limits.timeMax"),
        ("burns", "(loop $on (br $on)) i64.const 0", "", "fuelMax: 1000000", "limits.fuelMax"),
        ("grows", "(loop $on (br_if $on (i32.ne (memory.grow (i32.const 1)) (i32.const -1)))) unreachable", "", "memoryBytesMax: 67108864", "limits.memoryBytesMax"),
        ("recurses", "(call $handle (local.get 0) (local.get 1))", "", "", "stack"),
        ("points-outside", "(drop (call $state_get (i32.const 65530) (i32.const 100) (i32.const 0) (i32.const 8))) i64.const 0", "", "", ""),
        ("writes-outside", "(drop (call $state_get (i32.const 16) (i32.const 3) (i32.const -8) (i32.const 100))) i64.const 0", "", "", ""),
        ("gives-too-much", "i64.const 0x0000_0000_7fff_ffff", "", "", "limits.outputBytesMax"),
        ("lies-about-its-output", "i64.const 0x7fff_0000_0000_0010", "", "", ""),
        ("floods-its-log", "(loop $on (call $log (i32.const 1) (i32.const 16) (i32.const 3)) (br $on)) i64.const 0", "", "", "limits.hostCallsMax"),
        ("divides-by-zero", "(drop (i32.div_u (i32.const 1) (i32.const 0))) i64.const 0", "", "", ""),
        ("traps-at-start", "i64.const 0", "(func $begin unreachable) (start $begin)", "", ""),
        ("loops-at-start", "i64.const 0", "(func $begin (loop $on (br $on))) (start $begin)", "timeMaxMs: 100", "limits.timeMax"),
        ("has-data-at-4-gib", "i64.const 0", "(data (i32.const 0xffff_fff0) \"0123456789abcdef\")", "", ""),
    ];

    private readonly List<InvocationView> _served = [];

    /// <summary>What breaks the ABI, or would keep the compiler, is refused when it is deployed, with the reason.</summary>
    private async Task RefusesAtTheDoor()
    {
        await Refused("exports-nothing", "(module (memory (export \"memory\") 1))", "expected an exported function satnode_alloc, found none");
        await Refused("imports-what-is-not-there", "(module (import \"env\" \"system\" (func (param i32))) (memory (export \"memory\") 1))", "found env.system");
        await Refused("begins-with-4-gib", Module("i64.const 0", memory: "65536"), "memory");
        await Refused("begins-with-a-page-too-many", Module("i64.const 0", memory: "257"), "expected a memory of at most 16777216 bytes (limits.memoryBytesMax), found one that starts with 16842752");
        await Refused("has-many-tables", Module("i64.const 0", new StringBuilder().Insert(0, "(table 1 funcref)", 100_000).ToString()), "table");
        await Refused("has-a-table-of-a-million", Module("i64.const 0", "(table 1000000 funcref)"), "table");
        await Refused("takes-a-minute-to-compile", Module("i64.const 0", $"(func (param i32) (local {new StringBuilder().Insert(0, "i32 ", 1900)}) {new StringBuilder().Insert(0, "(loop ", 1000)} {new StringBuilder().Insert(0, "(br_if 0 (local.get 0)))", 1000)})"), "blocks times locals in a function");
        await Refused("ends-the-compiler", Module("i64.const 0", $"(func (local {new StringBuilder().Insert(0, "i64 ", 50_000)}))"), "at most 2000 locals in a function");
        EventView[] deployed = await Events("function.deployed");
        Assert.Equal(["steady"], deployed.Select(item => (string?)item.Arguments["function"]));
    }

    /// <summary>Invoked again and again: the fifth offence puts it into quarantine, and the next is refused because of that; meanwhile another function is served.</summary>
    private async Task Offends(string name, string body, string more, string limits, string limit)
    {
        await Deploy(West, name, body, more, limits);
        IReadOnlyList<InvocationView> reports = await Invoke(name, Offences + 1, alongside: true);
        Assert.True(reports.Take(Offences).All(report => report.Result is "trapped" or "limit-reached") && reports[^1].Result == "refused", $"{name}: {string.Join("; ", reports.Select(report => $"{report.Result}: {report.Reason}"))}");
        if (limit.Length > 0)
            Assert.Contains(await Events("function.limit-reached"), item => Is(item, name) && (string?)item.Arguments["limit"] == limit);
        Assert.Equal(Offences, (await Events("invocation.failed")).Count(item => Is(item, name)));
        Assert.Contains(await Events("function.quarantined"), item => Is(item, name));
        Assert.Contains(await Events("invocation.refused"), item => Is(item, name) && (string?)item.Arguments["constraint"] == "quarantine");
    }

    /// <summary>What is refused to a function, and not fatal to it, is told as well.</summary>
    private async Task FloodsAreBounded()
    {
        await Deploy(West, "floods-state", """
            (loop $on (i32.store (i32.const 64) (i32.add (i32.load (i32.const 64)) (i32.const 0x01)))
              (i32.store8 (i32.const 80) (i32.add (i32.const 65) (i32.and (i32.load (i32.const 64)) (i32.const 15)))) (i32.store8 (i32.const 81) (i32.add (i32.const 65) (i32.shr_u (i32.load (i32.const 64)) (i32.const 4))))
              (drop (call $state_put (i32.const 80) (i32.const 2) (i32.const 1024) (i32.const 30000)))
              (br_if $on (i32.lt_u (i32.load (i32.const 64)) (i32.const 200)))) i64.const 0
            """, limits: "stateBytesMax: 100000");
        Assert.Equal("completed", Assert.Single(await Invoke("floods-state", 1, alongside: true)).Result);
        Assert.Contains(await Events("function.limit-reached"), item => Is(item, "floods-state") && (string?)item.Arguments["limit"] == "limits.stateBytesMax");
        await Deploy(West, "logs", "(loop $on (i32.store (i32.const 64) (i32.add (i32.load (i32.const 64)) (i32.const 1))) (call $log (i32.const 1) (i32.const 16) (i32.const 3)) (br_if $on (i32.lt_u (i32.load (i32.const 64)) (i32.const 60)))) i64.const 0",
            limits: "logLinesPerMinuteMax: 10");
        await Invoke("logs", 3, alongside: true);
        Assert.Contains(await Events("function.limit-reached"), item => Is(item, "logs") && (string?)item.Arguments["limit"] == "limits.logLinesPerMinuteMax");
    }

    /// <summary>Two that start each other by what they emit, twice as many each time; one that would start itself by its output; two that call each other: all come to an end at the depth.</summary>
    private async Task FunctionsThatStartEachOtherEnd()
    {
        const string Breeds = "(drop (call $emit (i32.const 64) (i32.const 6) (i32.const 16) (i32.const 3))) (drop (call $emit (i32.const 64) (i32.const 6) (i32.const 16) (i32.const 3))) i64.const 0";
        await Deploy(West, "breeds-a", Breeds, "(data (i32.const 64) \"into-b\")", manifest: "triggers: [{ state: { key: into-a } }, { command: {} }]");
        await Deploy(West, "breeds-b", Breeds, "(data (i32.const 64) \"into-a\")", manifest: "triggers: [{ state: { key: into-b } }]");
        await Invoke("breeds-a", 1, alongside: true);
        await Until(async () => (await Events("invocation.refused")).Any(item => Is(item, "breeds-b", "breeds-a") && (string?)item.Arguments["constraint"] == "limits.depthMax"), "the bomb of emissions ends at its depth");

        await Deploy(West, "feeds-itself", Gives, manifest: "triggers: [{ output: { function: feeds-itself } }, { command: {} }]");
        await Invoke("feeds-itself", 1, alongside: true);
        Assert.Single(await Events("invocation.completed"), item => Is(item, "feeds-itself"));

        const string Calls = "(drop (call $invoke (i32.const 64) (i32.const 7) (local.get 0) (local.get 1))) i64.const 0";
        await Deploy(West, "calls-a", Calls, "(data (i32.const 64) \"calls-b\")");
        await Deploy(West, "calls-b", Calls, "(data (i32.const 64) \"calls-a\")");
        Assert.Equal("completed", Assert.Single(await Invoke("calls-a", 1, alongside: true)).Result);
        await Until(async () => (await Events("function.limit-reached")).Any(item => Is(item, "calls-a", "calls-b") && (string?)item.Arguments["limit"] == "limits.depthMax"), "mutual recursion ends at its depth");

        await Deploy(West, "calls-for-ever", "(loop $on (drop (call $invoke (i32.const 64) (i32.const 6) (local.get 0) (local.get 1))) (br $on)) i64.const 0", "(data (i32.const 64) \"steady\")", "hostCallsMax: 500");
        Assert.Equal("trapped", Assert.Single(await Invoke("calls-for-ever", 1, alongside: true)).Result);
        Assert.Contains(await Events("function.limit-reached"), item => Is(item, "calls-for-ever") && (string?)item.Arguments["limit"] == "limits.hostCallsMax");
    }

    private async Task ACalledOffenderIsHeldBackAndItsCallerIsNot()
    {
        await Deploy(West, "victim", "(loop $on (br $on)) i64.const 0", limits: "fuelMax: 100000");
        await Deploy(West, "caller", "(drop (call $invoke (i32.const 64) (i32.const 6) (local.get 0) (local.get 1))) i64.const 0", "(data (i32.const 64) \"victim\")");
        Assert.All(await Invoke("caller", Offences + 1, alongside: true), report => Assert.Equal("completed", report.Result));
        EventView[] held = await Events("function.quarantined");
        Assert.Contains(held, item => Is(item, "victim"));
        Assert.DoesNotContain(held, item => Is(item, "caller"));
        Assert.Contains(await Events("function.limit-reached"), item => Is(item, "victim") && (string?)item.Arguments["limit"] == "limits.fuelMax");
        await Until(async () => (await Events("function.limit-reached")).Any(item => Is(item, "caller") && (string?)item.Arguments["limit"] == "quarantine"), "the call of a function in quarantine is refused");
    }

    /// <summary>One function on two nodes that wakes its other self by a key of the neighbourhood, and is woken by it.</summary>
    private async Task NodesThatStartEachOtherEnd()
    {
        const string Throws = "(call $random (i32.const 1024) (i32.const 8)) (drop (call $state_put (i32.const 64) (i32.const 18) (i32.const 1024) (i32.const 8))) i64.const 0";
        foreach (string satellite in (string[])[West, East])
            await Deploy(satellite, "ball", Throws, "(data (i32.const 64) \"neighbourhood/ball\")", manifest: "triggers: [{ state: { key: neighbourhood/ball } }, { command: {} }]");
        await Invoke("ball", 1, alongside: true);
        await Until(async () => (await Events("invocation.refused", satellite: null)).Any(item => Is(item, "ball") && (string?)item.Arguments["constraint"] == "limits.depthMax"), "recursion over two nodes ends at its depth");
    }

    private static string Module(string body, string more = "", string memory = "1") => $"""
        (module
          (import "satnode" "state_get" (func $state_get (param i32 i32 i32 i32) (result i32)))
          (import "satnode" "state_put" (func $state_put (param i32 i32 i32 i32) (result i32)))
          (import "satnode" "emit" (func $emit (param i32 i32 i32 i32) (result i32)))
          (import "satnode" "invoke" (func $invoke (param i32 i32 i32 i32) (result i32)))
          (import "satnode" "random" (func $random (param i32 i32)))
          (import "satnode" "log" (func $log (param i32 i32 i32)))
          {more}
          (memory (export "memory") {memory}) (data (i32.const 16) "key")
          (func (export "satnode_alloc") (param i32) (result i32) i32.const 4096)
          (func $handle (export "satnode_handle") (param i32 i32) (result i64) {body}))
        """;

    private async Task Deploy(string satellite, string name, string body, string more = "", string limits = "", string manifest = "triggers: [{ command: {} }]") =>
        Assert.Equal("completed", (await Deployed(satellite, name, Module(body, more), limits, manifest)).State);

    private async Task Refused(string name, string module, string reason)
    {
        CommandView command = await Deployed(West, name, module, "", "triggers: [{ command: {} }]");
        Assert.Equal("failed", command.State);
        Assert.Contains(reason, command.Stages[^1].Detail, StringComparison.Ordinal);
    }

    private async Task<CommandView> Deployed(string satellite, string name, string module, string limits, string manifest)
    {
        string yaml = $"name: {name}\nversion: \"1\"\nkind: reactor\nneeds: [state]\nlimits: {{ {limits} }}\n{manifest}\n";
        ImageView image = await _station.PushAsync(yaml, Wasmtime.Module.ConvertText(module), Stop);
        return await Ended(await _station.DeployAsync(satellite, image.Digest, Stop));
    }

    private async Task Send(string satellite, string name, JsonObject arguments) =>
        Assert.Equal("completed", (await Ended(await _station.SendAsync(satellite, new(name, arguments), Stop))).State);

    /// <summary>Invokes a function on the western satellite one time after the other and gives the reports; alongside, each time the one that behaves.</summary>
    private async Task<IReadOnlyList<InvocationView>> Invoke(string name, int times, bool alongside = false)
    {
        List<InvocationView> reports = [];
        for (int i = 0; i < times; i++)
        {
            string id = await Queue(name), beside = alongside ? await Queue("steady") : "";
            reports.Add(await Report(id));
            if (alongside)
                _served.Add(await Report(beside));
        }
        return reports;
    }

    private Task<string> Queue(string name) => _station.SendAsync(West, new("function.invoke", new JsonObject { ["name"] = name, ["input"] = new JsonObject { ["base64"] = "AQID" } }), Stop);

    private async Task<InvocationView> Report(string id)
    {
        await Ended(id);
        InvocationView[] reports = [];
        await Until(async () => (reports = await _station.InvocationsOfRunAsync(id, Stop)).Length > 0, $"the report of {id}");
        return reports[0];
    }

    private async Task<CommandView> Ended(string id)
    {
        CommandView command = null!;
        await Until(async () => (command = await _station.CommandAsync(id, Stop)).State is "completed" or "failed" or "refused" or "expired", $"the end of command {id}");
        return command;
    }

    private Task<SampleView[]> Samples(string parameter) => _station.SamplesAsync(West, parameter, 10_000, Stop);

    private Task<EventView[]> Events(string name, string? satellite = West) => _station.EventsAsync(satellite, name, after: 0, 10_000, Stop);

    private static bool Is(EventView item, params ReadOnlySpan<string> functions) => functions.Contains((string?)item.Arguments["function"]);

    private static DateTimeOffset Time(SampleView sample) => Time(sample.Time);

    private static DateTimeOffset Time(string time) => DateTimeOffset.Parse(time, CultureInfo.InvariantCulture);

    private static async Task Until(Func<Task<bool>> condition, string what)
    {
        long begin = TimeProvider.System.GetTimestamp();
        while (!await condition())
        {
            Assert.True(TimeProvider.System.GetElapsedTime(begin) < Patience, $"never came: {what}");
            await Task.Delay(20, Stop);
        }
    }
}
