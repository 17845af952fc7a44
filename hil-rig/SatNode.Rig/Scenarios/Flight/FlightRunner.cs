using SatNode.Orbit.Elements;
using SatNode.Protocol.Time;
using SatNode.Rig.Boards.Protocols;
using SatNode.Rig.Cloud;
using SatNode.Rig.Display;
using SatNode.Rig.Scenarios.Checks;
using SatNode.Rig.World;

namespace SatNode.Rig.Scenarios.Flight;

/// <summary>Flies a scenario: keys, ground station, world, boards, commands, and home again. Whatever happens, nothing of it is left running.</summary>
/// <remarks>One runner, one flight.</remarks>
public sealed class FlightRunner : IAsyncDisposable
{
    private const string Held = "held until Ctrl-C";
    private static readonly TimeSpan Lead = TimeSpan.FromSeconds(6); // machine time in which the ground station starts, before the world does
    private static readonly TimeSpan EmulatedLead = TimeSpan.FromSeconds(20); // emulated boards boot before the world starts: a satellite is on when its watch begins
    private static readonly TimeSpan CloudLead = TimeSpan.FromSeconds(12); // likewise, for Prometheus and Polaris' controllers
    private static readonly TimeSpan Aftermath = TimeSpan.FromHours(2); // world time in which the last boards end; the world is stopped before
    private static readonly TimeSpan HoldMax = TimeSpan.FromDays(6); // world time; with the way home it fits into the seven days of the truth's history
    private static readonly TimeSpan HomecomingMax = TimeSpan.FromHours(12); // world time in which a held flight waits for its contacts
    private static readonly TimeSpan MemoryPeriod = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan ArchivePoll = TimeSpan.FromSeconds(1); // an answer is a satellite's whole archive
    private static readonly TimeSpan FarewellPatience = TimeSpan.FromSeconds(2); // on the machine's clock, from the power button to the last record
    private static readonly TimeSpan EmulatedFarewellPatience = TimeSpan.FromSeconds(5); // likewise, through an emulated board's init
    private static readonly TimeSpan ArchivePollWorld = TimeSpan.FromSeconds(30); // the world may be fast: a contact of minutes must have many tries
    private static readonly TimeSpan ArchivePatience = TimeSpan.FromSeconds(3);

    private readonly Scenario _scenario;
    private readonly Executable _agent;
    private readonly Executable _ground;
    private readonly RunFolder _folder;
    private readonly FlightBoards _boards;
    private readonly TimeProvider _machine;
    private readonly List<(CommandSpec Command, string Id, string Refusal)> _sent = [];
    private readonly TaskCompletionSource _comeHome = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private Bench? _bench;
    private GroundProcess? _station;
    private CloudBench? _cloud;
    private volatile string _phase = "preparing";

    /// <summary>Prepares the run's folder; an earlier run's report is gone from here on.</summary>
    /// <param name="scenario">What to fly.</param>
    /// <param name="agent">The agent.</param>
    /// <param name="ground">The ground station.</param>
    /// <param name="below">The folder below which the run's folder is made.</param>
    /// <param name="boards">Which satellites get a board of a bench.</param>
    /// <param name="machine">The machine's clock.</param>
    /// <exception cref="ScenarioException">A port that it asks for is in use.</exception>
    /// <exception cref="BenchException">The bench has not what the boards need.</exception>
    /// <exception cref="FlightException">The folder cannot be written, something was not published, or what the scenario's cluster needs is not there.</exception>
    public FlightRunner(Scenario scenario, Executable agent, Executable ground, string below, BoardRequest boards, TimeProvider machine)
    {
        ArgumentNullException.ThrowIfNull(scenario);
        Ports.Require(scenario);
        if (scenario.Cloud is not null)
            _ = CloudTools.Find(); // before anything is made
        _scenario = scenario;
        _agent = agent;
        _ground = ground;
        _machine = machine;
        _folder = RunFolder.Prepare(below, scenario.Name);
        _boards = new(boards, agent, _folder, machine);
    }

    /// <summary>The run's folder.</summary>
    public string Folder => _folder.FullPath;

    /// <summary>The ground station's configuration, with which its console finds it.</summary>
    public string StationConfiguration => Path.Combine(_folder.Ground, "ground.yaml");

    /// <summary>True keeps everything flying after the programme until <see cref="ComeHome"/>, for six days of the world at most.</summary>
    public bool IsHeld { get; init; }

