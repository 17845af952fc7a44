using System.Numerics;

namespace SatNode.Network.Routing;

/// <summary>The way on for a bundle.</summary>
/// <param name="NextHop">The neighbour to send to.</param>
/// <param name="Departure">When sending can start; later than now when the contact is not open yet.</param>
/// <param name="Arrival">When the whole bundle can be at its destination.</param>
public readonly record struct Route(ulong NextHop, DateTimeOffset Departure, DateTimeOffset Arrival);

/// <summary>Finds the neighbour over which a bundle arrives first: Dijkstra's search over the contacts to come, by arrival times, where a contact
/// counts only if the whole bundle fits before its end. Source: CCSDS 734.3-B-1 (SABR) §3.2; the core of it, without booked volumes.</summary>
/// <remarks>Routes of one moment never loop: each hop's arrival is later than the one before. A search serves all destinations and all bundles of a
/// size class (a power of two, rounded up) until <see cref="MaxTreeAge"/> has passed or a contact of the route no longer has room. Not thread-safe.</remarks>
public sealed class Router(ulong self)
{
    /// <summary>How long a search may serve: what is missed by it is at most this late.</summary>
    public static readonly TimeSpan MaxTreeAge = TimeSpan.FromSeconds(10);

    private const int SmallestClass = 10; // 2^10 bytes

    private readonly Dictionary<int, Tree> _trees = [];
    private ContactPlan _plan = ContactPlan.Empty;

    /// <summary>The searches made so far.</summary>
    public long Searches { get; private set; }

    /// <summary>Takes a new plan.</summary>
    public void SetPlan(ContactPlan plan)
    {
        _plan = plan;
        _trees.Clear();
    }

    /// <summary>The best route for a bundle of <paramref name="bytes"/> to <paramref name="destination"/>; null when no contact leads there.</summary>
    public Route? Find(ulong destination, long bytes, DateTimeOffset now)
    {
        if (!_plan.TryIndexOf(self, out int source) || !_plan.TryIndexOf(destination, out int target) || source == target)
            return null;
        long at = now.UtcTicks;
        int sizeClass = Math.Max(SmallestClass, BitOperations.Log2((ulong)Math.Max(1, bytes - 1)) + 1);
        if (!_trees.TryGetValue(sizeClass, out Tree? tree) || !tree.Serves(target, at))
        {
            tree = Search(source, 1L << sizeClass, at);
            _trees[sizeClass] = tree;
        }
        Route? route = tree.RouteTo(target, at);
        return route ?? (1L << sizeClass == bytes ? null : Search(source, bytes, at).RouteTo(target, at)); // it may just fit by its own size
    }

    private Tree Search(int source, long bytes, long at)
    {
        Searches++;
        var tree = new Tree(_plan.NodeCount, at);
        tree.Arrival[source] = at;
        tree.Slack[source] = long.MaxValue;
        var queue = new PriorityQueue<int, long>();
        queue.Enqueue(source, at);
        while (queue.TryDequeue(out int node, out long arrival))
        {
            if (arrival != tree.Arrival[node])
                continue; // reached earlier meanwhile
            foreach (PlannedContact contact in _plan.From(node))
            {
                if (contact.EndTicks <= arrival)
                    continue;
                long departure = Math.Max(arrival, contact.StartTicks);
                long sent = departure + contact.Contact.TransmissionTicks(bytes);
                long there = sent + contact.Contact.OneWayLightTime.Ticks;
                if (sent > contact.EndTicks || there >= tree.Arrival[contact.To])
                    continue;
                tree.Arrival[contact.To] = there;
                tree.Slack[contact.To] = Math.Min(tree.Slack[node], contact.EndTicks - sent);
                tree.First[contact.To] = node == source ? contact : tree.First[node];
                queue.Enqueue(contact.To, there);
            }
        }
        return tree;
    }

    private sealed class Tree
    {
        private readonly long _madeAt;

        public Tree(int nodes, long madeAt)
        {
            _madeAt = madeAt;
            Arrival = new long[nodes];
            Slack = new long[nodes];
            First = new PlannedContact?[nodes];
            Array.Fill(Arrival, long.MaxValue);
        }

        public long[] Arrival { get; }

        /// <summary>How much later a bundle can leave and still meet every contact of its route.</summary>
        public long[] Slack { get; }

        public PlannedContact?[] First { get; }

        public bool Serves(int target, long now)
        {
            long age = now - _madeAt;
            return age >= 0 && age <= MaxTreeAge.Ticks && (First[target] is null || age <= Slack[target]);
        }

        public Route? RouteTo(int target, long now) => First[target] is { } first
            ? new Route(first.Contact.To, new(Math.Max(now, first.StartTicks), TimeSpan.Zero), new(Arrival[target], TimeSpan.Zero))
            : null;
    }
}
