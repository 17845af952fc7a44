using SatNode.Orbit.Contacts;
using SatNode.Orbit.Geometry;
using SatNode.Orbit.Propagation;

namespace SatNode.Orbit.Tests.Topologies;

/// <summary>Satellites anywhere, and links found in the plainest way.</summary>
internal static class Scattered
{
    /// <summary>Places at heights of 300 to 2,000 km, some at 20,000 and 36,000, one in thirty without a state.</summary>
    internal static ConstellationStates Anywhere(int count, int seed)
    {
        var random = new Random(seed);
        var states = new ConstellationStates(count);
        for (int i = 0; i < count; i++)
        {
            double z = (2.0 * random.NextDouble()) - 1.0, turn = random.NextDouble() * Math.Tau, level = Math.Sqrt(1.0 - (z * z));
            double radius = 6378.0 + (random.Next(20) switch { 0 => 20_000.0, 1 => 36_000.0, _ => 300.0 + (1_700.0 * random.NextDouble()) });
            states.Set(i, new(new Vector3d(level * Math.Cos(turn), level * Math.Sin(turn), z) * radius, default));
            if (random.Next(30) == 0)
                states.Clear(i);
        }

        return states;
    }

    /// <summary>All allowed pairs by rising length.</summary>
    internal static List<(double Km, int From, int To)> AllPairs(ConstellationStates states, IslLimits limits)
    {
        List<(double, int, int)> pairs = [];
        for (int i = 0; i < states.Count; i++)
        {
            for (int j = i + 1; j < states.Count; j++)
            {
                double km = (states.PositionKm(i) - states.PositionKm(j)).Length;
                if (km <= limits.MaxRangeKm && Visibility.ClearanceKm(states.PositionKm(i), states.PositionKm(j)) >= limits.GrazingAltitudeKm)
                    pairs.Add((km, i, j));
            }
        }

        pairs.Sort();
        return pairs;
    }

    internal static HashSet<(int, int)> Set(SatNode.Orbit.Topologies.LinkSet links)
    {
        HashSet<(int, int)> set = [];
        for (int i = 0; i < links.Count; i++)
            Assert.True(set.Add((Math.Min(links.From[i], links.To[i]), Math.Max(links.From[i], links.To[i]))), "a link twice");
        return set;
    }
}
