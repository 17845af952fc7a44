namespace SatNode.Rig.Links;

/// <summary>One direction of a link as a line: bytes leave one after another at the line's rate and arrive a light time later. All connections of the direction
/// share it. Pure arithmetic in world time; any thread may call.</summary>
public sealed class TransmissionLine
{
    private readonly Lock _lock = new();
    private DateTimeOffset _freeAt = DateTimeOffset.MinValue;

    /// <summary>Books the line for some bytes.</summary>
    /// <param name="now">When they are handed to the transmitter.</param>
    /// <param name="bytes">How many.</param>
    /// <param name="state">The link now; the rate above 0.</param>
    /// <returns>When the last of them arrives.</returns>
    public DateTimeOffset Book(DateTimeOffset now, int bytes, in LinkState state)
    {
        var transmission = TimeSpan.FromSeconds(bytes * 8.0 / state.RateBitsPerSecond);
        lock (_lock)
        {
            _freeAt = (now > _freeAt ? now : _freeAt) + transmission;
            return _freeAt + state.OneWayDelay;
        }
    }

    /// <summary>Forgets what was booked: the link was cut.</summary>
    public void Clear()
    {
        lock (_lock)
            _freeAt = DateTimeOffset.MinValue;
    }
}
