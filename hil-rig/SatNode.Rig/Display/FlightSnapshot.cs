namespace SatNode.Rig.Display;

/// <summary>What there is to see of a flight at a moment.</summary>
public sealed record FlightSnapshot
{
    /// <summary>The scenario's name.</summary>
    public required string Scenario { get; init; }

    /// <summary>World time.</summary>
    public required DateTimeOffset Time { get; init; }

    /// <summary>World time since the start.</summary>
    public required TimeSpan Elapsed { get; init; }

    /// <summary>How long the flight lasts, in the world.</summary>
    public required TimeSpan Duration { get; init; }

    /// <summary>World seconds a machine second.</summary>
    public required double Rate { get; init; }

    /// <summary>What goes on, for example <c>flying</c>.</summary>
    public required string Phase { get; init; }

    /// <summary>What whoever watches can do now, or "".</summary>
    public string Hint { get; init; } = "";

    /// <summary>Events that the agents wrote so far.</summary>
    public int Events { get; init; }

    /// <summary>The satellites in the scenario's order.</summary>
    public required IReadOnlyList<SatelliteRow> Satellites { get; init; }

    /// <summary>The share of the flight that is over, 0 to 1.</summary>
    public double Share => Duration > TimeSpan.Zero ? Math.Clamp(Elapsed / Duration, 0, 1) : 0;
}

/// <summary>One satellite at a moment.</summary>
public sealed record SatelliteRow
{
    /// <summary>Its name.</summary>
    public required string Name { get; init; }

    /// <summary>Latitude below it, north positive.</summary>
    public double LatitudeDegrees { get; init; }

    /// <summary>Longitude below it, east positive.</summary>
    public double LongitudeDegrees { get; init; }

    /// <summary>Share of the Sun's disc in view.</summary>
    public double SunFraction { get; init; }

    /// <summary>Board temperature.</summary>
    public double BoardCelsius { get; init; }

    /// <summary>Charge, 0 to 1.</summary>
    public double StateOfCharge { get; init; }

    /// <summary>The charge that the agent keeps, 0 to 1.</summary>
    public double StateOfChargeReserve { get; init; }

    /// <summary>Stations and satellites with a link that is up.</summary>
    public IReadOnlyList<string> Contacts { get; init; } = [];

    /// <summary>The function that runs, or "".</summary>
    public string Running { get; init; } = "";

    /// <summary>The agent's last event in words, or "".</summary>
    public string LastEvent { get; init; } = "";

    /// <summary>True while the board's process lives.</summary>
    public bool IsPowered { get; init; } = true;
}
