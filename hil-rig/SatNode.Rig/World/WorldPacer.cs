using SatNode.Protocol.Time;

namespace SatNode.Rig.World;

/// <summary>Keeps a world at the pace of its clock: advances it about every 16 ms of machine time until stopped.</summary>
public sealed class WorldPacer
{
    /// <summary>Machine time between two advances.</summary>
    public static readonly TimeSpan Period = TimeSpan.FromMilliseconds(16);

    private readonly TrueWorld _world;
    private readonly MissionClock _clock;
    private readonly TimeProvider _machine;

    /// <summary>Creates the pacer.</summary>
    /// <param name="world">The world.</param>
    /// <param name="clock">Its clock.</param>
    /// <param name="machine">The machine's clock; null takes the system's.</param>
    public WorldPacer(TrueWorld world, MissionClock clock, TimeProvider? machine = null)
    {
        _world = world;
        _clock = clock;
        _machine = machine ?? TimeProvider.System;
    }

    /// <summary>The longest that the world was behind its clock, world time, less the one step it may always be; a measure of overload.</summary>
    public TimeSpan LagMax { get; private set; }

    /// <summary>Called after each advance with the world's time: for faults and checks that have their moment.</summary>
    public Action<DateTimeOffset>? Advanced { get; init; }

    /// <summary>Runs until the world reaches a time or is cancelled.</summary>
    /// <exception cref="WorldEndedException">An orbit ended.</exception>
    public async Task Run(DateTimeOffset until, CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(Period, _machine);
        while (_world.Now + TrueWorld.Step <= until && await timer.WaitForNextTickAsync(cancellationToken))
        {
            DateTimeOffset now = _clock.GetUtcNow();
            DateTimeOffset to = now < until ? now : until;
            TimeSpan behind = to - _world.Now - TrueWorld.Step - (Period * _clock.Rate);
            if (behind > LagMax)
                LagMax = behind;
            _world.Advance(to);
            Advanced?.Invoke(_world.Now);
        }
    }
}
