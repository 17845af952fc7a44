using System.Diagnostics;
using SatNode.Agent.Composition;

namespace SatNode.Agent.Tests.Composition;

/// <summary>What the kernel says, beside what the runtime says.</summary>
public sealed class ProcessFactsTests
{
    [Fact]
    public void Time_since_exec_agrees_with_the_runtime_and_goes_on()
    {
        using var self = Process.GetCurrentProcess();
        double before = (DateTime.Now - self.StartTime).TotalMilliseconds;
        long found = ProcessFacts.MillisecondsSinceExec();
        double after = (DateTime.Now - self.StartTime).TotalMilliseconds;
        Assert.InRange(found, before - 100, after + 100); // the kernel counts in 10 ms
        Assert.InRange(found, 1, (long)TimeSpan.FromHours(1).TotalMilliseconds);
        SpinWait.SpinUntil(() => ProcessFacts.MillisecondsSinceExec() > found + 20, TimeSpan.FromSeconds(10));
        Assert.True(ProcessFacts.MillisecondsSinceExec() > found + 20);
    }

    [Fact]
    public void Resident_memory_grows_with_what_is_touched()
    {
        long before = ProcessFacts.ResidentBytes();
        Assert.InRange(before, 10_000_000, 4_000_000_000);
        byte[] touched = GC.AllocateUninitializedArray<byte>(64 * 1024 * 1024);
        touched.AsSpan().Fill(1);
        Assert.True(ProcessFacts.ResidentBytes() > before + (32 * 1024 * 1024), "64 MiB more were touched");
        GC.KeepAlive(touched);
    }

    [Fact]
    public void Cpu_time_is_what_was_computed()
    {
        TimeSpan before = ProcessFacts.CpuTime();
        long start = Stopwatch.GetTimestamp();
        SpinWait.SpinUntil(() => ProcessFacts.CpuTime() - before > TimeSpan.FromMilliseconds(50), TimeSpan.FromSeconds(30));
        TimeSpan used = ProcessFacts.CpuTime() - before;
        Assert.InRange(used, TimeSpan.FromMilliseconds(50), (Stopwatch.GetElapsedTime(start) * Environment.ProcessorCount) + TimeSpan.FromMilliseconds(50));
    }
}
