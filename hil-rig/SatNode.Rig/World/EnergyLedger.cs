namespace SatNode.Rig.World;

/// <summary>Where a satellite's energy came from and went since the start, J.</summary>
public readonly record struct EnergyLedger
{
    /// <summary>Taken up from the Sun, the Earth's albedo and its infrared; heat and electricity together.</summary>
    public double AbsorbedJoules { get; init; }

    /// <summary>Radiated to space.</summary>
    public double RadiatedJoules { get; init; }

    /// <summary>Sent by the transmitter.</summary>
    public double TransmittedJoules { get; init; }

    /// <summary>Of what was absorbed, the electricity.</summary>
    public double HarvestedJoules { get; init; }

    /// <summary>Through the board.</summary>
    public double BoardJoules { get; init; }

    /// <summary>Through receivers and transmitter, what leaves as radio included.</summary>
    public double CommunicationJoules { get; init; }

    /// <summary>Through the payload.</summary>
    public double PayloadJoules { get; init; }

    /// <summary>Through all loads.</summary>
    public double LoadJoules { get; init; }

    /// <summary>Lost in charger, discharger and the battery's resistance.</summary>
    public double BatteryLossJoules { get; init; }
}
