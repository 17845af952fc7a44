using System.Text;
using System.Text.Json.Nodes;
using SatNode.Ground.Tests.Hosting;
using SatNode.Ground.Tests.Twins;
using SatNode.Protocol.Dictionary;
using SatNode.Protocol.Quantities;
using SatNode.Protocol.Telecommands;
using SatNode.Protocol.Telemetry;

namespace SatNode.Ground.Tests.Console;

public sealed class FunctionCommandsTests
{
    private const string Sat = TestStation.Sat;
    private static readonly string Greet = Path.Combine(AppContext.BaseDirectory, "functions", "greet");

    [Fact]
    public async Task Pushes_deploys_lists_invokes_reads_and_removes_a_function()
    {
        await using TestStation station = await TestStation.StartAsync();
        await using var satellite = new TestSatellite(station);
        await satellite.GoOnlineAsync();
        await satellite.SendAsync(TelemetryStream.Housekeeping, ConsoleTests.Samples((Parameters.Mode, 0)));

        (int code, string output, _) = await ConsoleRun.OfAsync(station, "fn", "push", Greet, "--json");
        string digest = (string)JsonNode.Parse(output)!["digest"]!;
        Assert.Equal(0, code);
        Assert.Equal((0, $"pushed\tgreet:1.0.0\t{digest}\t{new FileInfo(Path.Combine(Greet, "greet.wasm")).Length / 1000.0:0.0} kB\n", ""),
            await ConsoleRun.OfAsync(station, "fn", "push", Path.Combine(Greet, "function.yaml")));

        var deploy = new ConsoleRun(station);
        Task<int> deployed = deploy.RunAsync("fn", "deploy", digest[..15], Sat, "--wait");
        (Telecommand command, _) = await satellite.NextCommandAsync();
        Assert.Equal("function.deploy", command.Name);
        Assert.Equal(await File.ReadAllBytesAsync(Path.Combine(Greet, "greet.wasm"), TestContext.Current.CancellationToken), satellite.ImageOf(command).Module.ToArray());
        await satellite.SendEventAsync(Events.FunctionDeployed, null, "greet", "1.0.0", digest, 3.5);
        await VerifyAsync(satellite, command.Id);
        Assert.Equal(0, await deployed);

        await TestStation.UntilAsync(() => ConsoleRun.OfAsync(station, "fn", "list"), answer => answer.Output.EndsWith($"\t{Sat}\n", StringComparison.Ordinal));
        (code, output, _) = await ConsoleRun.OfAsync(station, "fn", "list", "--json");
        Assert.Equal(Sat, (string?)JsonNode.Parse(output)![0]!["satellites"]![0]);

        var invoke = new ConsoleRun(station);
        Task<int> invoked = invoke.RunAsync("fn", "invoke", "greet", "--input", "orbit", "--wait"); // no satellite named: the station chooses
        (command, _) = await satellite.NextCommandAsync();
        Assert.Equal(("function.invoke", "orbit"), (command.Name, Encoding.UTF8.GetString(command.Arguments["input"].AsBytes())));
        await satellite.SendAsync(TelemetryStream.Function, new InvocationReport
        {
            Function = "greet",
            Version = "1.0.0",
            InvocationId = $"{Sat}-1-1",
            Run = command.Id,
            Result = InvocationResult.Completed,
            Queued = TestSatellite.Noon,
            Started = TestSatellite.Noon,
            Ended = TestSatellite.Noon,
            CpuTime = TimeSpan.FromMilliseconds(1),
            Energy = new Energy(0.01),
            Fuel = 10,
            State = StateOrigin.None,
            Output = "hello orbit"u8.ToArray(),
        });
        await VerifyAsync(satellite, command.Id);
        Assert.Equal(0, await invoked);
        Assert.Equal("hello orbit", invoke.Output); // the bytes as they are: the stages go to standard error
        Assert.Contains($"\t{Sat}\tcompleted\t", invoke.Errors, StringComparison.Ordinal);

        await satellite.SendEventAsync(Events.FunctionLogged, null, "greet", "said hello");
        await satellite.SendEventAsync(Events.FunctionLogged, null, "other", "not mine");
        Assert.Equal((0, $"2026-06-21T12:00:00.000Z\t{Sat}\tsaid hello\n", ""), await ConsoleRun.OfAsync(station, "fn", "logs", "greet"));

        var undeploy = new ConsoleRun(station);
        Task<int> undeployed = undeploy.RunAsync("fn", "undeploy", "greet", "--wait"); // everywhere
        (command, _) = await satellite.NextCommandAsync();
        Assert.Equal(("function.undeploy", "greet"), (command.Name, command.Arguments["name"].AsText()));
        await satellite.SendEventAsync(Events.FunctionUndeployed, null, "greet");
        await VerifyAsync(satellite, command.Id);
        Assert.Equal(0, await undeployed);
        Assert.Equal((2, "", "satnode-ground: no satellite has function 'greet'\n"), await TestStation.UntilAsync(
            () => ConsoleRun.OfAsync(station, "fn", "undeploy", "greet"), answer => answer.Code == 2));
        Assert.Equal((2, "", "satnode-ground: no function 'gret'; did you mean 'greet'?\n"), await ConsoleRun.OfAsync(station, "fn", "invoke", "gret"));
        Assert.Equal((1, "", "satnode-ground: no satellite has function 'greet'; deploy it first\n"), await ConsoleRun.OfAsync(station, "fn", "invoke", "greet"));
        Assert.Equal((2, "", "satnode-ground: no image 'gret' in the library; did you mean 'greet'?\n"), await ConsoleRun.OfAsync(station, "fn", "deploy", "gret", Sat));
    }

