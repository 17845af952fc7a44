using SatNode.Orbit.Geometry;
using SatNode.Orbit.Propagation;

namespace SatNode.Orbit.Elements;

/// <summary>One search for the mean elements of a state.</summary>
/// <param name="state">The state.</param>
/// <param name="target">The two-body orbit through it.</param>
/// <param name="isRetrograde">Which equinoctial numbers these are.</param>
/// <param name="epoch">The epoch of the elements.</param>
/// <param name="bStar">Their drag term.</param>
internal sealed class ElementSearch(TemeState state, EquinoctialElements target, bool isRetrograde, DateTimeOffset epoch, double bStar)
{
    /// <summary>The most orbits the search starts from.</summary>
    internal const int StartsMax = 39;

    /// <summary>The most rounds of Newton's method from one start; a low orbit takes three or four in all.</summary>
    internal const int RoundsMax = 30;

    private const int HalvingsMax = 12;
    private const int TurnsTried = 8;
    private const double DifferenceStep = 1e-8;
    private const double GoodEnough = 1e-3; // of the residuals allowed: another round could only move the last digits

    private readonly Tle _blank = new()
    {
        CatalogNumber = 0,
        Epoch = epoch,
        BStar = bStar,
        InclinationDegrees = 0.0,
        RaanDegrees = 0.0,
        Eccentricity = 0.0,
        ArgumentOfPerigeeDegrees = 0.0,
        MeanAnomalyDegrees = 0.0,
        MeanMotionRevolutionsPerDay = 1.0,
    };

    /// <summary>How far the nearest state found is, km; null when no elements tried had a state.</summary>
    internal double? NearestKm { get; private set; }

    /// <summary>The elements that give the state, or null.</summary>
    internal Tle? Run() => Starts().Select(start => RunFrom(start.Orbit, start.IsPolar)).FirstOrDefault(found => found is not null);

    /// <summary>The two-body orbit; then, for the few states it does not lead to, orbits beside it: higher and lower ones where SGP4 ends at the surface or changes to deep space, rounder
    /// ones where Sun and Moon move a long ellipse, and other planes, in polar numbers, where its node or perigee turns about a point in which SGP4 is not smooth.</summary>
    private IEnumerable<(EquinoctialElements Orbit, bool IsPolar)> Starts()
    {
        yield return (target, false);
        foreach (double higher in new[] { 0.002, -0.002, 0.01 })
        {
            EquinoctialElements start = target;
            start[0] += higher;
            yield return (start, false);
        }

        foreach (double rounder in new[] { 0.997, 0.99, 0.97 })
        {
            EquinoctialElements start = target;
            start[1] *= rounder;
            start[2] *= rounder;
            yield return (start, false);
        }

        EquinoctialElements polar = target.ToPolar();
        foreach (double tilt in new[] { 0.0, 1e-4, 3e-4, 1e-3 })
        {
            for (int turn = 0; turn < TurnsTried; turn++)
            {
                EquinoctialElements start = polar;
                start[3] += tilt;
                start[4] += turn * Math.Tau / TurnsTried;
                yield return (start, true);
            }
        }
    }

    private Tle? RunFrom(EquinoctialElements at, bool isPolar)
    {
        if (!TryLook(at, isPolar, out Look here))
            return null;
        for (int round = 0; round < RoundsMax && here.Residual > GoodEnough; round++)
        {
            // Where Newton's direction leads nowhere, what the orbit lacks is a direction too: the mean elements differ from the two-body ones by little.
            bool isNearer = (TryDirection(at, isPolar, here, out EquinoctialElements direction) && TryStep(direction, isPolar, ref at, ref here))
                || (!isPolar && TryStep(here.Off, isPolar, ref at, ref here));
            if (!isNearer)
                break;
        }

        NearestKm = Math.Min(here.PositionKm, NearestKm ?? double.PositiveInfinity);
        return here.Residual <= 1.0 ? here.Elements : null;
    }

    /// <summary>Goes along a direction, and less far until it comes nearer; false when it does not.</summary>
    private bool TryStep(EquinoctialElements direction, bool isPolar, ref EquinoctialElements at, ref Look here)
    {
        double share = 1.0;
        for (int halving = 0; halving <= HalvingsMax; halving++, share *= 0.5)
        {
            EquinoctialElements next = at.Plus(direction, share);
            if (TryLook(next, isPolar, out Look there) && there.Off.LengthSquared < here.Off.LengthSquared)
            {
                (at, here) = (next, there);
                return true;
            }
        }

        return false;
    }

