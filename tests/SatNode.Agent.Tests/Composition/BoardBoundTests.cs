using SatNode.Agent.Composition;
using SatNode.Flight.Invocations;
using SatNode.Flight.Model;
using SatNode.Functions.Runtime;
using SatNode.Protocol.Functions;
using SatNode.Protocol.Quantities;

namespace SatNode.Agent.Tests.Composition;

/// <summary>Before anything was measured a CPU-second costs 1.46 J.</summary>
public sealed class BoardBoundTests
{
    [Fact]
    public void A_functions_thread_has_the_stack_that_its_calls_need() => Assert.True(InvocationLimits.WorkerStackBytes >= FunctionBounds.ThreadStackBytes);

    [Theory]
    [InlineData(60, 60, 1_000, 10_000, 1_000)]   // the manifest's own limit
    [InlineData(60, 12, 1_000, 10_000, 5_000)]   // an emulated processor takes five times as long for the same work
    [InlineData(60, 60, 1_000, 43.8, 500)]       // 43.8 J are 30 world seconds of CPU: half a second at rate 60
    [InlineData(60, 12, 1_000, 43.8, 2_500)]
    [InlineData(1, 1, 1_000, 0.001, 1)]          // never below the floor
    [InlineData(60, 1, 600_000, 10_000, 600_000)] // never above the ceiling
    public void Limits_of_time_and_energy_are_those_of_the_processor_that_the_board_stands_for(double rate, double loadRate, double timeMaxMs, double joulesMax, double expectedMs)
    {
        var manifest = new FunctionManifest
        {
            Name = "detect",
            Version = "1",
            Kind = FunctionKind.Reactor,
            ModuleDigest = new byte[32],
            Limits = FunctionLimits.Default with { TimeMax = TimeSpan.FromMilliseconds(timeMaxMs), EnergyPerInvocationMax = new Energy(joulesMax) },
        };
        Assert.Equal(expectedMs, AgentHost.BoundByBoard(manifest, new EnergyMeter(), rate, loadRate).Limits.TimeMax.TotalMilliseconds, 0.01);
    }
}
