using SatNode.Rig.Boards.Resources;
using SatNode.Rig.Scenarios;

namespace SatNode.Rig.Tests.Boards;

public sealed class BenchFileTests
{
    private const string Good = """
        name: qemu
        boards:
          - name: bench-1
            resource: { kind: qemu, cpu: cortex-a53, memoryMegabytes: 512, slotMegabytes: 96 }
            drivers: { power: { shutdownGraceSeconds: 3 }, load: { emulationSlowdown: 4.5 } }
            strategy: { bootTimeoutSeconds: 30 }
          - name: process-1
            resource: { kind: process }
        """;

    [Fact]
    public void A_board_has_its_resource_and_the_options_of_its_drivers_and_strategy()
    {
        BenchFile bench = BenchFile.Parse("bench.yaml", Good);

        Assert.Equal("qemu", bench.Name);
        QemuBoardResource board = Assert.IsType<QemuBoardResource>(bench.Boards[0].Resource);
        Assert.Equal(("bench-1", "cortex-a53", 512, 96, 4.5), (board.Name, board.Cpu, board.MemoryMegabytes, board.SlotMegabytes, board.EmulationSlowdown));
        Assert.Equal(("qemu-virt-arm64", 64), (board.BoardClass, board.DataMegabytes)); // not told
        Assert.Equal(TimeSpan.FromSeconds(3), board.ShutdownGrace);
        Assert.Equal(TimeSpan.FromSeconds(30), bench.Boards[0].Strategy.BootTimeout);
        Assert.Equal(("process-1", "process"), (bench.Boards[1].Resource.Name, bench.Boards[1].Resource.Kind));
    }

    [Theory]
    [InlineData("kind: qemu", "kind: quemu", "bench.yaml:4:23: boards[0].resource.kind: expected 'qemu' or 'process', found 'quemu'; did you mean 'qemu'?")]
    [InlineData("memoryMegabytes: 512", "memoryMegabytes: 64", "bench.yaml:4:63: boards[0].resource.memoryMegabytes: expected 128 to 4096, found 64")]
    [InlineData("emulationSlowdown: 4.5", "emulationSlowdown: 0.5", "bench.yaml:5:79: boards[0].drivers.load.emulationSlowdown: expected 1 to 100, found 0.5")]
    [InlineData("emulationSlowdown", "slowdown", "bench.yaml:5:60: unknown key 'slowdown' in boards[0].drivers.load; known are emulationSlowdown")]
    [InlineData("name: process-1", "name: bench-1", "bench.yaml:7:5: boards[1]: expected each board once, found 'bench-1' twice")]
    [InlineData("name: bench-1", "name: ../bench", "bench.yaml:3:11: boards[0].name: expected 1 to 24 of a-z, 0-9 and hyphen, found '../bench'")]
    [InlineData("name: qemu\n", "", "bench.yaml:1:1: missing key 'name'")]
    public void A_fault_is_told_with_its_place(string good, string bad, string told)
    {
        ScenarioException refusal = Assert.Throws<ScenarioException>(() => BenchFile.Parse("bench.yaml", Good.Replace(good, bad, StringComparison.Ordinal)));
        Assert.Equal(told, refusal.Message);
    }
}
