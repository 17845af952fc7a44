namespace SatNode.Orbit.Constellations;

/// <summary>How the planes of a Walker constellation are spread.</summary>
public enum WalkerPattern
{
    /// <summary>Over 360° of right ascension: all planes beside each other fly the same way.</summary>
    Delta,

    /// <summary>Over 180°: polar planes that meet near the poles; the first and the last fly against each other, and no link crosses this seam.</summary>
    Star,
}
