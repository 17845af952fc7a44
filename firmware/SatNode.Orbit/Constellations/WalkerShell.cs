using SatNode.Orbit.Elements;
using SatNode.Orbit.Geometry;
using SatNode.Orbit.Propagation;

namespace SatNode.Orbit.Constellations;

/// <summary>A Walker shell: equal circular orbits in evenly spaced planes, with evenly spaced satellites in each.</summary>
/// <remarks>In Walker's notation i: t/p/f with t = <see cref="Planes"/> · <see cref="SatellitesPerPlane"/>, p = <see cref="Planes"/>,
/// f = <see cref="Phasing"/>. Starlink's first shell is 72 planes of 22 at 550 km and 53°, phasing 17. Source: Walker, "Satellite constellations",
/// JBIS 37 (1984).</remarks>
public sealed record WalkerShell
{
    /// <summary>The most satellites of a shell; the catalogue numbers must stay below 340,000.</summary>
    public const int SatellitesMax = 100_000;

    /// <summary>The most planes.</summary>
    public const int PlanesMax = 1_000;

    /// <summary>The most satellites of a plane.</summary>
    public const int SatellitesPerPlaneMax = 1_000;

    private const double DeltaSpreadDegrees = 360.0;
    private const double StarSpreadDegrees = 180.0;

    /// <summary>Near-circular: with 0 the perigee would be undefined. At 550 km it lifts and lowers the orbit by 0.8 km.</summary>
    private const double NearCircular = 0.00012;

    /// <summary>Number of planes, 1 to 1,000.</summary>
    public required int Planes { get; init => field = Bounds.Check(value, 1, PlanesMax); }

    /// <summary>Satellites in each plane, 1 to 1,000.</summary>
    public required int SatellitesPerPlane { get; init => field = Bounds.Check(value, 1, SatellitesPerPlaneMax); }

    /// <summary>Mean altitude over the equatorial radius in km, 200 to 36,000.</summary>
    public required double AltitudeKm { get; init => field = Bounds.Check(value, 200.0, 36_000.0); }

    /// <summary>Inclination in degrees, 0 to 180.</summary>
    public required double InclinationDegrees { get; init => field = Bounds.Check(value, 0.0, 180.0); }

    /// <summary>Walker's f: a satellite is f·360°/t ahead of its neighbour in the plane to the west; 0 to planes − 1.</summary>
    public int Phasing { get; init => field = Bounds.Check(value, 0, 999); }

    /// <summary>Right ascension of the first plane's node in degrees, −360 to 360.</summary>
    public double RaanOffsetDegrees { get; init => field = Bounds.Check(value, -360.0, 360.0); }

    /// <summary>The nodes' spread in degrees: 360 for a delta pattern (default), 180 for a star, whose first and last plane fly against each other.</summary>
    public double RaanSpreadDegrees { get; init => field = Bounds.Check(value, 1.0, DeltaSpreadDegrees); } = DeltaSpreadDegrees;

    /// <summary>The instant of the elements, UTC.</summary>
    public required DateTimeOffset Epoch { get; init; }

    /// <summary>Drag term B* in 1/Earth radii; 0 by default, so that the shell keeps its shape as one with station keeping does.</summary>
    public double BStar { get; init => field = Bounds.Check(value, -1.0, 1.0); }

    /// <summary>Catalogue number of plane 0, slot 0; the others follow plane by plane.</summary>
    public int FirstCatalogNumber { get; init => field = Bounds.Check(value, 0, CatalogNumber.Max); } = 1;

    /// <summary>Satellites in all.</summary>
    public int Count => Planes * SatellitesPerPlane;

    /// <summary>The mean motion of the element sets in revolutions a day.</summary>
    /// <remarks>J2-aware: Kozai's mean motion whose Brouwer mean semi-major axis, the one SGP4 recovers, is the WGS-72 equatorial radius plus the
    /// altitude. It differs from the two-body value by about 0.1 %.</remarks>
    public double MeanMotionRevolutionsPerDay
    {
        get
        {
            double cosI = Math.Cos(Angle.ToRadians(InclinationDegrees));
            double axis = (Wgs72.RadiusKm + AltitudeKm) / Wgs72.RadiusKm;
            return MeanElements.KozaiFromSemiMajorAxis(axis, cosI * cosI, 1.0 - (NearCircular * NearCircular)) * 1440.0 / Math.Tau;
        }
    }