    /// <summary>The flight now, or null before there is a world.</summary>
    public FlightSnapshot? Snapshot() => _bench is { } bench ? FlightView.Of(bench, _phase) : null;

    /// <summary>Ends a hold: the boards come home as their contacts come. False when nothing is held now.</summary>
    public bool ComeHome() => ReferenceEquals(_phase, Held) && _comeHome.TrySetResult();

    /// <summary>Flies and returns what is known afterwards. The boards are off then; the ground station runs until the runner is disposed.</summary>
    /// <exception cref="FlightException">The flight could not begin, or a part of it broke.</exception>
    public async Task<FlightRecord> Fly(CancellationToken cancellation)
    {
        long begin = _machine.GetTimestamp();
        await GroundProcess.MakeKeys(_ground, _folder, _scenario.Satellites, _machine, cancellation);
        await _boards.Prepare(cancellation);
        if (_scenario.Cloud is { } wanted)
        {
            _phase = "starting the cluster";
            _cloud = await CloudBench.Start(wanted, _folder.Cloud, _machine, cancellation);
        }

        TimeSpan lead = Lead + (_boards.HasEmulated ? EmulatedLead : TimeSpan.Zero) + (_cloud is null ? TimeSpan.Zero : CloudLead);
        var clock = new MissionClock(_scenario.Epoch, _machine.GetUtcNow() + lead, _scenario.Rate, _machine);
        Dictionary<string, Tle> orbits = _scenario.Satellites.ToDictionary(satellite => satellite.Name, satellite => SpecOrbits.ElementsOf(satellite.Orbit, _scenario.Epoch), StringComparer.Ordinal);
        await File.WriteAllTextAsync(StationConfiguration, GroundConfiguration.Of(_scenario, clock, orbits, _cloud?.BridgeKubeconfig), cancellation);
        _station = await GroundProcess.Start(_ground, StationConfiguration, clock, cancellation);
        _bench = await Bench.Build(_scenario, clock, orbits, _boards, _station.MqttPort, cancellation);
        string token = (await File.ReadAllTextAsync(Path.Combine(_folder.Keys, "api.token"), cancellation)).Trim();
        using var client = new GroundClient(_station.Http, token);
        await Deploy(client, cancellation);
        if (_cloud is not null)
        {
            _phase = "starting Prometheus and Polaris";
            await _cloud.StartControllers(_station.Http, cancellation);
        }

        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        _phase = _boards.HasEmulated ? "booting emulated boards" : "waiting for the epoch";
        DateTimeOffset prepared = clock.GetUtcNow();
        foreach (BenchSatellite satellite in _bench.Satellites.Where(satellite => satellite.IsEmulated))
            _bench.World.BeginEarly(satellite.Spec.Name, prepared); // its board is on before the epoch: what it measures must be physics already
        (DateTimeOffset turn, TimeSpan patience) = IsHeld ? (Later(_scenario.End, _scenario.Epoch + HoldMax), HomecomingMax) : (_scenario.End, _scenario.Recovery);
        Task world = new WorldPacer(_bench.World, clock, _machine).Run(turn + patience + Aftermath, stop.Token);
        Task<DateTimeOffset> emulated = BootEmulated(prepared, stop.Token);
        List<Task> running = [world, emulated];
        TimeSpan late;
        try
        {
            await Supervise(Until(clock, _scenario.Epoch, cancellation), world, _station.Ended, FaultOf(emulated));
            Task commands = SendCommands(client, clock, stop.Token);
            Task requests = SendRequests(client, clock, stop.Token);
            running.AddRange([commands, requests, SampleMemory(stop.Token)]);
            await Supervise(BootProcesses(cancellation), world);
            await Supervise(emulated, world);
            late = clock.ToMachine(await emulated - _scenario.Epoch);
            if (_cloud is not null)
                await _cloud.Apply(cancellation);
            _phase = "flying";
            await Supervise(Until(clock, _scenario.End, cancellation), world, commands, requests, _station.Ended);
            if (IsHeld)
            {
                _phase = Held;
                await Supervise(Task.WhenAny(_comeHome.Task, Until(clock, turn, stop.Token)), world, _station.Ended);
                turn = clock.GetUtcNow();
            }
            Task home = BringHome(client, clock, turn + patience, stop.Token);
            running.Add(home);
            await Supervise(home, world, _station.Ended);
        }
        finally
        {
            await stop.CancelAsync();
            await Task.WhenAll(running).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
        _bench.World.Advance(clock.GetUtcNow() + TrueWorld.Step); // what was measured within the world's last step is judged too

        _phase = "collecting";
        await AwaitArchive(client, cancellation);
        FlightRecord record = await FlightRecorder.Collect(_bench, client, _sent, cancellation);
        CloudRecord? steered = _cloud is null ? null : await _cloud.Collect(client, _scenario.Satellites.Select(satellite => satellite.Name), clock, cancellation);
        _phase = "done";
        return record with { Cloud = steered, Machine = new(_agent.Bytes, _machine.GetElapsedTime(begin).TotalSeconds, Math.Max(0, late.TotalSeconds)) };
    }

    /// <summary>Ends everything that still runs: boards lose power, the ground station is asked to end and killed when it does not; the API server ends after its clients.</summary>
    public async ValueTask DisposeAsync()
    {
        Task boards = _bench?.DisposeAsync().AsTask() ?? Task.CompletedTask;
        if (_cloud is not null)
            await _cloud.StopControllers();
        if (_station is { } station)
        {
            using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(1.2), _machine);
            await station.Stop(patience.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            await station.DisposeAsync();
            station.WriteLog(Path.Combine(_folder.Ground, "console.log"));
        }
        if (_cloud is not null)
            await _cloud.DisposeAsync();
        await boards;
        await _boards.DisposeAsync();
        foreach (BenchSatellite satellite in _bench?.Satellites ?? [])
            await File.WriteAllLinesAsync(Path.Combine(_folder.Board(satellite.Spec.Name), "console.log"), satellite.Board.Console.Lines.Select(line => line.Text), CancellationToken.None);
    }

    /// <summary>Queues the functions and the workflow; the ground station releases them as the satellites come into contact.</summary>
    private async Task Deploy(GroundClient client, CancellationToken cancellation)
    {
        _phase = "queueing deployments";
        foreach (FunctionSpec function in _scenario.Functions)
        {
            foreach (string satellite in function.On)
                await client.Deploy(function, satellite, cancellation);
        }
        foreach (FunctionSpec image in _scenario.Cloud?.Images ?? [])
            await client.PushImage(image, cancellation);
        foreach (SatelliteSpec satellite in _scenario.Workflow is null ? [] : _scenario.Satellites)
            await client.Deploy(_scenario.Workflow!, satellite.Name, cancellation);
    }

    /// <summary>Boots the emulated boards beside each other.</summary>
    /// <returns>The world's time when everything that must be ready at the epoch was: the preparations, and these boards.</returns>
    private async Task<DateTimeOffset> BootEmulated(DateTimeOffset prepared, CancellationToken cancellation)
    {
        BenchSatellite[] emulated = [.. _bench!.Satellites.Where(satellite => satellite.IsEmulated)];
        await Task.WhenAll(emulated.Select(satellite => Boot(satellite, cancellation)));
        return emulated.Length == 0 ? prepared : _bench.Clock.GetUtcNow();
    }

    private async Task BootProcesses(CancellationToken cancellation)
    {
        // One after the other, as a bench does that spares its supply: each board has the machine for itself while it boots.
        foreach (BenchSatellite satellite in _bench!.Satellites.Where(satellite => !satellite.IsEmulated))
        {
            _phase = $"powering {satellite.Spec.Name}";
            await Boot(satellite, cancellation);
        }
    }

    private async Task Boot(BenchSatellite satellite, CancellationToken cancellation)
    {
        satellite.PoweredAt = _bench!.Clock.GetUtcNow();
        await satellite.Strategy.Boot(cancellation);
    }

    /// <summary>Never ends unless a task fails.</summary>
    private static async Task FaultOf(Task task)
    {
        await task;
        await new TaskCompletionSource().Task;
    }

    private async Task SendCommands(GroundClient client, MissionClock clock, CancellationToken cancellation)
    {
        foreach (CommandSpec command in _scenario.Commands)
        {
            await Until(clock, _scenario.Epoch + command.At, cancellation);
            try
            {
                _sent.Add((command, await client.Send(command, cancellation), ""));
            }
            catch (FlightException refusal)
            {
                _sent.Add((command, "", refusal.Message));
            }
        }
        await Task.Delay(Timeout.InfiniteTimeSpan, _machine, cancellation); // its end would end the flight
    }

    /// <summary>Sends the scenario's requests; faults when a part of the cluster was given up, and else ends when it is told to.</summary>
    private async Task SendRequests(GroundClient client, MissionClock clock, CancellationToken cancellation)
    {
        if (_cloud is { } cloud)
            await await Task.WhenAny(cloud.Kept, cloud.SendRequests(client, _scenario.Epoch, clock, cancellation));
        else
            await Task.Delay(Timeout.InfiniteTimeSpan, _machine, cancellation);
    }

    private async Task SampleMemory(CancellationToken cancellation)
    {
        using var timer = new PeriodicTimer(MemoryPeriod, _machine);
        while (await timer.WaitForNextTickAsync(cancellation))
        {
            foreach (BenchSatellite satellite in _bench!.Satellites)
                satellite.Board.Memory?.SampleMemory();
        }
    }

    /// <summary>Brings every satellite home, each by itself: the farewell of one must not take the end of another's contact.</summary>
    private async Task BringHome(GroundClient client, MissionClock clock, DateTimeOffset until, CancellationToken cancellation)
    {
        string last = IsHeld ? $", the last at {_bench!.LastToContact(clock.GetUtcNow(), until):HH:mm} UTC" : "";
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        List<Task> away = [.. _bench!.Satellites.Select(satellite => BringHome(satellite, client, clock, until, stop.Token))];
        try
        {
            while (away.Count > 0)
            {
                _phase = $"home as contacts come: {away.Count} of {_bench.Satellites.Count} still out{last}";
                Task home = await Task.WhenAny(away);
                await home;
                away.Remove(home);
            }
            _phase = "home";
        }
        finally
        {
            await stop.CancelAsync();
            await Task.WhenAll(away).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <summary>Asks a board to end while all that it said is down and its contact lasts as long as its farewell may take, so that its last events come down too;
    /// one without such a contact in time ends without.</summary>
    private async Task BringHome(BenchSatellite satellite, GroundClient client, MissionClock clock, DateTimeOffset until, CancellationToken cancellation)
    {
        TimeSpan world = clock.ToMachine(ArchivePollWorld), period = world < ArchivePoll ? world : ArchivePoll;
        TimeSpan farewell = (satellite.IsEmulated ? EmulatedFarewellPatience : FarewellPatience) * clock.Rate;
        while (clock.GetUtcNow() is var now && now < until && satellite.Board.Power.IsOn)
        {
            bool mayEnd = satellite.Events.IsInContact && _bench!.IsInContactThrough(satellite, now, now + farewell);
            if (mayEnd && await IsArchived(client, satellite, cancellation))
                break;
            await Task.Delay(mayEnd ? period : Poll, _machine, cancellation);
        }
        await satellite.Strategy.Shutdown(cancellation);
        satellite.Events.PowerLost();
    }

    /// <summary>Waits until the archive has what the agents said, or shows that it will not.</summary>
    private async Task AwaitArchive(GroundClient client, CancellationToken cancellation)
    {
        long begin = _machine.GetTimestamp();
        foreach (BenchSatellite satellite in _bench!.Satellites)
        {
            while (_machine.GetElapsedTime(begin) < ArchivePatience && !await IsArchived(client, satellite, cancellation))
                await Task.Delay(Poll, _machine, cancellation);
        }
    }

    private static async Task<bool> IsArchived(GroundClient client, BenchSatellite satellite, CancellationToken cancellation) =>
        (await client.Events(satellite.Spec.Name, cancellation)).Count >= satellite.Events.Count;

    private static DateTimeOffset Later(DateTimeOffset one, DateTimeOffset other) => one > other ? one : other;

    private Task Until(MissionClock clock, DateTimeOffset time, CancellationToken cancellation) =>
        time - clock.GetUtcNow() is { Ticks: > 0 } wait ? Task.Delay(clock.ToMachine(wait), _machine, cancellation) : Task.CompletedTask;

    /// <summary>Waits for a step of the flight; what must live meanwhile and ends, ends the flight.</summary>
    private async Task Supervise(Task step, params Task[] needed)
    {
        Task first = await Task.WhenAny([step, .. needed]);
        if (first != step && !step.IsCompleted)
        {
            await first; // its own fault, when it has one
            throw new FlightException(first == _station!.Ended
                ? $"the ground station ended during the flight; its words are in {Path.Combine(_folder.Ground, "console.log")}"
                : "the world ended before the flight did");
        }
        await step;
    }
}
