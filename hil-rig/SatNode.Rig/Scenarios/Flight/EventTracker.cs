using System.Globalization;
using SatNode.Rig.Boards.Protocols;
using SatNode.Rig.Scenarios.Checks;

namespace SatNode.Rig.Scenarios.Flight;

/// <summary>Reads a board's console: keeps every event, and knows from them what runs and what is in contact.</summary>
internal sealed class EventTracker
{
    /// <summary>Events kept of one board: at one a second, an orbit and a half.</summary>
    public const int MaxEvents = 10_000;

    private readonly Lock _lock = new();
    private readonly List<EventRecord> _events = [];
    private readonly Dictionary<string, string> _running = new(StringComparer.Ordinal);
    private readonly Dictionary<string, int> _peers = new(StringComparer.Ordinal); // sessions: two ends may open one each at once
    private string _last = "";
    private bool _isInContact;

    /// <summary>The events so far.</summary>
    public IReadOnlyList<EventRecord> Events
    {
        get
        {
            lock (_lock)
                return [.. _events];
        }
    }

    /// <summary>How many events there are.</summary>
    public int Count
    {
        get
        {
            lock (_lock)
                return _events.Count;
        }
    }

    /// <summary>True between a contact gained and lost.</summary>
    public bool IsInContact
    {
        get
        {
            lock (_lock)
                return _isInContact;
        }
    }

    /// <summary>The functions that run, the neighbours with a session, and the last event in words.</summary>
    public (string Running, IReadOnlyList<string> Peers, string LastEvent) Now
    {
        get
        {
            lock (_lock)
                return (string.Join(' ', _running.Values.Distinct(StringComparer.Ordinal)), [.. _peers.Where(peer => peer.Value > 0).Select(peer => peer.Key).Order(StringComparer.Ordinal)], _last);
        }
    }

    /// <summary>Takes a line of the console; what is no event is passed over.</summary>
    public void Take(ConsoleLine line)
    {
        if (line.IsError || Parse(line.Text) is not { } item)
            return;
        lock (_lock)
        {
            if (_events.Count < MaxEvents)
                _events.Add(item);
            _last = line.Text.Split(' ', 6) is [.., var words] ? words : item.Name;
            Note(item);
        }
    }

    /// <summary>Everything ends with the power.</summary>
    public void PowerLost()
    {
        lock (_lock)
            Forget();
    }

    private void Forget()
    {
        _running.Clear();
        _peers.Clear();
        _isInContact = false;
    }

    /// <summary>Reads <c>EVENT boot sequence time severity name argument=value …</c>; null when it is none.</summary>
    public static EventRecord? Parse(string line)
    {
        string[] parts = line.Split(' ', 7);
        if (parts.Length < 6 || parts[0] != "EVENT"
            || !uint.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out uint boot)
            || !ulong.TryParse(parts[2], NumberStyles.None, CultureInfo.InvariantCulture, out ulong sequence)
            || !DateTimeOffset.TryParse(parts[3], CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out DateTimeOffset time))
        {
            return null;
        }
        return new(boot, sequence, time, parts[5], Arguments(parts[5], parts.Length > 6 ? parts[6] : ""));
    }

    /// <summary>Values may have spaces: each ends where the next name of the dictionary begins.</summary>
    private static Dictionary<string, string> Arguments(string name, string text)
    {
        Dictionary<string, string> values = new(StringComparer.Ordinal);
        IReadOnlyList<string> names = Protocol.Dictionary.Events.All.FirstOrDefault(definition => definition.Name == name)?.Arguments ?? [];
        int from = 0;
        for (int i = 0; i < names.Count; i++)
        {
            if (string.CompareOrdinal(text, from, names[i] + "=", 0, names[i].Length + 1) != 0)
                break;
            from += names[i].Length + 1;
            int next = i + 1 < names.Count ? text.IndexOf($" {names[i + 1]}=", from, StringComparison.Ordinal) : -1;
            values[names[i]] = next < 0 ? text[from..] : text[from..next];
            if (next < 0)
                break;
            from = next + 1;
        }
        return values;
    }

    private void Note(EventRecord item)
    {
        string invocation = item.Text("invocation");
        if (item.Name == Protocol.Dictionary.Events.AgentStarted.Name)
            Forget(); // a board that was reset begins anew
        if (item.Name == Protocol.Dictionary.Events.InvocationStarted.Name)
            _running[invocation] = item.Text("function");
        else if (item.Name == Protocol.Dictionary.Events.InvocationCompleted.Name || item.Name == Protocol.Dictionary.Events.InvocationFailed.Name)
            _running.Remove(invocation);
        else if (item.Name == Protocol.Dictionary.Events.LinkUp.Name)
            _peers[item.Text("peer")] = _peers.GetValueOrDefault(item.Text("peer")) + 1;
        else if (item.Name == Protocol.Dictionary.Events.LinkDown.Name)
            _peers[item.Text("peer")] = Math.Max(0, _peers.GetValueOrDefault(item.Text("peer")) - 1);
        else if (item.Name == Protocol.Dictionary.Events.ContactGained.Name)
            _isInContact = true;
        else if (item.Name == Protocol.Dictionary.Events.ContactLost.Name)
            _isInContact = false;
    }
}
