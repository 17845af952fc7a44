using SatNode.Orbit.Elements;
using SatNode.Orbit.Geometry;
using SatNode.Orbit.Propagation;
using SatNode.Orbit.Sunlight;

namespace SatNode.Orbit;

/// <summary>A satellite's orbit: its element set, made ready to say where it is and whether the Sun shines on it. Immutable, for any thread.</summary>
/// <param name="tle">The element set.</param>
public sealed class SatelliteOrbit(Tle tle)
{
    /// <summary>The element set.</summary>
    public Tle Elements => Propagator.Elements;

    /// <summary>The satellite's name, empty when the elements have none.</summary>
    public string Name => Elements.Name;

    /// <summary>SGP4 of this element set.</summary>
    public Sgp4 Propagator { get; } = new(tle);

    /// <summary>Position and velocity in TEME.</summary>
    /// <exception cref="PropagationException">The elements have no state at that time.</exception>
    public TemeState StateAt(DateTimeOffset utc)
    {
        PropagationError error = Propagator.Propagate(utc, out TemeState state);
        return error == PropagationError.None
            ? state
            : throw new PropagationException(Elements.CatalogNumber, Propagator.MinutesSinceEpoch(utc), error);
    }

    /// <summary>Position and velocity in TEME, or false where the elements have none.</summary>
    public bool TryStateAt(DateTimeOffset utc, out TemeState state) => Propagator.Propagate(utc, out state) == PropagationError.None;

    /// <summary>Position and velocity in the Earth-fixed frame.</summary>
    /// <inheritdoc cref="StateAt" path="/exception"/>
    public EcefState EcefAt(DateTimeOffset utc) => Frames.TemeToEcef(StateAt(utc), utc);

    /// <summary>The point under the satellite and its height over the ellipsoid.</summary>
    /// <inheritdoc cref="StateAt" path="/exception"/>
    public Geodetic GeodeticAt(DateTimeOffset utc) => Frames.EcefToGeodetic(EcefAt(utc).PositionKm);

    /// <summary>The part of the Sun's disc the satellite sees, 0 in the umbra to 1 in full light.</summary>
    /// <inheritdoc cref="StateAt" path="/exception"/>
    public double SunFractionAt(DateTimeOffset utc) => Eclipse.SunFraction(StateAt(utc).PositionKm, Sun.PositionKm(utc));

    /// <summary>True when the satellite sees any part of the Sun; false only in the umbra.</summary>
    /// <inheritdoc cref="StateAt" path="/exception"/>
    public bool IsSunlit(DateTimeOffset utc) => SunFractionAt(utc) > 0.0;
}
