using System.Runtime.InteropServices;

namespace SatNode.Rig.Boards.Qemu;

/// <summary>What an emulated board needs of Debian.</summary>
internal static class QemuPackages
{
    /// <summary>On this machine: the emulator, the tools that make file systems, and what compiles agent and boot stage for the board.</summary>
    public static readonly IReadOnlyList<string> Host =
    [
        "qemu-system-arm", "squashfs-tools", "e2fsprogs", "cpio", "kmod", "clang", "lld", "zlib1g-dev",
        .. RuntimeInformation.OSArchitecture == Architecture.Arm64 ? (ReadOnlySpan<string>)[] : ["gcc-aarch64-linux-gnu", "libc6-dev-arm64-cross"],
    ];

    /// <summary>The package that names the current kernel.</summary>
    public const string KernelOf = "linux-image-arm64";

    /// <summary>In the boot ROM, beside the kernel's modules: a shell, and the libraries that Native AOT, Wasmtime and .NET's cryptography load.</summary>
    public static readonly IReadOnlyList<string> Guest = ["busybox-static", "libc6", "libgcc-s1", "libssl3"];

    /// <summary>The drivers, in the order in which they are loaded; what they depend on goes before them.</summary>
    public static readonly IReadOnlyList<string> Modules =
    [
        "virtio_pci", "virtio_blk", "virtio_net", "squashfs", "crc32c_generic", "ext4", // disks first: the slot waits for them
        "qemu_fw_cfg", "i6300esb", "xhci-pci", "i2c-dev", "i2c-tiny-usb", "evdev", "gpio_keys",
    ];
}
