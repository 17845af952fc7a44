using SatNode.Orbit.Geometry;

namespace SatNode.Orbit.Propagation;

/// <summary>Where a satellite is and how it moves in TEME (true equator, mean equinox of date), the inertial frame of SGP4.</summary>
/// <param name="PositionKm">Position from the Earth's centre in km.</param>
/// <param name="VelocityKmPerSecond">Velocity in km/s.</param>
public readonly record struct TemeState(Vector3d PositionKm, Vector3d VelocityKmPerSecond);
