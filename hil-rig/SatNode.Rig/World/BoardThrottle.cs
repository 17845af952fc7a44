namespace SatNode.Rig.World;

/// <summary>The thermal limit of a board's firmware: at the limit the clock falls to its lowest, and from there it climbs back evenly.</summary>
/// <remarks>A falling and an even climb, and no band below the limit in which the clock falls with the temperature, because only so three busy cores stay at 83 °C and four at
/// 85 °C with 64 % of the time throttled, as was measured (docs/adr/0029).</remarks>
internal sealed class BoardThrottle(SatelliteOptions options)
{
    /// <summary>The clock as a share of the full one.</summary>
    internal double Speed { get; private set; } = 1;

    /// <summary>Sets the clock of the next step.</summary>
    /// <param name="processorKelvin">What the processor's own sensor sees.</param>
    /// <param name="seconds">The step.</param>
    internal void Step(double processorKelvin, double seconds) => Speed = processorKelvin >= options.BoardThrottleKelvin
        ? options.BoardThrottleSpeedMin
        : Math.Min(1, Speed + ((1 - options.BoardThrottleSpeedMin) * seconds / options.BoardThrottleRecoverySeconds));
}
