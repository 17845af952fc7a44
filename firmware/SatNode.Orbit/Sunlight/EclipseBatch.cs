using System.Runtime.Intrinsics;
using SatNode.Orbit.Geometry;
using SatNode.Orbit.Propagation;

namespace SatNode.Orbit.Sunlight;

/// <summary>How much of the Sun many satellites see at one instant, four at a time.</summary>
/// <remarks>Full light and umbra are told by cosines alone, without an arc; only the one in a hundred between them takes <see cref="Eclipse.SunFraction"/>.</remarks>
public static class EclipseBatch
{
    /// <summary>The visible part of the Sun's disc of each satellite, 0 in the umbra to 1 in full light; NaN for one without a state.</summary>
    /// <param name="states">The satellites.</param>
    /// <param name="sunPositionKm">The Sun, in TEME.</param>
    /// <param name="fractions">Room for as many.</param>
    /// <exception cref="ArgumentException">The room is too short.</exception>
    public static void SunFractions(ConstellationStates states, Vector3d sunPositionKm, Span<double> fractions)
    {
        ArgumentNullException.ThrowIfNull(states);
        if (fractions.Length < states.Count)
            throw new ArgumentException($"expected room for {states.Count} satellites, found {fractions.Length}", nameof(fractions));
        int i = 0;
        for (; i + 4 <= states.Count; i += 4)
        {
            Vector256<double> x = Vector256.LoadUnsafe(ref states.X[i]), y = Vector256.LoadUnsafe(ref states.Y[i]), z = Vector256.LoadUnsafe(ref states.Z[i]);
            Vector256<double> toSunX = Vector256.Create(sunPositionKm.X) - x, toSunY = Vector256.Create(sunPositionKm.Y) - y, toSunZ = Vector256.Create(sunPositionKm.Z) - z;
            Vector256<double> radius2 = (x * x) + (y * y) + (z * z);
            Vector256<double> distance2 = (toSunX * toSunX) + (toSunY * toSunY) + (toSunZ * toSunZ);
            // The angle between the centres of the two discs, and the discs' own: those of sums and differences by the addition theorem.
            Vector256<double> cosApart = -((x * toSunX) + (y * toSunY) + (z * toSunZ)) / Vector256.Sqrt(radius2 * distance2);
            Vector256<double> sinEarth2 = Vector256.Create(Wgs84.EquatorialRadiusKm * Wgs84.EquatorialRadiusKm) / radius2;
            Vector256<double> sinSun2 = Vector256.Create(Sun.RadiusKm * Sun.RadiusKm) / distance2;
            Vector256<double> sines = Vector256.Sqrt(sinEarth2 * sinSun2);
            Vector256<double> cosines = Vector256.Sqrt((Vector256<double>.One - sinEarth2) * (Vector256<double>.One - sinSun2));
            Vector256<double> lit = Vector256.LessThanOrEqual(cosApart, cosines - sines);
            Vector256<double> dark = Vector256.GreaterThanOrEqual(cosApart, cosines + sines) & Vector256.GreaterThan(sinEarth2, sinSun2);
            Vector256.ConditionalSelect(lit, Vector256<double>.One, Vector256<double>.Zero).CopyTo(fractions.Slice(i, 4));
            uint open = ~(lit | dark).ExtractMostSignificantBits() & 0b1111;
            for (int lane = 0; open != 0; lane++, open >>= 1)
            {
                if ((open & 1) != 0)
                    fractions[i + lane] = One(states, i + lane, sunPositionKm);
            }
        }

        for (; i < states.Count; i++)
            fractions[i] = One(states, i, sunPositionKm);
    }

    private static double One(ConstellationStates states, int index, Vector3d sunPositionKm) =>
        states.Has(index) ? Eclipse.SunFraction(states.PositionKm(index), sunPositionKm) : double.NaN;
}
