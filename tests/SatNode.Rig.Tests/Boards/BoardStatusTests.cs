using SatNode.Protocol.Boards;
using SatNode.Rig.Boards.Sessions;

namespace SatNode.Rig.Tests.Boards;

public sealed class BoardStatusTests
{
    private const string Started = "EVENT 3 1 2026-11-25T23:08:07.956Z informative agent.started version=0.1.0 reset_reason=watchdog start_ms=1480";

    [Fact]
    public void The_last_start_counts()
    {
        (BootSlot? running, string? reason, string? last) = BoardStatus.ReadConsole(
            ["INIT satnode boot ROM, up 1.5 s", "BOOT slot=b version=0.2.0 trial=no", Started.Replace("watchdog", "power-on", StringComparison.Ordinal), "BOOT slot=a version=0.1.0 trial=no", Started, ""]);

        Assert.Equal((BootSlot.A, "watchdog", Started), (running, reason, last));
    }

    [Fact]
    public void A_board_that_boots_again_has_not_started_yet()
    {
        (BootSlot? running, string? reason, _) = BoardStatus.ReadConsole(["BOOT slot=a version=0.1.0 trial=no", Started, "BOOT slot=b version=0.2.0 trial=yes boots-left=2"]);
        Assert.Equal((BootSlot.B, null), (running, reason));
    }

    [Fact]
    public void A_board_that_said_nothing_is_unknown() => Assert.Equal((null, null, null), BoardStatus.ReadConsole([]));

    [Fact]
    public void The_words_name_what_runs_what_is_confirmed_and_what_is_on_trial()
    {
        BoardImageManifest manifest = new() { BoardClass = "qemu-virt-arm64", Version = "1.4.0", Sequence = 1, SizeBytes = 19_251_200, Digest = new byte[32] };
        var status = new BoardStatus("bench-1", "qemu", 4711, new(BootSlot.A, new(BootSlot.B, 2), null), [new(BootSlot.A, manifest, null), new(BootSlot.B, null, "slot: damaged")], BootSlot.A, "power-on", Started);
        Assert.Equal(
            ["bench-1  qemu  on (supervisor 4711)", "  slot a  1.4.0  sha256 0000000000000000…  19.3 MB  runs, confirmed", "  slot b  slot: damaged  on trial, 2 boots left", "  started by  power-on", $"  last line  {Started}"],
            status.Lines());
        Assert.Equal("""{"slot":"b","bootsLeft":2}""", status.ToJson()["trial"]!.ToJsonString());
    }
}
