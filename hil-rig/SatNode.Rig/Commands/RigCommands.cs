using System.CommandLine;
using System.Runtime.InteropServices;
using SatNode.Rig.Boards.Protocols;
using SatNode.Rig.Comparison;
using SatNode.Rig.Display;
using SatNode.Rig.Orbits;
using SatNode.Rig.Reports;
using SatNode.Rig.Scenarios;
using SatNode.Rig.Scenarios.Checks;
using SatNode.Rig.Scenarios.Flight;
using SatNode.Rig.World;
using Spectre.Console;

[assembly: System.Runtime.Versioning.SupportedOSPlatform("linux")] // its boards are processes, sockets and virtual machines of Linux

namespace SatNode.Rig.Commands;

/// <summary>The command line of <c>satnode-rig</c>. Exit codes: 0 every check passed, 1 a check failed, 2 bad input or environment, 130 interrupted.</summary>
public static class RigCommands
{
    /// <summary>Every check passed, or the scenario can be flown.</summary>
    public const int Passed = 0;

    /// <summary>A check failed.</summary>
    public const int Failed = 1;

    /// <summary>The request, the scenario or the machine does not allow the flight.</summary>
    public const int Wrong = 2;

    /// <summary>Ctrl-C or SIGTERM.</summary>
    public const int Interrupted = 130;

    private static readonly Argument<string> ScenarioFile = new("FILE") { Description = "The scenario, YAML." };

    /// <summary>Runs a command line.</summary>
    /// <param name="arguments">The arguments.</param>
    /// <param name="output">Where the report goes.</param>
    /// <param name="error">Where faults go, one line each.</param>
    public static async Task<int> Run(string[] arguments, TextWriter output, TextWriter error)
    {
        ArgumentNullException.ThrowIfNull(error);
        using var interruption = new Interruption();
        var root = new RootCommand("SatNode's hardware-in-the-loop rig: flies a scenario on this machine and judges it; flashes, powers and watches boards; answers questions about orbits.") { Fly(output, interruption), Check(output), SetupCommands.Create(output), ImageCommands.Create(output), BoardsCommands.Create(output, error), CloudCommands.Create(output), OrbitCommands.Create(output, error) };
        ParseResult parsed = root.Parse(arguments);
        if (parsed.Errors.Count > 0)
        {
            await error.WriteLineAsync($"satnode-rig: {parsed.Errors[0].Message.ReplaceLineEndings(" ")}");
            return Wrong;
        }
        try
        {
            return await parsed.InvokeAsync(new InvocationConfiguration { EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = null, Output = output, Error = error }, interruption.Token);
        }
        catch (ScenarioException fault)
        {
            await error.WriteLineAsync(fault.Message);
            return Wrong;
        }
        catch (Exception fault) when (fault is FlightException or OrbitException or BenchException or BoardException or IOException or UnauthorizedAccessException or HttpRequestException or WorldEndedException)
        {
            await error.WriteLineAsync($"satnode-rig: {fault.Message.ReplaceLineEndings(" ")}");
            return Wrong;
        }
        catch (OperationCanceledException) when (interruption.Token.IsCancellationRequested)
        {
            await error.WriteLineAsync("satnode-rig: interrupted; nothing is left running, no report was written");
            return Interrupted;
        }
    }

    private static Command Check(TextWriter output)
    {
        var check = new Command("check", "Reads a scenario and all that it names, and says what is wrong; or when its links can be up.") { ScenarioFile };
        check.SetAction(async (parsed, _) =>
        {
            Scenario scenario = ScenarioReader.Read(parsed.GetRequiredValue(ScenarioFile));
            await output.WriteLineAsync($"{scenario.File}: {scenario.Satellites.Count} satellites, {scenario.Links.Pairs.Count} links, {scenario.Functions.Count} functions, {scenario.Duration.TotalMinutes:0.#} minutes: can be flown");
            foreach (string line in LinkOutlook.Of(scenario))
                await output.WriteLineAsync(line);
            return Passed;
        });
        return check;
    }

