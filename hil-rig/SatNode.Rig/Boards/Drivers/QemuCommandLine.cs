using System.Globalization;
using SatNode.Protocol.Boards;
using SatNode.Rig.Boards.Qemu;
using SatNode.Rig.Boards.Resources;

namespace SatNode.Rig.Boards.Drivers;

/// <summary>How QEMU is told what the board is. Sources: QEMU's invocation manual; docs/system/arm/virt.</summary>
internal static class QemuCommandLine
{
    public const string Program = "qemu-system-aarch64";

    /// <summary>Without page tables of the kernel's own and without what guards it against its programs an emulated core does the agent's loop in half the time: docs/boards.md.</summary>
    private const string CheaperToEmulate = "nokaslr mitigations=off init_on_alloc=0 cryptomgr.notests";

    /// <summary>The arguments of a board.</summary>
    public static IReadOnlyList<string> Of(QemuBoardResource resource, QemuWiring wiring, QemuKit kit, QemuDisks disks, string monitor, string terminal)
    {
        List<string> arguments =
        [
            "-nodefaults", "-no-user-config", "-display", "none",
            "-name", resource.Name,
            "-machine", "virt", "-cpu", resource.Cpu, "-smp", "1", "-m", Text($"{resource.MemoryMegabytes}M"),
            "-kernel", kit.Kernel, "-initrd", kit.Rom,
            "-append", Text($"console=ttyAMA0 quiet panic=1 {CheaperToEmulate} satnode.class={resource.BoardClass} satnode.time={QemuWiring.HostAddress}:{wiring.TimePort}"),
            "-fw_cfg", $"name=opt/satnode/image.pub,file={Escape(wiring.ImageKeyFile)}",
            "-chardev", $"socket,id=monitor,path={Escape(monitor)}", "-mon", "chardev=monitor,mode=control",
            "-chardev", $"socket,id=terminal,path={Escape(terminal)}", "-serial", "chardev:terminal",
            "-netdev", Text($"user,id=network,hostfwd=tcp:127.0.0.1:{wiring.ListenPort}-:{QemuWiring.LinkPort}"),
            "-device", "virtio-net-pci,netdev=network,romfile=",
            "-device", "i6300esb", "-action", "watchdog=reset",
            .. Disk("boot-state", disks.BootState), .. Disk("slot-a", disks.Slot(BootSlot.A)), .. Disk("slot-b", disks.Slot(BootSlot.B)), .. Disk("data", disks.Data),
        ];
        if (wiring.SensorSocket is { } sensors)
            arguments.AddRange("-device", "qemu-xhci", "-chardev", $"socket,id=sensors,path={Escape(sensors)}", "-device", "usb-redir,chardev=sensors");
        return arguments;
    }

    private static string[] Disk(string serial, string file) =>
        ["-drive", $"if=none,id={serial},format=raw,file={Escape(file)}", "-device", $"virtio-blk-pci,drive={serial},serial={serial}"];

    /// <summary>A comma in a value is doubled.</summary>
    private static string Escape(string value) => value.Replace(",", ",,", StringComparison.Ordinal);

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
