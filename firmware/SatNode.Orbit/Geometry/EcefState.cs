namespace SatNode.Orbit.Geometry;

/// <summary>Where something is and how it moves in the rotating, Earth-centred, Earth-fixed frame.</summary>
/// <param name="PositionKm">Position in km.</param>
/// <param name="VelocityKmPerSecond">Velocity over the rotating Earth in km/s.</param>
public readonly record struct EcefState(Vector3d PositionKm, Vector3d VelocityKmPerSecond);