    private static Command Fly(TextWriter output, Interruption interruption)
    {
        var format = new Option<string>("--format") { Description = "text, or json for the report alone on standard output.", DefaultValueFactory = _ => "text" };
        format.AcceptOnlyFromAmong("text", "json");
        var agent = new Option<string?>("--agent") { Description = "The agent: a binary, or a .dll that dotnet runs. Unless told, what was published or built." };
        var ground = new Option<string?>("--ground") { Description = "The ground station, likewise." };
        var below = new Option<string>("--out") { Description = "The folder below which the run's folder is made.", DefaultValueFactory = _ => "runs" };
        var rate = new Option<double?>("--rate") { Description = $"World seconds a machine second, 1 to 1000, instead of the scenario's; with emulated boards at most {FlightBoards.EmulatedRateMax} unless told." };
        var boards = new Option<string?>("--boards") { Description = "KIND:COUNT or KIND:NAME,NAME: satellites that get boards of a bench, such as qemu:2; the others are processes." };
        var bench = new Option<string?>("--bench") { Description = "The bench's file. Unless told, hil-rig/boards/KIND.yaml." };
        var hold = new Option<bool>("--hold") { Description = "Keeps everything flying after the programme until Ctrl-C; then the satellites come home and the report is written." };
        var policy = new Option<string?>("--policy") { Description = $"By what the agents admit invocations: {string.Join(", ", ComparisonSpec.Known)}; or all that the scenario compares, which is what it flies unless told." };
        policy.AcceptOnlyFromAmong([.. ComparisonSpec.Known, "all"]);
        var run = new Command("run", "Flies a scenario and writes its report.") { ScenarioFile, format, agent, ground, below, rate, boards, bench, hold, policy };
        run.SetAction(async (parsed, cancellation) =>
        {
            Scenario scenario = ScenarioReader.Read(parsed.GetRequiredValue(ScenarioFile));
            if (parsed.GetValue(rate) is { } told)
                scenario = told is >= 1 and <= 1000 ? scenario with { Rate = told } : throw new FlightException($"--rate: expected 1 to 1000, found {told}");
            BoardRequest request = parsed.GetValue(boards) is { } asked ? BoardRequest.Read(asked, parsed.GetValue(bench), scenario) : BoardRequest.None;
            if (parsed.GetValue(rate) is null && request.HasEmulated)
                scenario = scenario with { Rate = Math.Min(scenario.Rate, FlightBoards.EmulatedRateMax) };
            bool isJson = parsed.GetValue(format) is "json";
            var flight = new FlightRequest(scenario, request, Executable.Agent(parsed.GetValue(agent)), Executable.Ground(parsed.GetValue(ground)), parsed.GetRequiredValue(below), isJson, parsed.GetValue(hold));
            return await FlyAll(flight, parsed.GetValue(policy), output, interruption, cancellation);
        });
        return run;
    }

    /// <summary>Flies a scenario once, or under each policy that it compares.</summary>
    private static async Task<int> FlyAll(FlightRequest request, string? policy, TextWriter output, Interruption interruption, CancellationToken cancellation)
    {
        if (request.Scenario.Comparison is not { } comparison)
        {
            return policy is "all" ? throw new FlightException($"--policy: expected a policy, found 'all': {request.Scenario.File} has no 'comparison'")
                : await FlyOne(request with { Scenario = request.Scenario with { Policy = policy } }, output, interruption, cancellation);
        }
        if (request.Hold)
            throw new FlightException($"--hold: expected a scenario of one flight: {request.Scenario.File} compares policies");
        List<PolicyOutcome> outcomes = [];
        string folder = RunFolder.Prepare(request.Below, request.Scenario.Name).FullPath;
        foreach (string name in policy is null or "all" ? comparison.Policies : [policy])
        {
            (FlightRecord record, string own) = await Fly(request with { Scenario = PolicyFlights.Of(request.Scenario, name) }, interruption, cancellation);
            ReportFiles.Write(own, record, Report.Of(record));
            outcomes.Add(PolicyFlights.Measure(record));
        }
        var compared = new PolicyComparison(request.Scenario, outcomes);
        ReportFiles.Write(folder, compared);
        await output.WriteAsync(request.IsJson ? compared.ToJson() : PolicyReport.WriteShort(compared, Path.GetRelativePath(Environment.CurrentDirectory, folder)));
        await output.FlushAsync(CancellationToken.None);
        return compared.Passed ? Passed : Failed;
    }

