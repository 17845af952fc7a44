using System.Text.Json.Nodes;
using SatNode.Rig.Boards.Drivers;
using SatNode.Rig.Boards.Protocols;
using SatNode.Rig.Boards.Resources;

namespace SatNode.Rig.Boards.Mounts;

/// <summary>How a kind of board stands on the bench: where its agent finds host, sensors and files, and how its driver is made. The rest of the rig knows boards through this
/// and <see cref="IBoard"/> alone.</summary>
internal abstract class BoardMount : IAsyncDisposable
{
    /// <summary>The kind by which a bench file names it.</summary>
    public abstract string Kind { get; }

    /// <summary>The folder whose content the agent finds beside its configuration; the caller fills it before <see cref="Finish"/>.</summary>
    public abstract string DataFolder { get; }

    /// <summary>Where the agent reaches the host's loopback.</summary>
    public abstract string HostAddress { get; }

    /// <summary>The agent's <c>sensors.bus</c>.</summary>
    public abstract string SensorBus { get; }

    /// <summary>The agent's <c>network.listenAddress</c>; null is its own default.</summary>
    public abstract string? ListenAddress { get; }

    /// <summary>The agent's <c>network.listenPort</c>.</summary>
    public abstract int ListenPort { get; }

    /// <summary>How many times longer the board's core takes than the one it stands for; 1 unless it is emulated.</summary>
    public virtual double EmulationSlowdown => 1;

    /// <summary>The agent's section <c>board</c>; null when it has no board that it could know of.</summary>
    public abstract JsonObject? BoardSection();

    /// <summary>Makes a file of the host one that the agent finds.</summary>
    /// <returns>Its path as the agent's configuration names it.</returns>
    public abstract string Place(string file);

    /// <summary>Makes the driver; the board is off.</summary>
    /// <exception cref="BenchException">The bench has not what the board needs.</exception>
    /// <exception cref="BoardException">The board does not take what it is given.</exception>
    public abstract Task<IBoard> Finish(CancellationToken cancellationToken);

    /// <summary>The slots of a board that may be off; null when its kind has none.</summary>
    /// <param name="resource">The board.</param>
    /// <param name="disksFolder">Where its disks are.</param>
    public static IBoardSlots? SlotsOf(BoardResource resource, string disksFolder) => resource is QemuBoardResource qemu ? new QemuDisks(qemu, disksFolder) : null;

    /// <summary>True when a kind of board has a reset line.</summary>
    public static bool HasReset(BoardResource resource) => resource is QemuBoardResource;

    /// <summary>Takes the sensors away; the board's own driver is disposed before.</summary>
    public abstract ValueTask DisposeAsync();
}

/// <summary>What the bench gives a board, whatever its kind.</summary>
/// <param name="Sockets">A folder for sockets; its path is short.</param>
/// <param name="Sensors">The bus with its sensors.</param>
/// <param name="ListenPort">The host's loopback port on which the board's links arrive.</param>
/// <param name="Clock">The world's clock.</param>
internal sealed record MountPoint(string Sockets, Devices.I2cBus Sensors, int ListenPort, TimeProvider Clock);