    [Fact]
    public async Task Shows_what_a_function_did_and_used()
    {
        await using TestStation station = await TestStation.StartAsync();
        await using var satellite = new TestSatellite(station);
        await satellite.GoOnlineAsync();
        await satellite.SendEventAsync(Events.FunctionDeployed, null, "ndvi", "1.0.0", "sha256:ab", 3.5);
        await TestStation.UntilAsync(() => ConsoleRun.OfAsync(station, "fn", "list"), answer => answer.Output.Contains("ndvi\t1.0.0\tsha256:ab\tnot in the library\t0\t0\t", StringComparison.Ordinal));
        await satellite.SendAsync(TelemetryStream.Profile, TwinModelTests.Profile("ndvi", 97, TimeSpan.FromMilliseconds(1), TimeSpan.FromMilliseconds(1), TimeSpan.FromMilliseconds(40)));
        (int code, string output, _) = await TestStation.UntilAsync(() => ConsoleRun.OfAsync(station, "fn", "profile", "ndvi"), answer => answer.Output.Contains(Sat, StringComparison.Ordinal));
        Assert.Equal(0, code);
        string[] lines = output.Split('\n');
        Assert.Equal("satellite\tversion\truns\tfailed\trefused\tcold/fresh/warm\tcpu p50\tcpu p99\twall p50\twall p99\tmemory\tin\tout\tenergy\tfailures\ttold", lines[0]);
        Assert.StartsWith($"{Sat}\t1.0.0\t100\t3\t0\t1/2/0\t0.861 ms\t38.968 ms\t0.861 ms\t38.968 ms\t65.5 kB\t1.5 kB\t2.5 kB\t0.25 J\tfuel=2 memory=1\t2026-06-21 12:00:00", lines[1], StringComparison.Ordinal);
        (_, output, _) = await ConsoleRun.OfAsync(station, "fn", "profile", "ndvi", Sat, "--json");
        Assert.Equal((97, 2), ((int)JsonNode.Parse(output)![0]!["profile"]!["completed"]!, (int)JsonNode.Parse(output)![0]!["profile"]!["failed"]!["fuel"]!));
        Assert.Contains("ndvi\t1.0.0\tsha256:ab\tnot in the library\t100\t3\t", (await ConsoleRun.OfAsync(station, "fn", "list")).Output, StringComparison.Ordinal);
        Assert.Equal((2, "", "satnode-ground: no function 'ndvu'; did you mean 'ndvi'?\n"), await ConsoleRun.OfAsync(station, "fn", "profile", "ndvu"));
    }

