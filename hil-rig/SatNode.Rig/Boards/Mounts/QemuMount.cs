using System.Text.Json.Nodes;
using SatNode.Rig.Boards.Drivers;
using SatNode.Rig.Boards.Protocols;
using SatNode.Rig.Boards.Qemu;
using SatNode.Rig.Boards.Resources;
using SatNode.Rig.Devices.Usb;

namespace SatNode.Rig.Boards.Mounts;

/// <summary>An emulated board: its disks are files, it sees the host's loopback through QEMU's user network, and the rig plays the USB adapter of its sensors.</summary>
internal sealed class QemuMount : BoardMount
{
    private const int WatchdogSeconds = 20;
    private const int HealthCheckSeconds = 10;

    private readonly QemuBoardResource _resource;
    private readonly QemuKit _kit;
    private readonly QemuDisks _disks;
    private readonly string _disksFolder;
    private readonly string _imageKey;
    private readonly string _sensors;
    private readonly int _timePort;
    private readonly MountPoint _point;
    private readonly UsbRedirI2cAdapter _adapter;

    /// <summary>Mounts a board.</summary>
    /// <param name="resource">The board.</param>
    /// <param name="dataFolder">What goes onto its data disk.</param>
    /// <param name="disksFolder">Where its disks are, or will be.</param>
    /// <param name="kit">What it starts from.</param>
    /// <param name="imageKey">The public key whose images it boots.</param>
    /// <param name="timePort">The port of the time server.</param>
    /// <param name="point">What the bench gives it.</param>
    public QemuMount(QemuBoardResource resource, string dataFolder, string disksFolder, QemuKit kit, string imageKey, int timePort, MountPoint point)
    {
        _resource = resource;
        _kit = kit;
        _disks = new(resource, disksFolder);
        _disksFolder = disksFolder;
        _imageKey = imageKey;
        _timePort = timePort;
        _point = point;
        DataFolder = dataFolder;
        _sensors = Path.Combine(point.Sockets, $"{resource.Name}.usb");
        _adapter = new(point.Sensors, _sensors);
    }

    /// <inheritdoc/>
    public override string Kind => _resource.Kind;

    /// <inheritdoc/>
    public override string DataFolder { get; }

    /// <inheritdoc/>
    public override string HostAddress => QemuWiring.HostAddress;

    /// <inheritdoc/>
    public override string SensorBus => "linux:0";

    /// <inheritdoc/>
    public override string? ListenAddress => "0.0.0.0";

    /// <inheritdoc/>
    public override int ListenPort => QemuWiring.LinkPort;

    /// <inheritdoc/>
    public override double EmulationSlowdown => _resource.EmulationSlowdown;

    /// <inheritdoc/>
    public override JsonObject? BoardSection() => new()
    {
        ["watchdog"] = "/dev/watchdog",
        ["watchdogTimeoutSeconds"] = WatchdogSeconds,
        ["bootState"] = "/dev/boot-state",
        ["healthCheckSeconds"] = HealthCheckSeconds,
    };

    /// <inheritdoc/>
    public override string Place(string file)
    {
        string folder = Directory.CreateDirectory(Path.Combine(DataFolder, "payload")).FullName;
        File.Copy(file, Path.Combine(folder, Path.GetFileName(file)), overwrite: true);
        return $"payload/{Path.GetFileName(file)}";
    }

    /// <inheritdoc/>
    public override async Task<IBoard> Finish(CancellationToken cancellationToken)
    {
        await _disks.Provision(DataFolder, cancellationToken);
        var wiring = new QemuWiring
        {
            Folder = _disksFolder,
            Sockets = _point.Sockets,
            ImageKeyFile = _imageKey,
            SensorSocket = _sensors,
            TimePort = _timePort,
            ListenPort = _point.ListenPort,
        };
        return new QemuBoard(_resource, wiring, _kit, _point.Clock);
    }

    /// <inheritdoc/>
    public override ValueTask DisposeAsync() => _adapter.DisposeAsync();
}
