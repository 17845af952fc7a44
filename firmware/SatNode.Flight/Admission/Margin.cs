namespace SatNode.Flight.Admission;

/// <summary>What a constraint is about.</summary>
public enum Quantity
{
    /// <summary>Nothing: a margin that was never judged.</summary>
    None = 0,

    /// <summary>A temperature in kelvin.</summary>
    Temperature,

    /// <summary>A state of charge, 0 to 1.</summary>
    StateOfCharge,

    /// <summary>A power in watts.</summary>
    Power,

    /// <summary>A time in seconds from now.</summary>
    Time,

    /// <summary>The mode: 0 nominal, 1 safe.</summary>
    Mode,

    /// <summary>The cost of a start by soft constraints; its limit is that of a better start.</summary>
    Cost,
}

/// <summary>Which side of a limit is allowed; the limit itself is.</summary>
public enum Bound
{
    /// <summary>Neither side: nothing keeps it.</summary>
    None = 0,

    /// <summary>At most the limit.</summary>
    AtMost,

    /// <summary>At least the limit.</summary>
    AtLeast,
}

/// <summary>A constraint's prediction beside its limit.</summary>
/// <param name="Constraint">The constraint's name.</param>
/// <param name="Quantity">What it is about.</param>
/// <param name="Bound">Which side is allowed.</param>
/// <param name="Predicted">The prediction on its unsafe side, error bars included; NaN when unknown.</param>
/// <param name="Limit">The limit.</param>
public readonly record struct Margin(string Constraint, Quantity Quantity, Bound Bound, double Predicted, double Limit)
{
    /// <summary>True when the prediction lies on the allowed side; an unknown one never does.</summary>
    public bool IsKept => Bound switch
    {
        Bound.AtMost => Predicted <= Limit,
        Bound.AtLeast => Predicted >= Limit,
        _ => false,
    };

    /// <summary>The unit, for events: <c>K</c>, <c>1</c>, <c>W</c>, <c>s</c>.</summary>
    public string Unit => Quantity switch
    {
        Quantity.Temperature => "K",
        Quantity.Power => "W",
        Quantity.Time => "s",
        _ => "1",
    };
}
