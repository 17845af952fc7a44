using System.Globalization;
using SatNode.Protocol.Boards;
using SatNode.Rig.Boards.Protocols;
using SatNode.Rig.Boards.Qemu;
using SatNode.Rig.Boards.Resources;

namespace SatNode.Rig.Boards.Drivers;

/// <summary>The disks of an emulated board, as files: boot state, two slots, data.</summary>
/// <param name="resource">The board.</param>
/// <param name="folder">Where the files are.</param>
public sealed class QemuDisks(QemuBoardResource resource, string folder) : IBoardSlots
{
    private const long Mebi = 1L << 20;

    /// <inheritdoc/>
    public string BoardClass => resource.BoardClass;

    /// <summary>The file of the boot state.</summary>
    public string BootState => Path.Combine(folder, "boot-state.img");

    /// <summary>The file of the data disk.</summary>
    public string Data => Path.Combine(folder, "data.img");

    /// <summary>The file of a slot.</summary>
    public string Slot(BootSlot slot) => Path.Combine(folder, $"slot-{slot.Name()}.img");

    /// <summary>Makes the disks that are missing; the slots and the boot state are blank.</summary>
    /// <param name="data">The folder whose content the data disk gets.</param>
    /// <param name="cancellationToken">Ends it, with nothing half done.</param>
    /// <exception cref="BenchException">The file system cannot be made.</exception>
    public async Task Provision(string data, CancellationToken cancellationToken)
    {
        Directory.CreateDirectory(folder);
        Blank(BootState, BootStateStore.BlockBytes);
        Blank(Slot(BootSlot.A), resource.SlotMegabytes * Mebi);
        Blank(Slot(BootSlot.B), resource.SlotMegabytes * Mebi);
        if (File.Exists(Data))
            return;
        string work = Data + ".new";
        File.Delete(work);
        try
        {
            // No reserved blocks and a small journal: the disk is the agent's alone. Unused parts stay unwritten on the host.
            await HostTool.Run($"{resource.Name}: data disk", "mkfs.ext4",
                ["-q", "-F", "-m", "0", "-J", "size=4", "-d", data, work, string.Create(CultureInfo.InvariantCulture, $"{resource.DataMegabytes}m")], cancellationToken);
            File.Move(work, Data);
        }
        finally
        {
            File.Delete(work);
        }
    }

    /// <inheritdoc/>
    public SlotSession Open(BootSlot slot) => new(Open(Slot(slot)), resource.SlotMegabytes * Mebi);

    /// <inheritdoc/>
    public Stream OpenBootState() => Open(BootState);

    private FileStream Open(string path)
    {
        try
        {
            return new(path, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite, bufferSize: 0);
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            throw new BoardException($"{resource.Name}: {Path.GetFileName(path)} cannot be opened: {fault.Message}", fault);
        }
    }

    private static void Blank(string path, long bytes)
    {
        if (File.Exists(path))
            return;
        using FileStream file = new(path, FileMode.CreateNew, FileAccess.Write);
        file.SetLength(bytes);
    }
}