    private static async Task<int> FlyOne(FlightRequest request, TextWriter output, Interruption interruption, CancellationToken cancellation)
    {
        (FlightRecord record, string folder) = await Fly(request, interruption, cancellation);
        var report = Report.Of(record);
        ReportFiles.Write(folder, record, report);
        await output.WriteAsync(request.IsJson ? report.ToJson() : ReportText.Write(report, Path.GetRelativePath(Environment.CurrentDirectory, folder)));
        await output.FlushAsync(CancellationToken.None);
        return report.Passed ? Passed : Failed;
    }

    private static async Task<(FlightRecord Record, string Folder)> Fly(FlightRequest request, Interruption interruption, CancellationToken cancellation)
    {
        TimeProvider machine = TimeProvider.System;
        await using var runner = new FlightRunner(request.Scenario, request.Agent, request.Ground, request.Below, request.Boards, machine) { IsHeld = request.Hold };
        interruption.TryLater = runner.ComeHome;
        DisplayKind kind = request.IsJson ? DisplayKind.Silent : Console.IsOutputRedirected ? DisplayKind.Lines : DisplayKind.Live;
        Task<FlightRecord> flight = runner.Fly(cancellation);
        string hint = request.Hold ? $"console: {ConsoleCommand(request.Ground, runner.StationConfiguration)}" : "";
        await new FlightDisplay(kind, AnsiConsole.Console, machine).Follow(() => runner.Snapshot() is { } now ? now with { Hint = hint } : null, flight);
        return (await flight, runner.Folder);
    }

    /// <summary>The line with which a second terminal reaches the flight's ground station.</summary>
    private static string ConsoleCommand(Executable ground, string configuration)
    {
        string here = Environment.CurrentDirectory;
        string program = Path.GetRelativePath(here, ground.Program);
        string native = Path.ChangeExtension(program, null);
        return $"{(ground.Prefix.Count == 0 ? program : File.Exists(native) ? native : $"dotnet {program}")} console --config {Path.GetRelativePath(here, configuration)}";
    }

    private sealed record FlightRequest(Scenario Scenario, BoardRequest Boards, Executable Agent, Executable Ground, string Below, bool IsJson, bool Hold);

    /// <summary>SIGINT and SIGTERM: cancel, unless what runs takes the signal as the wish to end well.</summary>
    private sealed class Interruption : IDisposable
    {
        private readonly CancellationTokenSource _cancellation = new();
        private readonly PosixSignalRegistration[] _signals;

        public Interruption() => _signals = [PosixSignalRegistration.Create(PosixSignal.SIGTERM, Take), PosixSignalRegistration.Create(PosixSignal.SIGINT, Take)];

        public CancellationToken Token => _cancellation.Token;

        /// <summary>True when the signal is taken care of.</summary>
        public Func<bool> TryLater { get; set; } = () => false;

        public void Dispose()
        {
            foreach (PosixSignalRegistration signal in _signals)
                signal.Dispose();
            _cancellation.Dispose();
        }

        private void Take(PosixSignalContext signal)
        {
            signal.Cancel = true;
            if (!TryLater())
                _cancellation.Cancel();
        }
    }
}
