using System.ComponentModel;
using System.Diagnostics;
using SatNode.Rig.World;

namespace SatNode.Rig.Tests.World;

public sealed class ProcessCpuClockTests
{
    [Fact]
    public void Counts_the_work_of_all_threads()
    {
        var clock = new ProcessCpuClock(Environment.ProcessId);
        TimeSpan before = clock.Read()!.Value;
        long burnt = Burn(TimeSpan.FromMilliseconds(50));
        TimeSpan used = clock.Read()!.Value - before;

        Assert.True(burnt > 0);
        Assert.True(used >= TimeSpan.FromMilliseconds(5), $"used {used}");
        Assert.InRange(clock.Read()!.Value, Process.GetCurrentProcess().TotalProcessorTime - TimeSpan.FromSeconds(1), TimeSpan.MaxValue);
    }

    [Fact]
    public async Task Knows_an_ended_process_from_a_missing_one()
    {
        using var process = Process.Start(new ProcessStartInfo("cat") { RedirectStandardInput = true })!;
        var clock = new ProcessCpuClock(process.Id);
        Assert.NotNull(clock.Read());
        process.Kill();
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);

        Assert.Null(clock.Read());
        Assert.Throws<Win32Exception>(() => new ProcessCpuClock(process.Id));
    }

    private static long Burn(TimeSpan cpu)
    {
        TimeSpan start = Process.GetCurrentProcess().TotalProcessorTime;
        long count = 0;
        while (Process.GetCurrentProcess().TotalProcessorTime - start < cpu)
            count++;
        return count;
    }
}
