using System.Text.RegularExpressions;
using SatNode.Rig.Boards.Drivers;
using SatNode.Rig.Boards.Protocols;
using SatNode.Rig.Boards.Resources;

namespace SatNode.Rig.Scenarios.Flight;

/// <summary>The ground station's process: makes keys, serves, and never outlives the rig.</summary>
internal sealed partial class GroundProcess : IAsyncDisposable
{
    private static readonly TimeSpan ReadyTimeout = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan KeyTimeout = TimeSpan.FromSeconds(30);

    private readonly ProcessBoard _process;

    private GroundProcess(ProcessBoard process, Uri http, int mqttPort)
    {
        _process = process;
        Http = http;
        MqttPort = mqttPort;
    }

    /// <summary>Where the API listens.</summary>
    public Uri Http { get; }

    /// <summary>The broker's port.</summary>
    public int MqttPort { get; }

    /// <summary>Ends with the process.</summary>
    public Task<BoardExit> Ended => _process.Ended;

    /// <summary>Makes the mission's keys and those of each satellite.</summary>
    /// <exception cref="FlightException">The ground station refused.</exception>
    public static async Task MakeKeys(Executable ground, RunFolder folder, IReadOnlyList<SatelliteSpec> satellites, TimeProvider clock, CancellationToken cancellation)
    {
        await RunToEnd(ground, ["keys", "new", "--out", folder.Keys], clock, cancellation);
        await Parallel.ForEachAsync(satellites, new ParallelOptions { MaxDegreeOfParallelism = Environment.ProcessorCount, CancellationToken = cancellation },
            async (satellite, token) => await Enroll(ground, satellite.Name, folder.Keys, Path.Combine(folder.Board(satellite.Name), "keys"), clock, token));
    }

    /// <summary>Issues the keys of one node from a mission's.</summary>
    /// <exception cref="FlightException">The ground station refused.</exception>
    public static Task Enroll(Executable ground, string node, string keys, string into, TimeProvider clock, CancellationToken cancellation) =>
        RunToEnd(ground, ["keys", "enroll", node, "--keys", keys, "--out", into], clock, cancellation);

    /// <summary>Starts the station and waits until it is ready.</summary>
    /// <exception cref="FlightException">It did not become ready; the text is its own.</exception>
    public static async Task<GroundProcess> Start(Executable ground, string configuration, TimeProvider clock, CancellationToken cancellation)
    {
        var process = new ProcessBoard(Resource(ground, ["serve", "--config", configuration]), clock);
        try
        {
            Task<ConsoleLine> ready = process.Console.Expect(line => !line.IsError && Ready().IsMatch(line.Text), 0, ReadyTimeout, cancellation);
            await process.On(cancellation);
            if (await Task.WhenAny(ready, process.Ended) != ready)
                throw new FlightException(LastWords(process, "satnode-ground ended before it was ready"));
            Match match = Ready().Match((await ready).Text);
            string mqtt = match.Groups["mqtt"].Value;
            return new(process, new(match.Groups["http"].Value), int.Parse(mqtt.AsSpan(mqtt.LastIndexOf(':') + 1), System.Globalization.CultureInfo.InvariantCulture));
        }
        catch (Exception fault)
        {
            await process.DisposeAsync();
            throw fault is TimeoutException or BoardException ? new FlightException(LastWords(process, fault.Message), fault) : fault;
        }
    }

    /// <summary>Asks the station to end, and waits.</summary>
    public Task Stop(CancellationToken cancellation) => _process.Off(cancellation);

    /// <summary>Writes what the station said into a file.</summary>
    public void WriteLog(string path) => File.WriteAllLines(path, _process.Console.Lines.Select(line => line.Text));

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _process.DisposeAsync();

    private static async Task RunToEnd(Executable ground, string[] arguments, TimeProvider clock, CancellationToken cancellation)
    {
        await using var process = new ProcessBoard(Resource(ground, arguments), clock);
        try
        {
            await process.On(cancellation);
            BoardExit exit = await process.Ended.WaitAsync(KeyTimeout, TimeProvider.System, cancellation);
            if (exit.ExitCode != 0)
                throw new FlightException(LastWords(process, $"satnode-ground {arguments[0]} {arguments[1]} ended with exit code {exit.ExitCode}"));
        }
        catch (Exception fault) when (fault is TimeoutException or BoardException)
        {
            throw new FlightException(LastWords(process, $"satnode-ground {arguments[0]} {arguments[1]}: {fault.Message}"), fault);
        }
    }

    private static ProcessBoardResource Resource(Executable ground, string[] arguments) =>
        new() { Name = "ground", Executable = ground.File, Arguments = [.. ground.Prefix, .. arguments] };

    /// <summary>The process' last words on standard error, which name the fault, or what is known without them.</summary>
    private static string LastWords(ProcessBoard process, string otherwise) => process.Console.Lines.LastOrDefault(line => line.IsError && line.Text.Length > 0) is { Text.Length: > 0 } last ? last.Text : otherwise;

    [GeneratedRegex("^ready http=(?<http>\\S+) mqtt=(?<mqtt>\\S+)$", RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Ready();
}