    /// <summary>Newton's direction, with slopes by differences.</summary>
    private bool TryDirection(EquinoctialElements at, bool isPolar, in Look here, out EquinoctialElements direction)
    {
        const int n = EquinoctialElements.Count, width = n + 1;
        direction = default;
        Span<double> rows = stackalloc double[n * width];
        for (int column = 0; column < n; column++)
        {
            EquinoctialElements beside = at;
            beside[column] += DifferenceStep;
            if (!TryLook(beside, isPolar, out Look there))
                return false;
            EquinoctialElements slope = here.Off.Minus(there.Off);
            for (int row = 0; row < n; row++)
                rows[(row * width) + column] = slope[row] / DifferenceStep;
        }

        for (int row = 0; row < n; row++)
            rows[(row * width) + n] = here.Off[row];
        return TrySolve(rows, ref direction);
    }

    /// <summary>Solves linear equations, each a row with its right side last, by elimination with the largest pivots; false when they have no one solution.</summary>
    private static bool TrySolve(Span<double> rows, ref EquinoctialElements solution)
    {
        const int n = EquinoctialElements.Count, width = n + 1;
        for (int step = 0; step < n; step++)
        {
            int pivot = step;
            for (int row = step + 1; row < n; row++)
                pivot = Math.Abs(rows[(row * width) + step]) > Math.Abs(rows[(pivot * width) + step]) ? row : pivot;
            for (int column = 0; column < width; column++)
                (rows[(step * width) + column], rows[(pivot * width) + column]) = (rows[(pivot * width) + column], rows[(step * width) + column]);
            for (int row = step + 1; row < n; row++)
            {
                double factor = rows[(row * width) + step] / rows[(step * width) + step];
                for (int column = step; column < width; column++)
                    rows[(row * width) + column] -= factor * rows[(step * width) + column];
            }
        }

        for (int row = n - 1; row >= 0; row--)
        {
            double sum = rows[(row * width) + n];
            for (int column = row + 1; column < n; column++)
                sum -= rows[(row * width) + column] * solution[column];
            solution[row] = sum / rows[(row * width) + row];
            if (!double.IsFinite(solution[row]))
                return false;
        }

        return true;
    }

    /// <summary>What SGP4 makes of elements, and how far that is from the state; false when they are no elements or give none.</summary>
    private bool TryLook(EquinoctialElements at, bool isPolar, out Look look)
    {
        look = default;
        (double axis, double e, double i, double node, double perigee, double anomaly) = at.ToClassical(isRetrograde, isPolar);
        double cosI = Math.Cos(i);
        double motion = MeanElements.KozaiFromSemiMajorAxis(axis, cosI * cosI, 1.0 - (e * e)) * 1440.0 / Math.Tau;
        if (!(i is >= 0.0 and <= Math.PI && e is >= 0.0 and <= Tle.EccentricityMax && motion is >= Tle.MeanMotionMin and <= Tle.MeanMotionMax))
            return false;
        Tle elements = _blank with
        {
            InclinationDegrees = Math.Min(Angle.ToDegrees(i), 180.0),
            RaanDegrees = Angle.ToDegrees(Angle.Wrap(node)),
            Eccentricity = e,
            ArgumentOfPerigeeDegrees = Angle.ToDegrees(Angle.Wrap(perigee)),
            MeanAnomalyDegrees = Angle.ToDegrees(Angle.Wrap(anomaly)),
            MeanMotionRevolutionsPerDay = motion,
        };
        if (new Sgp4(elements).Propagate(0.0, out TemeState there) != PropagationError.None || !EquinoctialElements.TryOf(there, isRetrograde, out EquinoctialElements orbit))
            return false;
        look = new(elements, target.Minus(orbit), (there.PositionKm - state.PositionKm).Length, (there.VelocityKmPerSecond - state.VelocityKmPerSecond).Length);
        return true;
    }

    /// <summary>A set of elements, what its two-body orbit at the epoch lacks to that of the state, and how far its state is from it.</summary>
    private readonly record struct Look(Tle Elements, EquinoctialElements Off, double PositionKm, double VelocityKmPerSecond)
    {
        /// <summary>The greater share of the residuals allowed.</summary>
        internal double Residual => Math.Max(PositionKm / ElementFit.PositionResidualMaxKm, VelocityKmPerSecond / ElementFit.VelocityResidualMaxKmPerSecond);
    }
}
