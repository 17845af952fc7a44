namespace SatNode.Rig.Links;

/// <summary>One directed endpoint of the link emulator: who connects to it reaches the target through the link.</summary>
public sealed record LinkOptions
{
    /// <summary>The link's name in counters and reports, for example <c>p10-s03→p10-s04</c>.</summary>
    public required string Name { get; init; }

    /// <summary>The loopback port to listen on; 0 takes a free one.</summary>
    public int ListenPort { get; init; }

    /// <summary>The loopback port of the other end, 1 to 65,535.</summary>
    public required int TargetPort { get; init; }

    /// <summary>The link at an instant of world time. Called often and from any thread: fast, and never throws.</summary>
    public required Func<DateTimeOffset, LinkState> State { get; init; }
}
