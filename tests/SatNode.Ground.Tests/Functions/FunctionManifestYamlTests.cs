using System.Security.Cryptography;
using SatNode.Ground.Configuration;
using SatNode.Ground.Functions;
using SatNode.Protocol.Functions;

namespace SatNode.Ground.Tests.Functions;

public sealed class FunctionManifestYamlTests
{
    private const string Good = """
        name: object-det
        version: 1.2.0
        kind: command
        triggers:
          - observation: { latitude: 39.49, longitude: -122.98, radiusKm: 800 }
          - timer: { periodMs: 60000 }
          - state: { key: frames }
          - command: {}
          - bundle: { service: 100 }
          - threshold: { parameter: board.temperature, above: 330.5 }
          - output: { function: ingest }
        limits: { memoryBytesMax: 33554432, fuelMax: 1000000, timeMaxMs: 1500, energyPerInvocationMaxJoules: 4, invocationsPerOrbitMax: 6, fanOutMax: 0, inputBytesMax: 1000, outputBytesMax: 2000, stateBytesMax: 3000, hostCallsMax: 40, logLinesPerMinuteMax: 5, invocationsPerSecondMax: 6, depthMax: 7 }
        constraints: { boardTemperatureMaxCelsius: 70, stateOfChargeMinPercent: 40, soft: { coolBoard: 0.5, sunlight: 2 } }
        slo: { deadlineMs: 90000, priority: 7 }
        needs: [state, timers]
        instances: { idleTimeoutMs: 5000, concurrencyMax: 2 }
        prefetch: [a, b]
        actor: { memoryLifetimeMs: 60000, mailboxMax: 8, memoryBytesMax: 64 }
        isolation: process
        """;

    private static readonly byte[] Module = [0, (byte)'a', (byte)'s', (byte)'m', 1, 0, 0, 0, 9];

    [Fact]
    public void Reads_every_key()
    {
        FunctionManifest manifest = FunctionManifestYaml.Read("m.yaml", Good, Module);
        Assert.Equal(("object-det", "1.2.0", FunctionKind.Command), (manifest.Name, manifest.Version, manifest.Kind));
        Assert.Equal(SHA256.HashData(Module), manifest.ModuleDigest.ToArray());
        Assert.Equal([new ObservationTrigger(39.49, -122.98, 800), new TimerTrigger(TimeSpan.FromMinutes(1)), new StateTrigger("frames"), new CommandTrigger(),
            new BundleTrigger(100), new ThresholdTrigger("board.temperature", ThresholdSide.Above, 330.5), new OutputTrigger("ingest")], manifest.Triggers);
        Assert.Equal(new FunctionLimits
        {
            MemoryBytesMax = 33554432,
            FuelMax = 1_000_000,
            TimeMax = TimeSpan.FromSeconds(1.5),
            EnergyPerInvocationMax = new(4),
            InvocationsPerOrbitMax = 6,
            FanOutMax = 0,
            InputBytesMax = 1000,
            OutputBytesMax = 2000,
            StateBytesMax = 3000,
            HostCallsMax = 40,
            LogLinesPerMinuteMax = 5,
            InvocationsPerSecondMax = 6,
            DepthMax = 7,
        }, manifest.Limits);
        Assert.Equal((70.0, 0.4), (Math.Round(manifest.Constraints.BoardTemperatureMax.Celsius, 6), manifest.Constraints.StateOfChargeMin.Value));
        Assert.Equal(new SoftConstraints { CoolBoard = 0.5, Sunlight = 2 }, manifest.Constraints.Soft);
        Assert.Equal((TimeSpan.FromSeconds(90), 7), (manifest.Objective.Deadline, manifest.Objective.Priority));
        Assert.Equal(FunctionNeeds.State | FunctionNeeds.Timers, manifest.Needs);
        Assert.Equal(new FunctionInstances { IdleTimeout = TimeSpan.FromSeconds(5), ConcurrencyMax = 2 }, manifest.Instances);
        Assert.Equal(["a", "b"], manifest.Prefetch);
        Assert.Equal((new FunctionActor { MemoryLifetime = TimeSpan.FromMinutes(1), MailboxMax = 8, MemoryBytesMax = 64 }, FunctionIsolation.Process), (manifest.Actor, manifest.Isolation));
    }

    [Fact]
    public void Reads_the_handler_and_the_warm_instances_of_a_reactor()
    {
        FunctionManifest manifest = FunctionManifestYaml.Read("m.yaml", "name: a\nversion: '1'\nkind: reactor\nhandler: detect\ninstances: { keepWarmMax: 2 }\nneeds: [queue, objectStore]\n", Module);
        Assert.Equal(("detect", 2, FunctionNeeds.Queue | FunctionNeeds.ObjectStore), (manifest.Handler, manifest.Instances.KeepWarmMax, manifest.Needs));
    }

    [Fact]
    public void What_is_absent_has_the_safe_default()
    {
        FunctionManifest manifest = FunctionManifestYaml.Read("m.yaml", "name: a\nversion: '1'\nkind: reactor\n", Module);
        Assert.Equal((FunctionLimits.Default, FunctionConstraints.Default, FunctionObjective.Default, FunctionNeeds.None),
            (manifest.Limits, manifest.Constraints, manifest.Objective, manifest.Needs));
        Assert.Empty(manifest.Triggers);
    }

