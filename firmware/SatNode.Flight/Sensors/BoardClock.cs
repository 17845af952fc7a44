using System.Device.I2c;

namespace SatNode.Flight.Sensors;

/// <summary>Which of two clocks a board believes: the machine's, which a network may have set and which falls back when it had no power, or the real-time clock, which goes on.</summary>
public static class BoardClock
{
    /// <summary>How far the machine's clock may be behind before it counts as fallen back; a real-time clock drifts by that in a year.</summary>
    public static readonly TimeSpan FallenBack = TimeSpan.FromMinutes(2);

    /// <summary>How far it may be behind at most: more is no time that a board was off, but a real-time clock that talks nonsense.</summary>
    public static readonly TimeSpan OffMax = TimeSpan.FromDays(20 * 365);

    /// <summary>How far the real-time clock may be off before it is set: it has whole seconds.</summary>
    public static readonly TimeSpan SetFrom = TimeSpan.FromSeconds(3);

    private const int Readings = 3; // alike, so that one flipped bit is no other time

    private static readonly TimeSpan ReadingsApartMax = TimeSpan.FromSeconds(2);

    /// <summary>The real-time clock's time when the agent's own has fallen back: it is then the better one. Never throws for what the chip or the bus does.</summary>
    /// <param name="bus">The bus with the clock; stays the caller's.</param>
    /// <param name="time">The agent's clock, by the machine's.</param>
    /// <returns>The time now, or null: the agent's clock stays.</returns>
    public static DateTimeOffset? BetterThan(I2cBus bus, TimeProvider time)
    {
        ArgumentNullException.ThrowIfNull(bus);
        ArgumentNullException.ThrowIfNull(time);
        using var clock = new Ds3231(bus.CreateDevice(SensorSuite.ClockAddress));
        try
        {
            TimeSpan? first = null;
            for (int i = 0; i < Readings; i++)
            {
                if (clock.ReadTime() is not { } shown)
                    return null;
                TimeSpan ahead = shown - time.GetUtcNow();
                first ??= ahead;
                if (ahead <= FallenBack || ahead >= OffMax || (ahead - first.Value).Duration() > ReadingsApartMax)
                    return null;
            }
            return time.GetUtcNow() + first;
        }
        catch (Exception e) when (e is IOException or SensorException) // a board without the chip keeps the machine's time
        {
            return null;
        }
    }

    /// <summary>True when the real-time clock is to be set from the agent's: it has drifted. One that is far ahead is not touched: it may be right.</summary>
    /// <param name="ahead">The real-time clock's time less the agent's.</param>
    public static bool HasDrifted(TimeSpan ahead) => ahead <= FallenBack && ahead.Duration() >= SetFrom;
}
