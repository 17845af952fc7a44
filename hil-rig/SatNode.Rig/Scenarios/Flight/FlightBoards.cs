using System.Security.Cryptography;
using SatNode.Rig.Boards.Drivers;
using SatNode.Rig.Boards.Images;
using SatNode.Rig.Boards.Mounts;
using SatNode.Rig.Boards.Protocols;
using SatNode.Rig.Boards.Qemu;
using SatNode.Rig.Boards.Resources;
using SatNode.Rig.Boards.Strategies;

namespace SatNode.Rig.Scenarios.Flight;

/// <summary>The boards of a flight: what they need beside the agent, and how each is mounted and flashed.</summary>
internal sealed class FlightBoards : IAsyncDisposable
{
    /// <summary>The rate of a flight with emulated boards unless told: an emulated core takes about seven times as long, and at 60 the longest sample function would exceed its limit.</summary>
    public const double EmulatedRateMax = 30;

    private readonly BoardRequest _request;
    private readonly Executable _agent;
    private readonly RunFolder _folder;
    private readonly Executable? _bootStage;
    private readonly Executable? _boardAgent;
    private readonly SntpServer? _time;
    private QemuKit? _kit;

    /// <summary>Finds what the boards of a request need.</summary>
    /// <param name="request">Which satellites get a board of a bench.</param>
    /// <param name="agent">The agent of those that are processes.</param>
    /// <param name="folder">The run's folder.</param>
    /// <param name="machine">The machine's clock.</param>
    /// <exception cref="BenchException">Something is missing.</exception>
    /// <exception cref="FlightException">Something was not published.</exception>
    public FlightBoards(BoardRequest request, Executable agent, RunFolder folder, TimeProvider machine)
    {
        _request = request;
        _agent = agent;
        _folder = folder;
        if (!HasEmulated)
            return;
        QemuKit.Require(QemuKit.CacheFolder);
        _bootStage = Executable.BootStage(null);
        _boardAgent = Executable.BoardAgent(null);
        _time = new(machine);
    }

    /// <summary>True when a board is emulated: those take longer to start, and their pace is not the machine's.</summary>
    public bool HasEmulated => _request.HasEmulated;

    /// <summary>True when this satellite's board is emulated.</summary>
    public bool IsEmulated(string satellite) => _request.BySatellite.GetValueOrDefault(satellite)?.Resource is QemuBoardResource;

    /// <summary>How a satellite's board shows that it runs.</summary>
    public BoardStrategyOptions StrategyOf(string satellite) => _request.BySatellite.GetValueOrDefault(satellite)?.Strategy ?? new();

    /// <summary>Makes what the boards start from and are flashed with; the mission's keys are there.</summary>
    public async Task Prepare(CancellationToken cancellation)
    {
        if (!HasEmulated)
            return;
        _kit = await QemuKit.Prepare(QemuKit.CacheFolder, _bootStage!.Program, cancellation);
        using ECDsa key = ImageKeys.ReadPrivate(Path.Combine(_folder.Keys, ImageKeys.PrivateFile));
        string boardClass = _request.BySatellite.Values.Select(board => board.Resource).OfType<QemuBoardResource>().First().BoardClass; // boards of another class refuse it
        string version = Commands.ImageCommands.BuildVersion;
        await BoardImageBuilder.Build(new(_boardAgent!.Program, boardClass, version, BoardImageBuilder.SequenceOf(version)!.Value), key, _folder.Image, cancellation);
    }

    /// <summary>Mounts a satellite's board; its data folder has the satellite's keys.</summary>
    public BoardMount Mount(string satellite, MountPoint point)
    {
        string home = _folder.Board(satellite);
        return _request.BySatellite.GetValueOrDefault(satellite)?.Resource switch
        {
            QemuBoardResource qemu => new QemuMount(qemu with { Name = satellite }, home, _folder.Disks(satellite), _kit!, Path.Combine(_folder.Keys, ImageKeys.PublicFile), _time!.Port, point),
            ProcessBoardResource process => new ProcessMount(process with { Name = satellite, Executable = _agent.File, Arguments = _agent.Prefix }, home, point),
            _ => new ProcessMount(new() { Name = satellite, Executable = _agent.File, Arguments = _agent.Prefix }, home, point),
        };
    }

    /// <summary>Makes the driver of a mounted board whose data folder is filled, and flashes the board when it has slots.</summary>
    public async Task<IBoard> Finish(BoardMount mount, CancellationToken cancellation)
    {
        IBoard board = await mount.Finish(cancellation);
        if (board.Slots is { } slots)
        {
            using ECDsa key = ImageKeys.ReadPublic(Path.Combine(_folder.Keys, ImageKeys.PublicFile));
            await using FileStream image = File.OpenRead(_folder.Image);
            new BoardFlasher(board.Name, slots, [key]).Flash(image, board.Power.IsOn);
        }
        return board;
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _time?.DisposeAsync() ?? ValueTask.CompletedTask;
}
