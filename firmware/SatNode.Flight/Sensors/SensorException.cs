namespace SatNode.Flight.Sensors;

/// <summary>A chip acknowledged but answered what it cannot mean: a floating or stuck bus, a brown-out, a saturated converter.
/// The text says which register, what was expected and what was found.</summary>
public sealed class SensorException : Exception
{
    /// <summary>Creates the exception.</summary>
    public SensorException(string message) : base(message)
    {
    }
}
