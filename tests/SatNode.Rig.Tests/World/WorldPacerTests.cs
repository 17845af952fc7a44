using Microsoft.Extensions.Time.Testing;
using SatNode.Protocol.Time;
using SatNode.Rig.World;

namespace SatNode.Rig.Tests.World;

public sealed class WorldPacerTests
{
    [Fact]
    public async Task Keeps_the_pace_of_the_clock()
    {
        var machine = new FakeTimeProvider(Worlds.Start);
        var clock = new MissionClock(Worlds.Start, Worlds.Start, rate: 60, machine);
        (TrueWorld world, _) = Worlds.One(rate: 60);
        List<DateTimeOffset> advanced = [];
        var pacer = new WorldPacer(world, clock, machine) { Advanced = advanced.Add };
        Task run = pacer.Run(Worlds.Start + TimeSpan.FromMinutes(2), TestContext.Current.CancellationToken);
        while (!run.IsCompleted)
        {
            machine.Advance(WorldPacer.Period);
            await Task.Delay(1, TestContext.Current.CancellationToken);
        }
        await run;

        Assert.Equal(Worlds.Start + TimeSpan.FromMinutes(2), world.Now);
        Assert.True(advanced.Count > 10);
    }

    [Fact]
    public async Task Stops_when_asked()
    {
        (TrueWorld world, _) = Worlds.One();
        using var stop = new CancellationTokenSource();
        var pacer = new WorldPacer(world, new(Worlds.Start, DateTimeOffset.UtcNow, 60));
        Task run = pacer.Run(DateTimeOffset.MaxValue, stop.Token);
        await stop.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => run);
    }
}
