using System.Diagnostics;
using SatNode.Rig.Boards.Drivers;

namespace SatNode.Rig.Tests.Boards;

public sealed class ThreadCpuClockTests
{
    [Fact]
    public async Task A_busy_thread_of_another_process_counts_and_one_that_ended_is_unknown()
    {
        using Process busy = Process.Start("/bin/sh", ["-c", "while :; do :; done"]);
        var clock = new ThreadCpuClock(busy.Id, busy.Id);
        TimeSpan before = clock.Read() ?? TimeSpan.MinValue;

        await Eventually.Becomes(() => clock.Read() >= before + TimeSpan.FromMilliseconds(50), "50 ms of CPU time");

        busy.Kill();
        await busy.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.Null(clock.Read());
    }
}