    /// <summary>The shell of a pattern in Walker's notation.</summary>
    /// <param name="pattern">Delta or star.</param>
    /// <param name="notation">t/p/f.</param>
    /// <param name="altitudeKm">As <see cref="AltitudeKm"/>.</param>
    /// <param name="inclinationDegrees">As <see cref="InclinationDegrees"/>; a star's is near 90.</param>
    /// <param name="epoch">As <see cref="Epoch"/>.</param>
    /// <exception cref="ArgumentOutOfRangeException">A value is out of its range.</exception>
    public static WalkerShell Of(WalkerPattern pattern, WalkerNotation notation, double altitudeKm, double inclinationDegrees, DateTimeOffset epoch)
    {
        ArgumentNullException.ThrowIfNull(notation);
        return new()
        {
            Planes = notation.Planes,
            SatellitesPerPlane = notation.SatellitesPerPlane,
            Phasing = notation.Phasing,
            RaanSpreadDegrees = pattern == WalkerPattern.Star ? StarSpreadDegrees : DeltaSpreadDegrees,
            AltitudeKm = altitudeKm,
            InclinationDegrees = inclinationDegrees,
            Epoch = epoch,
        };
    }

    /// <summary>The name of a satellite: <c>p03-s17</c>.</summary>
    public static string NameOf(int plane, int slot) => $"p{plane:D2}-s{slot:D2}";

    /// <summary>The element set of a satellite.</summary>
    /// <exception cref="ArgumentOutOfRangeException">No such plane or slot; or the shell has too many satellites or a phasing beyond its planes.</exception>
    public Tle ElementsOf(int plane, int slot)
    {
        CheckPlace(plane, slot);
        double anomaly = (360.0 * slot / SatellitesPerPlane) + (360.0 * Phasing * plane / Count);
        return new()
        {
            Name = NameOf(plane, slot),
            CatalogNumber = FirstCatalogNumber + (plane * SatellitesPerPlane) + slot,
            Epoch = Epoch,
            InclinationDegrees = InclinationDegrees,
            RaanDegrees = Angle.WrapDegrees(RaanOffsetDegrees + (RaanSpreadDegrees * plane / Planes)),
            Eccentricity = NearCircular,
            // The perigee in the north, where J3 keeps it; the anomaly counts from there, the slots from the node.
            ArgumentOfPerigeeDegrees = 90.0,
            MeanAnomalyDegrees = Angle.WrapDegrees(anomaly - 90.0),
            MeanMotionRevolutionsPerDay = MeanMotionRevolutionsPerDay,
            BStar = BStar,
        };
    }

    /// <summary>The element sets of all satellites, plane by plane.</summary>
    /// <inheritdoc cref="ElementsOf" path="/exception"/>
    public IEnumerable<Tle> AllElements()
    {
        for (int plane = 0; plane < Planes; plane++)
        {
            for (int slot = 0; slot < SatellitesPerPlane; slot++)
                yield return ElementsOf(plane, slot);
        }
    }

    /// <summary>The up to four neighbours of a satellite in the +Grid: ahead and behind in its plane, the same slot in the planes beside it.</summary>
    /// <remarks>Over the seam between last and first plane the slots are shifted by the phasing, which adds up to f slots around the Earth, so that links
    /// there are as long as elsewhere. A star pattern has no links over its seam. No satellite is its own neighbour, and none stands twice.</remarks>
    public PlusGridNeighbours NeighboursOf(int plane, int slot)
    {
        CheckPlace(plane, slot);
        var self = new ShellPlace(plane, slot);
        ShellPlace ahead = new(plane, (slot + 1) % SatellitesPerPlane);
        ShellPlace behind = new(plane, (slot + SatellitesPerPlane - 1) % SatellitesPerPlane);
        ShellPlace? east = Beside(plane, slot, 1);
        ShellPlace? west = Beside(plane, slot, -1);
        return new(
            ahead == self ? null : ahead,
            behind == self || behind == ahead ? null : behind,
            east == self ? null : east,
            west == self || west == east ? null : west);
    }

    private ShellPlace? Beside(int plane, int slot, int direction)
    {
        int beside = plane + direction;
        if (beside >= 0 && beside < Planes)
            return new(beside, slot);
        if (Planes == 1 || RaanSpreadDegrees < DeltaSpreadDegrees)
            return null;
        int shifted = (slot + (direction * Phasing)) % SatellitesPerPlane;
        return new((beside + Planes) % Planes, (shifted + SatellitesPerPlane) % SatellitesPerPlane);
    }

    private void CheckPlace(int plane, int slot)
    {
        _ = Bounds.Check(plane, 0, Planes - 1);
        _ = Bounds.Check(slot, 0, SatellitesPerPlane - 1);
        _ = Bounds.Check(Count, 1, SatellitesMax);
        _ = Bounds.Check(Phasing, 0, Planes - 1);
    }
}

/// <summary>A place in a shell.</summary>
/// <param name="Plane">The plane, from 0.</param>
/// <param name="Slot">The slot in the plane, from 0.</param>
public readonly record struct ShellPlace(int Plane, int Slot);

/// <summary>The neighbours of a satellite in the +Grid; null where there is none.</summary>
/// <param name="Ahead">The next slot of the same plane.</param>
/// <param name="Behind">The slot before in the same plane.</param>
/// <param name="East">The plane to the east (greater right ascension).</param>
/// <param name="West">The plane to the west.</param>
public readonly record struct PlusGridNeighbours(ShellPlace? Ahead, ShellPlace? Behind, ShellPlace? East, ShellPlace? West);
