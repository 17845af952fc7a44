namespace SatNode.Rig.Boards.Resources;

/// <summary>A board that QEMU emulates: its <c>virt</c> machine with one 64-bit ARM core.</summary>
public sealed record QemuBoardResource : BoardResource
{
    /// <inheritdoc/>
    public override string Kind => "qemu";

    /// <summary>The class of images that run here.</summary>
    public string BoardClass { get; init; } = "qemu-virt-arm64";

    /// <summary>The core, as QEMU names it.</summary>
    public string Cpu { get; init; } = "cortex-a72";

    /// <summary>Memory, MiB, 128 to 4096.</summary>
    public int MemoryMegabytes { get; init; } = 256;

    /// <summary>Each of the two image slots, MiB, 48 to 1024.</summary>
    public int SlotMegabytes { get; init; } = 64;

    /// <summary>The data disk, MiB, 16 to 1024.</summary>
    public int DataMegabytes { get; init; } = 64;

    /// <summary>Machine time that the board has to power off by itself. Default: 10 s; the agent takes up to 2 to send its outbox, at the emulated core's pace.</summary>
    public override TimeSpan ShutdownGrace { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How many times longer the emulated core takes than the one it stands for, 1 to 100: its CPU time divided by this heats the satellite.</summary>
    public double EmulationSlowdown { get; init; } = 7;
}

/// <summary>What an emulated board is connected to on the bench.</summary>
public sealed record QemuWiring
{
    /// <summary>The folder of its disks.</summary>
    public required string Folder { get; init; }

    /// <summary>A folder for sockets; its path must be short.</summary>
    public required string Sockets { get; init; }

    /// <summary>The public key whose images the board boots: what a real one has in fuses.</summary>
    public required string ImageKeyFile { get; init; }

    /// <summary>The socket on which the rig plays the board's I²C adapter; null leaves the board without sensors.</summary>
    public string? SensorSocket { get; init; }

    /// <summary>The loopback port of the time server; the board sees it at <see cref="HostAddress"/>.</summary>
    public required int TimePort { get; init; }

    /// <summary>The loopback port that leads to the port <see cref="LinkPort"/> of the board.</summary>
    public required int ListenPort { get; init; }

    /// <summary>Where the board sees the host's loopback (QEMU's user network).</summary>
    public const string HostAddress = "10.0.2.2";

    /// <summary>The port on which the agent's links arrive, on the board.</summary>
    public const int LinkPort = 4556;
}