    [Fact]
    public async Task An_invocation_that_fails_ends_with_1_and_no_output()
    {
        await using TestStation station = await TestStation.StartAsync();
        await using var satellite = new TestSatellite(station);
        await satellite.GoOnlineAsync();
        var run = new ConsoleRun(station);
        Task<int> invoked = run.RunAsync("fn", "invoke", "ndvi", "--on", Sat, "--wait");
        (Telecommand command, _) = await satellite.NextCommandAsync();
        await satellite.SendVerificationAsync(command.Id, VerificationStage.Acceptance);
        await satellite.SendVerificationAsync(command.Id, VerificationStage.Completion, FailureReason.ExecutionFailed, "Trapped: unreachable");
        Assert.Equal((1, ""), (await invoked, run.Output));
        Assert.Contains("failed\texecution-failed: Trapped: unreachable", run.Errors, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("", "1: expected one ", true)]
    [InlineData("name: f\nversion: 1.0.0\nkind: command\nlimits: { memoryBytesMax: 1 }\n", "4: limits.memoryBytesMax: expected a whole number", true)]
    [InlineData("name: f\nversion: 1.0.0\nkind: command\n", "1: module: expected a file, found none at ", false)]
    public async Task Refuses_a_manifest_with_its_own_line_and_pushes_nothing(string manifest, string fault, bool withModule)
    {
        await using TestStation station = await TestStation.StartAsync();
        string folder = Directory.CreateDirectory(Path.Combine(station.Folder, "f")).FullName;
        string file = Path.Combine(folder, "function.yaml");
        await File.WriteAllTextAsync(file, manifest, TestContext.Current.CancellationToken);
        if (withModule)
            File.Copy(Path.Combine(Greet, "greet.wasm"), Path.Combine(folder, "f.wasm"));
        (int code, string output, string errors) = await ConsoleRun.OfAsync(station, "fn", "push", folder);
        Assert.Equal((2, ""), (code, output));
        Assert.Equal($"satnode-ground: {file}:{fault}", errors[..Math.Min(errors.Length, $"satnode-ground: {file}:{fault}".Length)]);
        Assert.Single(errors.TrimEnd('\n').Split('\n'));
        Assert.Empty((await station.GetAsync("api/v1/images")).AsArray());
    }

    [Fact]
    public async Task The_API_refuses_an_image_that_nobody_has_and_removes_one_that_is_there()
    {
        await using TestStation station = await TestStation.StartAsync();
        (int status, JsonNode body) = await station.PostAsync($"api/v1/satellites/{Sat}/functions", new JsonObject { ["image"] = "sha256:0123456789" });
        Assert.Equal((404, "no image 'sha256:0123456789' in the library"), (status, (string?)body["error"]));
        (status, body) = await station.PostAsync($"api/v1/satellites/{Sat}/functions", new JsonObject { ["image"] = "greet", ["manifestYaml"] = "name: greet" });
        Assert.Equal((400, "expected either image, or manifestYaml and moduleBase64, found both"), (status, (string?)body["error"]));
        (_, string output, _) = await ConsoleRun.OfAsync(station, "fn", "push", Greet, "--json");
        string digest = (string)JsonNode.Parse(output)!["digest"]!;
        Assert.Equal(digest, (string?)(await station.GetAsync("api/v1/images/greet"))["digest"]);
        Assert.Equal(System.Net.HttpStatusCode.NoContent, (await station.Http.DeleteAsync($"api/v1/images/{digest}", TestContext.Current.CancellationToken)).StatusCode);
        Assert.Equal(System.Net.HttpStatusCode.NotFound, (await station.Http.DeleteAsync($"api/v1/images/{digest}", TestContext.Current.CancellationToken)).StatusCode);
    }

    private static async Task VerifyAsync(TestSatellite satellite, string id)
    {
        foreach (VerificationStage stage in (VerificationStage[])[VerificationStage.Acceptance, VerificationStage.Start, VerificationStage.Completion])
            await satellite.SendVerificationAsync(id, stage);
    }
}
