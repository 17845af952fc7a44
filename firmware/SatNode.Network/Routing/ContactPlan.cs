namespace SatNode.Network.Routing;

/// <summary>A time in which one node can send to another. Source: CCSDS 734.3-B-1 §2.3.</summary>
/// <param name="From">The sending node's number.</param>
/// <param name="To">The receiving node's number.</param>
/// <param name="Start">From when.</param>
/// <param name="End">Until when, exclusive; later than <paramref name="Start"/>.</param>
/// <param name="BitsPerSecond">The rate, above 0.</param>
/// <param name="OneWayLightTime">The signal's time on the way, 0 or more.</param>
public readonly record struct Contact(ulong From, ulong To, DateTimeOffset Start, DateTimeOffset End, double BitsPerSecond, TimeSpan OneWayLightTime)
{
    /// <summary>How long <paramref name="bytes"/> take to be sent, in ticks of 100 ns, rounded up.</summary>
    public long TransmissionTicks(long bytes)
    {
        double ticks = Math.Ceiling(bytes * 8.0 * TimeSpan.TicksPerSecond / BitsPerSecond);
        return ticks < long.MaxValue / 4 ? (long)ticks : long.MaxValue / 4;
    }
}

/// <summary>All contacts known for the time to come; immutable.</summary>
public sealed class ContactPlan
{
    /// <summary>The most contacts in a plan: a day of 200 satellites with 4 neighbours and 15 orbits each, some 10 times over.</summary>
    public const int MaxContacts = 200_000;

    private readonly Dictionary<ulong, int> _indices = [];
    private readonly PlannedContact[][] _from;

    /// <summary>Creates a plan.</summary>
    /// <exception cref="ArgumentException">More contacts than <see cref="MaxContacts"/>, or one without duration, rate or with a negative light time.</exception>
    public ContactPlan(IReadOnlyCollection<Contact> contacts)
    {
        ArgumentNullException.ThrowIfNull(contacts);
        if (contacts.Count > MaxContacts)
            throw new ArgumentException($"contact plan: expected at most {MaxContacts} contacts, found {contacts.Count}", nameof(contacts));
        var from = new List<List<PlannedContact>>();
        foreach (Contact contact in contacts)
        {
            if (contact.End <= contact.Start || contact.BitsPerSecond is not (> 0 and <= double.MaxValue) || contact.OneWayLightTime < TimeSpan.Zero)
                throw new ArgumentException($"contact plan: expected a positive duration and rate and a light time of 0 or more, found {contact}", nameof(contacts));
            int source = IndexOf(contact.From, from);
            int target = IndexOf(contact.To, from);
            from[source].Add(new(contact, target, contact.Start.UtcTicks, contact.End.UtcTicks));
        }
        Contacts = [.. contacts];
        _from = new PlannedContact[from.Count][];
        for (int i = 0; i < _from.Length; i++)
            _from[i] = [.. from[i].OrderBy(c => c.StartTicks)];
    }

    /// <summary>A plan without contacts.</summary>
    public static ContactPlan Empty { get; } = new([]);

    /// <summary>The contacts.</summary>
    public IReadOnlyList<Contact> Contacts { get; }

    /// <summary>The number of nodes that occur.</summary>
    internal int NodeCount => _from.Length;

    /// <summary>Until when <paramref name="from"/> can send to <paramref name="to"/> without a break, seen at <paramref name="now"/>; null when it can't.</summary>
    public DateTimeOffset? OpenUntil(ulong from, ulong to, DateTimeOffset now)
    {
        if (!_indices.TryGetValue(from, out int source) || !_indices.TryGetValue(to, out int target))
            return null;
        long at = now.UtcTicks;
        long until = 0;
        foreach (PlannedContact contact in _from[source]) // in the order of their starts: one that follows without a gap extends
        {
            if (contact.StartTicks > Math.Max(at, until))
                break;
            if (contact.To == target && contact.EndTicks > at)
                until = Math.Max(until, contact.EndTicks);
        }
        return until > at ? new DateTimeOffset(until, TimeSpan.Zero) : null;
    }

    /// <summary>Whether a link between the two may exist at <paramref name="now"/>: one of them can send to the other.</summary>
    public bool IsLinked(ulong a, ulong b, DateTimeOffset now) => OpenUntil(a, b, now) is not null || OpenUntil(b, a, now) is not null;

    /// <summary>The next start or end after <paramref name="now"/> of a contact from or to <paramref name="node"/>; null when there is none.</summary>
    public DateTimeOffset? NextChange(ulong node, DateTimeOffset now)
    {
        long next = long.MaxValue;
        long at = now.UtcTicks;
        foreach (Contact contact in Contacts)
        {
            if (contact.From != node && contact.To != node)
                continue;
            if (contact.Start.UtcTicks > at)
                next = Math.Min(next, contact.Start.UtcTicks);
            else if (contact.End.UtcTicks > at)
                next = Math.Min(next, contact.End.UtcTicks);
        }
        return next == long.MaxValue ? null : new DateTimeOffset(next, TimeSpan.Zero);
    }

    /// <summary>The nodes that <paramref name="node"/> ever sends to.</summary>
    public IReadOnlySet<ulong> NeighboursOf(ulong node) =>
        _indices.TryGetValue(node, out int index) ? _from[index].Select(c => c.Contact.To).ToHashSet() : new HashSet<ulong>();

    internal bool TryIndexOf(ulong node, out int index) => _indices.TryGetValue(node, out index);

    internal PlannedContact[] From(int index) => _from[index];

    private int IndexOf(ulong node, List<List<PlannedContact>> from)
    {
        if (!_indices.TryGetValue(node, out int index))
        {
            index = from.Count;
            _indices.Add(node, index);
            from.Add([]);
        }
        return index;
    }
}

/// <summary>A contact as the search reads it.</summary>
/// <param name="Contact">The contact.</param>
/// <param name="To">The receiving node's index in the plan.</param>
/// <param name="StartTicks">Start in ticks of UTC.</param>
/// <param name="EndTicks">End in ticks of UTC.</param>
internal sealed record PlannedContact(Contact Contact, int To, long StartTicks, long EndTicks);
