using System.Runtime.Intrinsics;
using SatNode.Orbit.Contacts;
using SatNode.Orbit.Geometry;
using SatNode.Orbit.Propagation;
using SatNode.Orbit.Topologies;

namespace SatNode.Orbit.Worlds;

/// <summary>Which satellites which ground sites see at an instant: every pair is tried, four satellites at a time; the mask is asked of those over its lowest point.</summary>
public sealed class GroundSights
{
    /// <summary>The most sites.</summary>
    public const int SitesMax = 10_000;

    private readonly GroundSite[] _sites;
    private readonly double[] _sinLowest;

    /// <summary>Prepares sites.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There are more than <see cref="SitesMax"/>.</exception>
    public GroundSights(IReadOnlyList<GroundSite> sites)
    {
        ArgumentNullException.ThrowIfNull(sites);
        _ = Bounds.Check(sites.Count, 0, SitesMax);
        _sites = [.. sites];
        // A hair lower, so that rounding here excludes nobody whom the site itself sees.
        _sinLowest = [.. sites.Select(site => Math.Sin(Angle.ToRadians(site.Mask.LowestDegrees)) - 1e-9)];
    }

    /// <summary>Finds the links: from a site's index to a satellite's, with the range in km.</summary>
    /// <param name="states">The satellites.</param>
    /// <param name="utc">The instant, by which the Earth is turned.</param>
    /// <param name="into">Is cleared, and gets the links.</param>
    public void Find(ConstellationStates states, DateTimeOffset utc, LinkSet into)
    {
        ArgumentNullException.ThrowIfNull(states);
        ArgumentNullException.ThrowIfNull(into);
        into.Clear();
        double gmst = Frames.GmstRadians(utc);
        for (int s = 0; s < _sites.Length; s++)
        {
            // The site turned into TEME: three rotations instead of one a satellite.
            Vector3d at = _sites[s].PositionEcefKm.InAxesTurnedAboutZ(-gmst), up = _sites[s].Up.InAxesTurnedAboutZ(-gmst);
            Vector256<double> atX = Vector256.Create(at.X), atY = Vector256.Create(at.Y), atZ = Vector256.Create(at.Z);
            Vector256<double> upX = Vector256.Create(up.X), upY = Vector256.Create(up.Y), upZ = Vector256.Create(up.Z), sine = Vector256.Create(_sinLowest[s]);
            int i = 0;
            for (; i + 4 <= states.Count; i += 4)
            {
                Vector256<double> x = Vector256.LoadUnsafe(ref states.X[i]) - atX, y = Vector256.LoadUnsafe(ref states.Y[i]) - atY, z = Vector256.LoadUnsafe(ref states.Z[i]) - atZ;
                Vector256<double> height = (x * upX) + (y * upY) + (z * upZ);
                uint seen = Vector256.GreaterThanOrEqual(height, sine * Vector256.Sqrt((x * x) + (y * y) + (z * z))).ExtractMostSignificantBits();
                for (int lane = 0; seen != 0; lane++, seen >>= 1)
                {
                    if ((seen & 1) != 0)
                        Add(states, s, i + lane, gmst, into);
                }
            }

            for (; i < states.Count; i++)
            {
                if (states.Has(i))
                    Add(states, s, i, gmst, into);
            }
        }
    }

    private void Add(ConstellationStates states, int site, int satellite, double gmst, LinkSet into)
    {
        LookAngles look = _sites[site].Look(states.PositionKm(satellite).InAxesTurnedAboutZ(gmst));
        if (look.ElevationDegrees >= _sites[site].Mask.ElevationDegreesAt(look.AzimuthDegrees))
            into.Add(site, satellite, look.RangeKm);
    }
}
