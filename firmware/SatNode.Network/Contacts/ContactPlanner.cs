using SatNode.Network.Routing;
using SatNode.Orbit;
using SatNode.Orbit.Contacts;

namespace SatNode.Network.Contacts;

/// <summary>A pair of terminals that can hold a link when the two see each other.</summary>
/// <param name="From">One node's number.</param>
/// <param name="To">The other's.</param>
/// <param name="MaxRangeKm">Beyond it there is no link.</param>
/// <param name="BitsPerSecond">The rate in both directions.</param>
public readonly record struct TerminalPair(ulong From, ulong To, double MaxRangeKm, double BitsPerSecond);

/// <summary>Computes the contact plan of a constellation from its orbits: what every node can know ahead of time.</summary>
public static class ContactPlanner
{
    /// <summary>A longer window is cut into slices of this length, so that each contact's light time, that of its middle, is near the truth: two
    /// satellites that meet head-on change their range by 15 km/s, so by at most 15 ms of light time to either end of a slice.</summary>
    public static readonly TimeSpan SliceLength = TimeSpan.FromMinutes(10);

    /// <summary>All contacts from <paramref name="from"/> to <paramref name="to"/>.</summary>
    /// <param name="orbits">The nodes' orbits by number.</param>
    /// <param name="pairs">Who has terminals for whom; a pair with an unknown node is left out.</param>
    /// <param name="from">The begin of the plan.</param>
    /// <param name="to">Its end.</param>
    public static ContactPlan Plan(IReadOnlyDictionary<ulong, SatelliteOrbit> orbits, IEnumerable<TerminalPair> pairs, DateTimeOffset from, DateTimeOffset to)
    {
        ArgumentNullException.ThrowIfNull(orbits);
        ArgumentNullException.ThrowIfNull(pairs);
        var contacts = new List<Contact>();
        foreach (TerminalPair pair in pairs)
        {
            if (!orbits.TryGetValue(pair.From, out SatelliteOrbit? one) || !orbits.TryGetValue(pair.To, out SatelliteOrbit? other))
                continue;
            foreach (IslWindow window in ContactWindows.IslWindows(one, other, new IslLimits { MaxRangeKm = pair.MaxRangeKm }, from, to))
            {
                for (DateTimeOffset start = window.Start; start < window.End; start += SliceLength)
                {
                    DateTimeOffset end = start + SliceLength < window.End ? start + SliceLength : window.End;
                    TimeSpan lightTime = LightTime(one, other, start + ((end - start) / 2));
                    contacts.Add(new(pair.From, pair.To, start, end, pair.BitsPerSecond, lightTime));
                    contacts.Add(new(pair.To, pair.From, start, end, pair.BitsPerSecond, lightTime));
                }
            }
        }
        return new ContactPlan(contacts);
    }

    private static TimeSpan LightTime(SatelliteOrbit one, SatelliteOrbit other, DateTimeOffset at) =>
        one.TryStateAt(at, out var a) && other.TryStateAt(at, out var b) ? Visibility.LightTime(a.PositionKm, b.PositionKm) : TimeSpan.Zero;
}
