using System.Text.Json.Nodes;
using SatNode.Rig.Boards.Drivers;
using SatNode.Rig.Boards.Protocols;
using SatNode.Rig.Boards.Resources;
using SatNode.Rig.Devices;

namespace SatNode.Rig.Boards.Mounts;

/// <summary>A process of this machine: it shares loopback and files with the rig, and its sensors are on a UNIX socket.</summary>
internal sealed class ProcessMount : BoardMount
{
    private readonly ProcessBoardResource _resource;
    private readonly string _socket;
    private readonly MountPoint _point;
    private readonly UnixSocketI2cAdapter _adapter;

    /// <summary>Mounts a board.</summary>
    /// <param name="resource">The board; its executable is the agent, its arguments those before the agent's own.</param>
    /// <param name="dataFolder">The agent's folder.</param>
    /// <param name="point">What the bench gives it.</param>
    public ProcessMount(ProcessBoardResource resource, string dataFolder, MountPoint point)
    {
        _resource = resource;
        _point = point;
        DataFolder = dataFolder;
        _socket = Path.Combine(point.Sockets, resource.Name);
        _adapter = new(point.Sensors, _socket);
    }

    /// <inheritdoc/>
    public override string Kind => _resource.Kind;

    /// <inheritdoc/>
    public override string DataFolder { get; }

    /// <inheritdoc/>
    public override string HostAddress => "127.0.0.1";

    /// <inheritdoc/>
    public override string SensorBus => $"unix:{_socket}";

    /// <inheritdoc/>
    public override string? ListenAddress => null;

    /// <inheritdoc/>
    public override int ListenPort => _point.ListenPort;

    /// <inheritdoc/>
    public override JsonObject? BoardSection() => null;

    /// <inheritdoc/>
    public override string Place(string file) => file;

    /// <inheritdoc/>
    public override Task<IBoard> Finish(CancellationToken cancellationToken) => Task.FromResult<IBoard>(new ProcessBoard(
        _resource with { Arguments = [.. _resource.Arguments, "--config", Path.Combine(DataFolder, "agent.json")], WorkingFolder = DataFolder }, _point.Clock));

    /// <inheritdoc/>
    public override ValueTask DisposeAsync() => _adapter.DisposeAsync();
}
