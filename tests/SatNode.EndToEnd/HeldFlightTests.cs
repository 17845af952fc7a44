using System.Text.Json.Nodes;
using SatNode.Protocol.Functions;

namespace SatNode.EndToEnd;

/// <summary>An operator at the console of a flight that is held: real agents, real telecommands.</summary>
[Collection("flights")]
public sealed class HeldFlightTests : IDisposable
{
    private const string Sat = "geo-west";
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);
    private readonly string _runs = Directory.CreateTempSubdirectory("satnode-e2e-").FullName;

    private string Configuration => Path.Combine(_runs, "held", "ground", "ground.yaml");

    public void Dispose() => Directory.Delete(_runs, recursive: true);

    [Fact]
    public async Task An_operator_commands_a_held_constellation_and_it_comes_home_when_told()
    {
        using RigProcess rig = RigProcess.Start(Repository.PathOf("tests", "SatNode.EndToEnd", "scenarios", "held.yaml"), _runs, "--hold");
        await rig.Said("held until Ctrl-C", Patience);
        Assert.Contains($"console --config {Path.GetRelativePath(Repository.Root, Configuration)}", rig.Output, StringComparison.Ordinal);

        string list = (await Ask("sat", "list")).Done();
        Assert.Equal(["geo-west", "geo-east"], list.TrimEnd().Split('\n').Skip(1).Select(line => line.Split('\t')[0]));
        Assert.StartsWith("since ", Value((await Ask("sat", "show", Sat)).Done(), "contact"), StringComparison.Ordinal);
        JsonNode reading = JsonNode.Parse((await Ask("tm", "get", Sat, "board.temperature", "--json")).Done())![0]!;
        Assert.InRange((double)reading["value"]!, 250, 350);

        string stages = (await Ask("cmd", "send", Sat, "housekeeping.set-period", "seconds=5", "--wait")).Done();
        Assert.Equal(["queued", "released", "accepted", "started", "completed"], stages.TrimEnd().Split('\n').Select(line => line.Split('\t')[2]));
        RigCommand.Answer refused = await Ask("fn", "invoke", "greet", "--on", Sat, "--wait");
        Assert.Equal((1, ""), (refused.Code, refused.Output)); // nothing is deployed: the satellite itself says so
        Assert.Contains("not-found: no function 'greet' on this node", refused.Errors, StringComparison.Ordinal);

        string pushed = (await Ask("fn", "push", Repository.PathOf("firmware", "functions", "greet"))).Done();
        string digest = pushed.Split('\t')[2];
        RigCommand.Answer script = await RigCommand.TypedToGround($"""
            # deploys, asks and looks
            fn deploy greet {Sat} --wait
            fn invoke greet --on {Sat} --input Ada --wait
            fn invoke greet --input "Grace Hopper" --wait
            fn list
            """, "console", "--config", Configuration);
        string said = script.Done();
        Assert.Contains($"{Sat}\tcompleted\t{digest}", said, StringComparison.Ordinal);
        Assert.Contains("Ada", said, StringComparison.Ordinal);
        Assert.Contains("Grace Hopper", said, StringComparison.Ordinal);
        Assert.Contains($"greet\t1.0.0\t{digest}\t", said, StringComparison.Ordinal);
        Assert.EndsWith($"\t{Sat}", said.TrimEnd(), StringComparison.Ordinal);
        (await Ask("fn", "logs", "greet")).Done();
        JsonNode profile = JsonNode.Parse((await Ask("fn", "profile", "greet", "--json")).Done())![0]!["profile"]!; // told with the first invocation
        Assert.InRange((int)profile["completed"]!, 1, 2);
        Assert.True((double)profile["cpuSecondsP99"]! > 0);
        (await Ask("fn", "undeploy", "greet", "--wait")).Done();
        Assert.Contains("function.undeployed function=greet", (await Ask("events", "list", Sat, "--last", "5")).Done(), StringComparison.Ordinal);

        (await Ask("fn", "push", Repository.PathOf("firmware", "functions", "fire-alarm"))).Done();
        (await Ask("fn", "deploy", "fire-alarm", Sat, "--wait")).Done();
        Assert.Equal("suspicion 1", await Tell("redu", "70"));
        Assert.Equal("suspicion 2", await Tell("redu", "80"));
        Assert.Equal("suspicion 1", await Tell("mendocino", "90")); // an actor of its own
        Assert.Equal("alarm 1", await Tell("redu", "99"));
        RigCommand.Answer noAddress = await Ask("fn", "invoke", "fire-alarm/a/b", "--on", Sat, "--wait");
        Assert.Equal(1, noAddress.Code);
        Assert.Contains("expected a function, or FUNCTION/KEY", noAddress.Errors, StringComparison.Ordinal);

        string large = (await Ask("fn", "push", WriteLargest())).Done().Split('\t')[2];
        string delivered = (await Ask("fn", "deploy", "largest", Sat, "--wait")).Done();
        Assert.Contains("delivering 64 of 64 chunks", delivered, StringComparison.Ordinal);
        Assert.EndsWith($"completed\t{large}", delivered.TrimEnd(), StringComparison.Ordinal);
        Assert.Contains("Ada", (await Ask("fn", "invoke", "largest", "--input", "Ada", "--wait")).Done(), StringComparison.Ordinal);
        (await Ask("fn", "undeploy", "largest", "--wait")).Done();
        Assert.Contains("the image was on board", (await Ask("fn", "deploy", "largest", Sat, "--wait")).Done(), StringComparison.Ordinal); // nothing is sent twice

        using RigProcess follow = RigProcess.StartGround("events", "follow", Sat, "--last", "1", "--config", Configuration);
        await follow.Said(Sat, Patience);
        RigProcess.Signal(follow.Id, 2);
        Assert.Equal(0, await follow.Ended(Patience));

        RigProcess.Signal(rig.Id, 2);
        int code = await rig.Ended(Patience);
        Assert.True(code == 0, $"{rig.Output}\n{rig.Errors}");
        await RigProcess.NothingIsLeftOf(_runs);
        RigCommand.Answer late = await Ask("sat", "list");
        Assert.Equal((2, $"satnode-ground: {Configuration}: no station of this configuration runs here\n"), (late.Code, late.Errors));
    }

    /// <summary>The greeting in a module as large as one may be: behind its code a section that the runtime skips.</summary>
    private string WriteLargest()
    {
        string folder = Path.Combine(_runs, "largest"), greet = Repository.PathOf("firmware", "functions", "greet");
        Directory.CreateDirectory(folder);
        byte[] small = File.ReadAllBytes(Path.Combine(greet, "greet.wasm")), module = new byte[FunctionImage.ModuleBytesMax];
        small.CopyTo(module, 0);
        int content = module.Length - small.Length - 6; // the section's id and five bytes of its size (LEB128); its name is empty
        for (int i = 0; i < 5; i++)
            module[small.Length + 1 + i] = (byte)(((content >> (7 * i)) & 0x7F) | (i < 4 ? 0x80 : 0));
        new Random(1).NextBytes(module.AsSpan(small.Length + 7));
        File.WriteAllBytes(Path.Combine(folder, "largest.wasm"), module);
        string manifest = File.ReadAllText(Path.Combine(greet, "function.yaml"));
        File.WriteAllLines(Path.Combine(folder, "function.yaml"), manifest.Split('\n').Select(line => line.StartsWith("name:", StringComparison.Ordinal) ? "name: largest" : line)
            .Where(line => !line.StartsWith("module:", StringComparison.Ordinal) && !line.StartsWith("digest:", StringComparison.Ordinal)));
        return folder;
    }

    private Task<RigCommand.Answer> Ask(params string[] arguments) => RigCommand.Ground([.. arguments, "--config", Configuration]);

    private async Task<string> Tell(string target, string sure) => (await Ask("fn", "invoke", $"fire-alarm/{target}", "--on", Sat, "--input", sure, "--wait")).Done().TrimEnd();

    private static string Value(string shown, string key) => Assert.Single(shown.Split('\n'), line => line.StartsWith(key + "\t", StringComparison.Ordinal)).Split('\t')[1];
}
