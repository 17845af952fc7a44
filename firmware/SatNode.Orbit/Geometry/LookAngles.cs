namespace SatNode.Orbit.Geometry;

/// <summary>The direction and distance from a ground site to a target.</summary>
/// <param name="AzimuthDegrees">0 to 360, from north over east; 0 when the target is exactly overhead.</param>
/// <param name="ElevationDegrees">−90 to 90 over the ellipsoid's horizon; no refraction.</param>
/// <param name="RangeKm">Distance in km.</param>
public readonly record struct LookAngles(double AzimuthDegrees, double ElevationDegrees, double RangeKm);
