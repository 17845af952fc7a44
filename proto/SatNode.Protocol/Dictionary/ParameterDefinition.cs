namespace SatNode.Protocol.Dictionary;

/// <summary>The unit of a telemetry parameter on the wire.</summary>
public enum Unit
{
    /// <summary>A number of things, or an enumeration's number.</summary>
    Count,

    /// <summary>Thermodynamic temperature in kelvin; people see °C.</summary>
    Kelvin,

    /// <summary>A share, 1 is the whole; people see %.</summary>
    Ratio,

    /// <summary>Volts.</summary>
    Volts,

    /// <summary>Amperes.</summary>
    Amperes,

    /// <summary>Watts.</summary>
    Watts,

    /// <summary>Joules.</summary>
    Joules,

    /// <summary>Seconds.</summary>
    Seconds,

    /// <summary>Bytes.</summary>
    Bytes,

    /// <summary>Degrees of arc.</summary>
    Degrees,

    /// <summary>Metres.</summary>
    Metres,
}

/// <summary>One telemetry parameter.</summary>
/// <param name="Id">The number on the wire; never used again for another meaning.</param>
/// <param name="Name">Subsystem and quantity, for example <c>board.temperature</c>.</param>
/// <param name="Unit">The unit on the wire.</param>
/// <param name="Accuracy">How far a sample may be from the truth, in the unit; 0 where there is no sensor behind it.</param>
/// <param name="Limits">What the agent watches it by, unless a command said otherwise.</param>
/// <param name="Description">One sentence.</param>
/// <param name="ExpectedAge">Without a valid sample for longer it is stale, in the world's time; null for what no sensor tells.</param>
public sealed record ParameterDefinition(ushort Id, string Name, Unit Unit, double Accuracy, ParameterLimits Limits, string Description, TimeSpan? ExpectedAge = null);
