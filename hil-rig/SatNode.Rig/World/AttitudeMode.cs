namespace SatNode.Rig.World;

/// <summary>How a satellite is turned.</summary>
public enum AttitudeMode
{
    /// <summary>No geometry: the array gives a told share of its peak in sunlight, and the Sun sees a told share of the body.</summary>
    Constant,

    /// <summary>One side to the Earth, the array to the zenith, x along the flight.</summary>
    Nadir,

    /// <summary>The array to the Sun.</summary>
    Sun,

    /// <summary>Uncontrolled: two turns at once, whose periods have no common multiple, so that over hours every side sees every direction.</summary>
    Tumbling,
}