    [Theory]
    [InlineData("kind: command\n", "kind: comand\n", "m.yaml:3: kind: expected reactor or command, found 'comand'; did you mean 'command'?")]
    [InlineData("timer: {", "tmer: {", "m.yaml:6: triggers[1].tmer: unknown key; did you mean 'timer'?")]
    [InlineData("  - command: {}", "  - {}", "m.yaml:8: triggers[3]: expected timer, observation, state, command, bundle, threshold or output, found nothing")]
    [InlineData("state: { key: frames }", "{ state: { key: frames }, command: {} }", "m.yaml:7: triggers[2]: expected one kind of trigger an item, found two")]
    [InlineData("fuelMax: 1000000", "fuelMax: -1", "m.yaml:12: limits.fuelMax: expected a whole number of 1 to 1000000000000, found '-1'")]
    [InlineData("boardTemperatureMaxCelsius: 70", "boardTemperatureMaxCelsius: 86", "m.yaml:13: constraints.boardTemperatureMaxCelsius: expected a number of -20 to 85, found '86'")]
    [InlineData("sunlight: 2", "sunlight: 11", "m.yaml:13: constraints.soft.sunlight: expected a number of 0 to 10, found '11'")]
    [InlineData("priority: 7", "prioriy: 7", "m.yaml:14: slo.prioriy: unknown key; did you mean 'priority'?")]
    [InlineData("needs: [state, timers]", "needs: [state, timer]", "m.yaml:15: needs: expected state, timers, objectStore or queue, found 'timer'; did you mean 'timers'?")]
    [InlineData("needs: [state, timers]", "needs: [state]", "m.yaml:1: needs: expected timers")]
    [InlineData("service: 100", "service: 99", "m.yaml:9: triggers[4].bundle.service: expected a whole number of 100 to 999, found '99'")]
    [InlineData(", above: 330.5", "", "m.yaml:10: triggers[5].threshold: expected above or below with a value, found neither")]
    [InlineData("above: 330.5", "above: 330.5, below: 1", "m.yaml:10: triggers[5].threshold: expected above or below with a value, found both")]
    [InlineData("parameter: board.temperature", "parameter: board.heat", "m.yaml:1: triggers[5].parameter: expected the name of a telemetry parameter")]
    [InlineData("isolation: process", "isolation: proces", "m.yaml:19: isolation: expected shared or process, found 'proces'; did you mean 'process'?")]
    [InlineData("name: object-det", "digest: 'sha256:00'\nname: object-det", "m.yaml:1: digest: expected the module with sha256:00, found sha256:")]
    public void Refuses_with_line(string good, string bad, string expected)
    {
        Assert.Contains(good, Good, StringComparison.Ordinal);
        YamlInputException fault = Assert.Throws<YamlInputException>(() => FunctionManifestYaml.Read("m.yaml", Good.Replace(good, bad, StringComparison.Ordinal), Module));
        Assert.StartsWith(expected, fault.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("ingest")]
    [InlineData("extract-frames")]
    [InlineData("object-det")]
    [InlineData("prepare-ds")]
    [InlineData("denoise")]
    [InlineData("greet")]
    [InlineData("ndvi")]
    [InlineData("tally")]
    public void Reads_the_sample_functions(string name)
    {
        string folder = Path.Combine(AppContext.BaseDirectory, "functions", name);
        byte[] module = File.ReadAllBytes(Path.Combine(folder, $"{name}.wasm"));
        FunctionManifest manifest = FunctionManifestYaml.Read("function.yaml", File.ReadAllText(Path.Combine(folder, "function.yaml")), module);
        Assert.Equal(name, manifest.Name);
        Assert.Equal(SHA256.HashData(module), manifest.ModuleDigest.ToArray());
    }

    [Fact]
    public void Refuses_what_is_not_wasm() => Assert.Contains("expected a WebAssembly module of version 1",
        Assert.Throws<YamlInputException>(() => FunctionManifestYaml.Read("m.yaml", Good, "#!/bin/sh"u8)).Message, StringComparison.Ordinal);

    [Fact]
    public void A_stage_of_a_workflow_is_fused_where_it_says_so()
    {
        const string text = "name: w\nstages:\n  - { name: a, function: f, candidates: [n] }\n  - { name: b, function: f, after: [a], candidates: [n], fuse: true }\n";
        Assert.Equal([false, true], WorkflowYaml.Read("w.yaml", text).Stages.Select(stage => stage.Fuse));
        Assert.Contains("fuse: expected false or true", Assert.Throws<YamlInputException>(() => WorkflowYaml.Read("w.yaml", text.Replace("true", "maybe", StringComparison.Ordinal))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Refuses_a_workflow_with_a_cycle_or_an_unknown_key()
    {
        const string text = "name: w\nstages:\n  - { name: a, function: f, after: [b], candidates: [n] }\n  - { name: b, function: f, after: [a], candidates: [n] }\n";
        Assert.Equal("w.yaml:1: stages: expected a graph without cycles, found a cycle", Assert.Throws<YamlInputException>(() => WorkflowYaml.Read("w.yaml", text)).Message);
        Assert.StartsWith("w.yaml:4: stages[1].candidate: unknown key; did you mean 'candidates'?",
            Assert.Throws<YamlInputException>(() => WorkflowYaml.Read("w.yaml", text.Replace("[a], candidates", "[a], candidate", StringComparison.Ordinal))).Message, StringComparison.Ordinal);
    }

    [Theory] // nodes are read and compared by recursion: one that contains itself ended the process
    [InlineData("? &a [*a]\n: 1\n", "m.yaml:1: expected no aliases, found one; write out what it stands for")]
    [InlineData("a: [[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[", "m.yaml:1: expected at most 32 levels, found more")]
    [InlineData("name: !<::> f\n", "m.yaml:1: expected YAML, found a text that cannot be read as such: Global tags must be valid URIs. (Parameter 'value')")]
    public void Refuses_what_the_parser_stumbles_over(string text, string reason) =>
        Assert.Equal(reason, Assert.Throws<YamlInputException>(() => FunctionManifestYaml.Read("m.yaml", text, Module)).Message);
}
