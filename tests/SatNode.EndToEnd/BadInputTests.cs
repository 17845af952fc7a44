using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace SatNode.EndToEnd;

/// <summary>What a user gets for bad input: one clear line, exit code 2, nothing left running and no report.</summary>
[Collection("flights")]
public sealed class BadInputTests : IDisposable
{
    private const string Brief = "tests/SatNode.EndToEnd/scenarios/brief.yaml";

    private readonly string _folder = Directory.CreateTempSubdirectory("satnode-e2e-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData("seed: 7", "sed: 7", "unknown key 'sed'")]
    [InlineData("rate: 60", "rate: fast", "rate")]
    [InlineData("greet/function.yaml", "nowhere/function.yaml", "nowhere/function.yaml")]
    [InlineData("p21-s06 }\n", "p21-s99 }\n", "constellation.satellites")]
    public async Task A_faulty_scenario_is_told_with_its_line(string good, string bad, string told)
    {
        string scenario = Copy(good, bad);
        int line = (await File.ReadAllLinesAsync(scenario)).Select((text, i) => (text, i)).First(pair => pair.text.Contains(bad.Trim(), StringComparison.Ordinal)).i + 1;
        await Refused(scenario, told, string.Create(CultureInfo.InvariantCulture, $"{Path.GetFileName(scenario)}:{line}:"));
    }

    [Fact]
    public async Task A_function_that_is_not_wasm_is_told_before_anything_starts()
    {
        string function = Path.Combine(_folder, "greet");
        Directory.CreateDirectory(function);
        File.Copy(Repository.PathOf("firmware", "functions", "greet", "function.yaml"), Path.Combine(function, "function.yaml"));
        await File.WriteAllTextAsync(Path.Combine(function, "greet.wasm"), "this is not a module");
        await Refused(Copy(Repository.PathOf("firmware", "functions", "greet", "function.yaml"), Path.Combine(function, "function.yaml")), "greet.wasm");
    }

    [Fact]
    public async Task A_malformed_element_set_is_told_with_its_line()
    {
        string elements = Path.Combine(_folder, "shell.tle");
        await File.WriteAllTextAsync(elements, "SAT\n1 00001U 24001A   26227.83333333  .00000000  00000-0  00000-0 0  9990\n2 00001  abc.0000   0.0000 0001000   0.0000   0.0000 15.05000000    10\n");
        string text = await File.ReadAllTextAsync(Repository.PathOf(Brief.Split('/')));
        int from = text.IndexOf("  shell:", StringComparison.Ordinal);
        int to = text.IndexOf("links:", StringComparison.Ordinal);
        string scenario = Path.Combine(_folder, "brief.yaml");
        await File.WriteAllTextAsync(scenario, Absolute(string.Concat(text.AsSpan(0, from), $"  tle: {elements}\n  satellites:\n    - {{ name: sat-1, catalogNumber: 1 }}\n\n", text.AsSpan(to))));
        string runs = Path.Combine(_folder, "runs");
        using RigProcess rig = RigProcess.Start(scenario, runs);
        Assert.Equal(2, await rig.Ended(TimeSpan.FromMinutes(1)));
        Assert.Contains($"{elements}:2:", rig.Errors, StringComparison.Ordinal);
        Assert.Empty(RigProcess.ProcessesOf(_folder));
    }

    [Fact]
    public async Task A_port_in_use_is_told()
    {
        using var taken = new TcpListener(IPAddress.Loopback, 0);
        taken.Start();
        int port = ((IPEndPoint)taken.LocalEndpoint).Port;
        await Refused(Copy("checks:", string.Create(CultureInfo.InvariantCulture, $"ground: {{ httpPort: {port} }}\n\nchecks:")), port.ToString(CultureInfo.InvariantCulture));
    }

    [Fact]
    public async Task An_agent_without_a_usable_configuration_says_why()
    {
        string file = Path.Combine(_folder, "agent.json");
        await File.WriteAllTextAsync(file, """{ "node": "p10-s03", "speed": 3 }""");
        var start = new ProcessStartInfo(Repository.Agent, ["--config", file]) { UseShellExecute = false, RedirectStandardError = true, RedirectStandardOutput = true };
        using Process agent = Process.Start(start)!;
        string errors = await agent.StandardError.ReadToEndAsync();
        await agent.WaitForExitAsync();
        Assert.Equal(2, agent.ExitCode);
        Assert.StartsWith($"{file}:1:", errors, StringComparison.Ordinal);
        Assert.Contains("speed", errors, StringComparison.Ordinal);
    }

    private async Task Refused(string scenario, params string[] told)
    {
        string runs = Path.Combine(_folder, "runs");
        using RigProcess rig = RigProcess.Start(scenario, runs);
        Assert.Equal(2, await rig.Ended(TimeSpan.FromMinutes(1)));
        string line = Assert.Single(rig.Errors.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries));
        Assert.All(told, part => Assert.Contains(part, line, StringComparison.Ordinal));
        Assert.False(Directory.Exists(runs) && Directory.EnumerateFiles(runs, "report.*", SearchOption.AllDirectories).Any());
        await RigProcess.NothingIsLeftOf(_folder);
    }

    private string Copy(string good, string bad)
    {
        string text = Absolute(File.ReadAllText(Repository.PathOf(Brief.Split('/'))));
        Assert.Contains(good, text, StringComparison.Ordinal);
        int at = text.IndexOf(good, StringComparison.Ordinal);
        string scenario = Path.Combine(_folder, "brief.yaml");
        File.WriteAllText(scenario, string.Concat(text.AsSpan(0, at), bad, text.AsSpan(at + good.Length)));
        return scenario;
    }

    private static string Absolute(string text) => text.Replace("../../../", Repository.Root + "/", StringComparison.Ordinal);
}
