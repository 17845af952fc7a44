using SatNode.Rig.Boards.Protocols;
using SatNode.Rig.Boards.Qemu;

namespace SatNode.Rig.Tests.Boards;

public sealed class GuestTreeTests
{
    private static readonly string[] Dependencies =
    [
        "kernel/drivers/net/virtio_net.ko: kernel/drivers/net/net_failover.ko kernel/net/core/failover.ko",
        "kernel/drivers/net/net_failover.ko: kernel/net/core/failover.ko",
        "kernel/net/core/failover.ko:",
        "kernel/fs/squashfs/squashfs.ko:",
    ];

    [Fact]
    public void A_module_comes_after_what_it_depends_on_and_each_once() => Assert.Equal(
        ["kernel/fs/squashfs/squashfs.ko", "kernel/net/core/failover.ko", "kernel/drivers/net/net_failover.ko", "kernel/drivers/net/virtio_net.ko"],
        GuestTree.Order(Dependencies, ["squashfs", "virtio_net", "net_failover"]));

    [Fact]
    public void A_module_that_the_kernel_has_not_is_told() =>
        Assert.Equal("setup qemu: expected the kernel's module ext4, found none", Assert.Throws<BenchException>(() => GuestTree.Order(Dependencies, ["ext4"])).Message);
}
