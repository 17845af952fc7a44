using System.Runtime.InteropServices;
using System.Text.Json;
using System.Text.Json.Nodes;
using SatNode.Orbit;
using SatNode.Orbit.Elements;
using SatNode.Protocol.Time;
using SatNode.Rig.Boards.Drivers;
using SatNode.Rig.Boards.Mounts;
using SatNode.Rig.Boards.Protocols;
using SatNode.Rig.Boards.Qemu;
using SatNode.Rig.Boards.Resources;
using SatNode.Rig.Devices;
using SatNode.Rig.Scenarios.Flight;
using SatNode.Rig.World;

namespace SatNode.Rig.Boards.Sessions;

/// <summary>Keeps one board on between two commands: its driver, its sensors over a world of its own in real time, its clock and its console. Ends with the board, and the board with it.</summary>
/// <param name="board">The board.</param>
/// <param name="folder">Its folder, taken.</param>
/// <param name="say">Takes a line for the supervisor's log.</param>
internal sealed class BoardSupervisor(BenchBoard board, BoardFolder folder, Action<string> say)
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;
    private static readonly TimeSpan ProvisionPatience = TimeSpan.FromSeconds(60); // while another command provisions
    private static readonly TimeSpan WorldMax = TimeSpan.FromDays(3650);

    /// <summary>Makes what the board needs but an image: data disk with the agent's configuration and its keys, blank slots. Nothing happens when it has been done.</summary>
    /// <param name="bench">The bench.</param>
    /// <param name="board">The board.</param>
    /// <param name="folder">Its folder.</param>
    /// <param name="keys">The mission's keys.</param>
    /// <param name="cancellation">Ends it, with nothing half done.</param>
    /// <exception cref="BenchException">Keys are missing, or the ground station refused.</exception>
    public static async Task Provision(BenchFile bench, BenchBoard board, BoardFolder folder, string keys, CancellationToken cancellation)
    {
        if (folder.IsProvisioned)
            return;
        using (Images.ImageKeys.ReadPublic(Path.Combine(keys, Images.ImageKeys.PublicFile)))
            Directory.CreateDirectory(folder.FullPath, OwnerOnly); // the node's private key is in there, and in the image of its data disk
        using IDisposable held = await folder.Take(ProvisionPatience, TimeProvider.System, cancellation)
            ?? throw new BenchException($"{board.Resource.Name}: expected another command to have prepared it within {ProvisionPatience.TotalSeconds:0} s, it did not; try again");
        if (folder.IsProvisioned)
            return; // by another command, meanwhile
        try
        {
            await Make(bench, board, folder, keys, cancellation);
        }
        catch
        {
            folder.Clear();
            throw;
        }
    }

    private static async Task Make(BenchFile bench, BenchBoard board, BoardFolder folder, string keys, CancellationToken cancellation)
    {
        if (Directory.Exists(folder.Data))
            Directory.Delete(folder.Data, recursive: true); // left by a provision that was killed
        Directory.CreateDirectory(folder.Data);
        await GroundProcess.Enroll(Executable.Ground(null), board.Resource.Name, keys, Path.Combine(folder.Data, "keys"), TimeProvider.System, cancellation);
        await using BoardMount mount = await Mount(board.Resource, folder, new I2cBus(), timePort: 0, cancellation);
        JsonObject configuration = BenchAgent.Configuration(BenchAgent.Scenario(bench, TimeProvider.System.GetUtcNow()), board.Resource.Name, mount);
        await File.WriteAllTextAsync(Path.Combine(folder.Data, "agent.json"), configuration.ToJsonString(JsonText.Indented), cancellation);
        await using IBoard made = await mount.Finish(cancellation);
        string unfinished = folder.ImageKey + ".new";
        File.Copy(Path.Combine(keys, Images.ImageKeys.PublicFile), unfinished, overwrite: true);
        File.Move(unfinished, folder.ImageKey); // last: what has it is whole
    }

    /// <summary>Switches the board on and stays until the board is off or is asked to end; SIGQUIT takes its power away, SIGHUP pulls its reset line.</summary>
    /// <param name="on">Called once when the board has power.</param>
    /// <param name="cancellation">Asks the board to end.</param>
    /// <exception cref="BoardException">The board does not start.</exception>
    public async Task Run(Action on, CancellationToken cancellation)
    {
        var cut = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using PosixSignalRegistration quit = PosixSignalRegistration.Create(PosixSignal.SIGQUIT, signal =>
        {
            signal.Cancel = true;
            cut.TrySetResult();
        });
        var clock = new MissionClock(DateTimeOffset.UnixEpoch, DateTimeOffset.UnixEpoch, 1);
        var world = new TrueWorld(clock.GetUtcNow(), 1, []);
        SatelliteTruth truth = world.Add(board.Resource.Name, Orbit());
        var sensors = new SensorSuite(() => truth.Sensed, clock, truth.BatteryCoulombs, seed: 1);
        await using var time = new SntpServer(TimeProvider.System);
        await using BoardMount mount = await Mount(board.Resource, folder, sensors.Bus, time.Port, cancellation);
        await using IBoard driver = await mount.Finish(CancellationToken.None);
        truth.Board = driver.Load;
        await using ConsoleServer? console = driver.Terminal is { } terminal ? new(terminal, folder.ConsoleSocket) : null;
        using PosixSignalRegistration reset = PosixSignalRegistration.Create(PosixSignal.SIGHUP, signal =>
        {
            signal.Cancel = true;
            if (driver.Power.IsOn)
                _ = driver.Reset?.Pull(CancellationToken.None);
        });
        using var log = new BoundedLog(folder.ConsoleLog, driver.Console, say);
        await driver.Power.On(cancellation);
        on();
        using var stop = new CancellationTokenSource();
        Task pace = new WorldPacer(world, clock).Run(clock.GetUtcNow() + WorldMax, stop.Token);
        await Task.WhenAny(driver.Power.Ended, cut.Task, Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, cancellation));
        await (cut.Task.IsCompleted ? driver.Power.Cut(CancellationToken.None) : driver.Power.Off(CancellationToken.None));
        await stop.CancelAsync();
        await pace.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    private static async Task<BoardMount> Mount(BoardResource resource, BoardFolder folder, I2cBus sensors, int timePort, CancellationToken cancellation)
    {
        var point = new MountPoint(folder.FullPath, sensors, Ports.Free(1)[0], TimeProvider.System);
        switch (resource)
        {
            case QemuBoardResource qemu:
                QemuKit kit = await QemuKit.Prepare(QemuKit.CacheFolder, Executable.BootStage(null).Program, cancellation);
                return new QemuMount(qemu, folder.Data, folder.FullPath, kit, folder.ImageKey, timePort, point);
            case ProcessBoardResource process:
                Executable agent = Executable.Agent(null);
                return new ProcessMount(process with { Executable = agent.File, Arguments = agent.Prefix }, folder.Data, point);
            default:
                throw new BenchException($"{resource.Name}: kind {resource.Kind} has no driver");
        }
    }

    /// <summary>The orbit that the agent was told.</summary>
    private SatelliteOrbit Orbit()
    {
        using JsonDocument configuration = JsonDocument.Parse(File.ReadAllText(Path.Combine(folder.Data, "agent.json")));
        JsonElement tle = configuration.RootElement.GetProperty("orbit").GetProperty("tle");
        return new(TleParser.Parse(tle[0].GetString()!, tle[1].GetString()!));
    }
}
