using SatNode.Protocol.Time;

namespace SatNode.Rig.Links;

/// <summary>All links of a world. One timer takes them up and down; an idle link costs one call of its state function at each tick and nothing else.</summary>
public sealed class LinkEmulator : IAsyncDisposable
{
    /// <summary>Open connections of one link: a TCPCL session needs one, an MQTT client one, the rest is room for successors not yet closed.</summary>
    public const int ConnectionsMax = 64;

    private static readonly TimeSpan WorldPeriod = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan MachinePeriodMin = TimeSpan.FromMilliseconds(20);
    private static readonly TimeSpan MachineGranularity = TimeSpan.FromMilliseconds(0.5);

    private readonly TimeProvider _clock;
    private readonly TimeSpan _granularity;
    private readonly Lock _lock = new();
    private readonly List<EmulatedLink> _links = [];
    private readonly ITimer _timer;

    /// <summary>Creates the emulator.</summary>
    /// <param name="clock">The world's clock; with a <see cref="MissionClock"/> all delays and rates follow its rate.</param>
    public LinkEmulator(TimeProvider clock)
    {
        ArgumentNullException.ThrowIfNull(clock);
        _clock = clock;
        double rate = clock is MissionClock mission ? mission.Rate : 1;
        _granularity = MachineGranularity * rate;
        TimeSpan period = WorldPeriod > MachinePeriodMin * rate ? WorldPeriod : MachinePeriodMin * rate;
        _timer = clock.CreateTimer(_ => Evaluate(), state: null, period, period);
    }

    /// <summary>The links, in the order they were added.</summary>
    public IReadOnlyList<EmulatedLink> Links
    {
        get
        {
            lock (_lock)
                return [.. _links];
        }
    }

    /// <summary>Adds a link; it is up or down at once as the world says.</summary>
    /// <exception cref="System.Net.Sockets.SocketException">The listen port is taken.</exception>
    public EmulatedLink Add(LinkOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        var link = new EmulatedLink(options, _clock, _granularity);
        lock (_lock)
            _links.Add(link);
        link.Evaluate();
        return link;
    }

    /// <summary>Takes every link up or down as the world says now. The timer does so each world second (at most 50 times a machine second); call it where
    /// an instant matters.</summary>
    public void Evaluate()
    {
        foreach (EmulatedLink link in Links)
            link.Evaluate();
    }

    /// <summary>Resets all connections and frees the ports.</summary>
    public async ValueTask DisposeAsync()
    {
        await _timer.DisposeAsync();
        foreach (EmulatedLink link in Links)
            link.Close();
    }
}
