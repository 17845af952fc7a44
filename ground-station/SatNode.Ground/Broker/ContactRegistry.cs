namespace SatNode.Ground.Broker;

/// <summary>Who is in contact. A satellite is reachable while its session listens to its telecommands and its status says online. Thread-safe.</summary>
internal sealed class ContactRegistry(IEnumerable<string> satellites, TimeProvider clock)
{
    private readonly Lock _lock = new();
    private readonly Dictionary<string, Contact> _contacts =
        satellites.ToDictionary(name => name, _ => new Contact(false, false, null), StringComparer.Ordinal);

    /// <summary>Raised after a satellite became reachable or stopped to be, outside the lock.</summary>
#pragma warning disable MA0046 // one process, one sender: the node and its contact say all
    public event Action<string, Contact>? Changed;
#pragma warning restore MA0046

    /// <summary>True for a configured satellite.</summary>
    public bool Knows(string node) => _contacts.ContainsKey(node);

    /// <summary>All names.</summary>
    public IReadOnlyCollection<string> Names => _contacts.Keys;

    /// <summary>The contact as it stands.</summary>
    public Contact this[string node]
    {
        get
        {
            lock (_lock)
                return _contacts[node];
        }
    }

    /// <summary>Notes the status that a satellite or its last will published.</summary>
    public void SetOnline(string node, bool isOnline) => Change(node, contact => contact with { IsOnline = isOnline });

    /// <summary>Notes that a satellite listens to its telecommands.</summary>
    public void SetListening(string node) => Change(node, contact => contact with { IsListening = true });

    /// <summary>Notes that a satellite's session ended.</summary>
    public void SetGone(string node) => Change(node, contact => contact with { IsListening = false, IsOnline = false });

    private void Change(string node, Func<Contact, Contact> change)
    {
        Contact after;
        lock (_lock)
        {
            Contact before = _contacts[node];
            after = change(before);
            if (after.IsReachable == before.IsReachable)
            {
                _contacts[node] = after;
                return;
            }
            after = after with { Since = clock.GetUtcNow() };
            _contacts[node] = after;
        }
        Changed?.Invoke(node, after);
    }
}

/// <summary>A satellite's contact.</summary>
/// <param name="IsOnline">Its status says online.</param>
/// <param name="IsListening">Its session is subscribed to its telecommands.</param>
/// <param name="Since">When it became reachable or stopped to be, in world time; null when it never was.</param>
internal sealed record Contact(bool IsOnline, bool IsListening, DateTimeOffset? Since)
{
    /// <summary>True while telecommands reach it.</summary>
    public bool IsReachable => IsOnline && IsListening;
}
