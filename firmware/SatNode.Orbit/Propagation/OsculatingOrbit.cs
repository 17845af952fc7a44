namespace SatNode.Orbit.Propagation;

/// <summary>The elements on their way through the deep-space corrections: radians, rad/min.</summary>
internal struct OsculatingOrbit
{
    internal double Anomaly;
    internal double Perigee;
    internal double Node;
    internal double Inclination;
    internal double Eccentricity;
    internal double MeanMotion;
}
