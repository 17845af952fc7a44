using SatNode.Orbit;
using SatNode.Orbit.Propagation;
using SatNode.Orbit.Topologies;

namespace SatNode.Rig.Scenarios;

/// <summary>The links that a topology chooses among the satellites of a scenario, from where they are at its epoch.</summary>
internal static class TopologyLinks
{
    /// <summary>The pairs, in the order of the satellites; a satellite without a state has none.</summary>
    public static List<(string From, string To)> At(DateTimeOffset epoch, IReadOnlyList<SatelliteSpec> satellites, Topology topology)
    {
        var states = new ConstellationStates(satellites.Count);
        for (int i = 0; i < satellites.Count; i++)
        {
            if (new SatelliteOrbit(SpecOrbits.ElementsOf(satellites[i].Orbit, epoch)).TryStateAt(epoch, out TemeState state))
                states.Set(i, state);
            else
                states.Clear(i);
        }

        var links = new LinkSet();
        topology.Link(states, links);
        return
        [
            .. Enumerable.Range(0, links.Count)
                .Select(i => (From: Math.Min(links.From[i], links.To[i]), To: Math.Max(links.From[i], links.To[i])))
                .Order()
                .Select(pair => (satellites[pair.From].Name, satellites[pair.To].Name)),
        ];
    }
}
