using SatNode.Protocol.Functions;

namespace SatNode.Flight.Invocations.Actors;

/// <summary>The mailboxes of all actors on the node: who waits for whom, in which order, and that each actor handles one message at a time, whether it comes from its mailbox or from a
/// function that calls it. A mailbox is there while something waits, while a message is handled, and while its policy is quiet; nothing is kept of idle actors.</summary>
/// <remarks>Thread-safe. Nobody ever waits for an actor: a mailbox's message starts when the actor is free, a call is refused when it is not. So no two can wait for each other.</remarks>
public sealed class ActorMailboxes
{
    // With those that leave the mailboxes because an actor changes its policy or its function goes there are twice as many.
    private const int DroppedMax = InvocationLimits.MaxMessages;

    private readonly Func<ActorAddress, ActorPolicy> _policyOf;
    private readonly TimeProvider _time;
    private readonly Dictionary<ActorAddress, ActorMailbox> _mailboxes = [];
    private readonly Dictionary<string, Share> _shares = new(StringComparer.Ordinal);
    private readonly List<(Invocation Message, string Reason)> _dropped = [];
    private readonly Lock _lock = new();
    private int _count;
    private long _bytes;

    /// <summary>All mailboxes are empty.</summary>
    /// <param name="policyOf">The policy that an actor last chose.</param>
    /// <param name="time">The mission clock.</param>
    public ActorMailboxes(Func<ActorAddress, ActorPolicy> policyOf, TimeProvider time)
    {
        _policyOf = policyOf;
        _time = time;
    }

    /// <summary>Messages that wait, for all actors.</summary>
    public int Count
    {
        get
        {
            lock (_lock)
                return _count;
        }
    }

    /// <summary>Mailboxes that are there.</summary>
    public int Mailboxes
    {
        get
        {
            lock (_lock)
                return _mailboxes.Count;
        }
    }

    /// <summary>Takes a message in, as the actor's policy says.</summary>
    /// <param name="message">The message.</param>
    /// <param name="limits">What the actor's manifest allows.</param>
    public PostResult Post(Invocation message, FunctionActor limits)
    {
        ArgumentNullException.ThrowIfNull(message);
        ArgumentNullException.ThrowIfNull(limits);
        DateTimeOffset now = _time.GetUtcNow();
        lock (_lock)
        {
            ActorMailbox mailbox = FindOrMake(message.Address);
            Share share = ShareOf(message.Function);
            PostResult result = Post(message, limits, mailbox, share, now);
            if (result == PostResult.Full)
                share.Full++;
            share.LastActor = message.Actor;
            Tidy(message.Address, mailbox, now);
            return result;
        }
    }

    /// <summary>Whether a message would be taken in now.</summary>
    /// <param name="actor">To whom.</param>
    /// <param name="limits">What the actor's manifest allows.</param>
    /// <param name="before">How many messages the sender has for the actor that come before it.</param>
    /// <param name="bytes">The length of all these, its own among them.</param>
    public bool HasRoomFor(ActorAddress actor, FunctionActor limits, int before, long bytes)
    {
        ArgumentNullException.ThrowIfNull(limits);
        DateTimeOffset now = _time.GetUtcNow();
        lock (_lock)
        {
            ActorMailbox mailbox = _mailboxes.GetValueOrDefault(actor) ?? new(_policyOf(actor));
            Share share = ShareOf(actor.Function);
            if (mailbox.Drops(now) || (mailbox.Policy.Kind == ActorPolicyKind.Drop && before > 0))
                return true;
            return mailbox.Policy.Kind == ActorPolicyKind.Coalesce
                ? HasRoom(0, bytes - mailbox.Bytes, mailbox.Messages.Count, limits, share)
                : HasRoom(mailbox.Messages.Count + before, bytes, -before, limits, share);
        }
    }

    /// <summary>Takes an actor for a call.</summary>
    /// <param name="actor">Which.</param>
    /// <param name="policy">How it wants its messages.</param>
    /// <returns>False when it handles another message, when some wait, or when its policy drops. Else call <see cref="Leave"/> once.</returns>
    public bool TryEnter(ActorAddress actor, out ActorPolicy policy)
    {
        DateTimeOffset now = _time.GetUtcNow();
        lock (_lock)
        {
            ActorMailbox mailbox = FindOrMake(actor);
            policy = mailbox.Policy;
            if (mailbox.IsBusy || mailbox.Messages.Count > 0 || mailbox.Drops(now))
                return false;
            return mailbox.IsBusy = true;
        }
    }

    /// <summary>Sets an actor free after a message or a call.</summary>
    public void Leave(ActorAddress actor)
    {
        DateTimeOffset now = _time.GetUtcNow();
        lock (_lock)
        {
            if (!_mailboxes.TryGetValue(actor, out ActorMailbox? mailbox))
                return; // undeployed meanwhile
            mailbox.End(_policyOf(actor), now);
            if (mailbox.Policy.Kind == ActorPolicyKind.Coalesce)
                GiveWay(mailbox, keep: 1, ShareOf(actor.Function));
            Tidy(actor, mailbox, now);
        }
    }

    /// <summary>Whether a message for an actor waits.</summary>
    public bool IsWaiting(ActorAddress actor)
    {
        lock (_lock)
            return _mailboxes.TryGetValue(actor, out ActorMailbox? mailbox) && mailbox.Messages.Count > 0;
    }

    /// <summary>Whether a message still waits.</summary>
    internal bool IsWaiting(Pending message)
    {
        lock (_lock)
            return _mailboxes.TryGetValue(message.Invocation.Address, out ActorMailbox? mailbox) && mailbox.Messages.Contains(message);
    }

    /// <summary>Ends the mailboxes of a function that goes; what waits is told so by <see cref="TakeDropped"/>.</summary>
    public void Remove(string function)
    {
        lock (_lock)
        {
            foreach ((ActorAddress actor, ActorMailbox mailbox) in _mailboxes.Where(pair => string.Equals(pair.Key.Function, function, StringComparison.Ordinal)).ToArray())
            {
                foreach (Pending message in mailbox.Messages)
                {
                    Account(message.Invocation, -1);
                    NoteDropped(message.Invocation, $"function '{function}' was removed while the message waited");
                }
                mailbox.Messages.Clear();
                if (!mailbox.IsBusy)
                    _mailboxes.Remove(actor); // else when what runs has ended
            }
            _shares.Remove(function);
        }
    }

    /// <summary>The messages whose turn it is, at most one an actor, and with the policy batch those that would go with it.</summary>
    internal List<Pending> Due()
    {
        List<Pending> due = [];
        DateTimeOffset now = _time.GetUtcNow();
        lock (_lock)
        {
            foreach ((ActorAddress actor, ActorMailbox mailbox) in _mailboxes)
            {
                if (!mailbox.IsBusy && mailbox.Head is { } head)
                    due.Add(head);
                else if (mailbox.IsIdle(now))
                    _mailboxes.Remove(actor); // its quiet time is over
            }
        }
        return due;
    }

    /// <summary>The messages that would be handled together with one whose turn it is, in order; itself alone unless the policy is batch.</summary>
    internal IReadOnlyList<Pending> With(Pending head)
    {
        lock (_lock)
        {
            return _mailboxes.TryGetValue(head.Invocation.Address, out ActorMailbox? mailbox) && mailbox.Policy.Kind == ActorPolicyKind.Batch
                ? [.. mailbox.Messages.Take(mailbox.Policy.Value)] : [head];
        }
    }

    /// <summary>Begins to handle messages: they wait no longer, and the actor is busy until <see cref="Leave"/>.</summary>
    /// <param name="head">The message whose turn it is.</param>
    /// <param name="others">Those that go with it.</param>
    /// <param name="isBatch">True when the actor wants them as an array.</param>
    /// <returns>False when a call was first.</returns>
    internal bool TryBegin(Pending head, IReadOnlyList<Pending> others, out bool isBatch)
    {
        lock (_lock)
        {
            isBatch = false;
            if (!_mailboxes.TryGetValue(head.Invocation.Address, out ActorMailbox? mailbox) || mailbox.IsBusy || !mailbox.Messages.Contains(head))
                return false;
            isBatch = mailbox.Policy.Kind == ActorPolicyKind.Batch;
            mailbox.IsBusy = true;
            foreach (Pending message in (IEnumerable<Pending>)[head, .. others])
            {
                if (mailbox.Messages.Remove(message))
                    Account(message.Invocation, -1);
            }
            return true;
        }
    }

    /// <summary>Puts messages back that were stopped while they were handled, before all others and in their order. They had their room: no bound is asked. Where only the newest counts, they give
    /// way to one that has come meanwhile.</summary>
    internal void PutBack(Pending head, IReadOnlyList<Pending> others)
    {
        DateTimeOffset now = _time.GetUtcNow();
        lock (_lock)
        {
            ActorMailbox mailbox = FindOrMake(head.Invocation.Address);
            mailbox.Messages.InsertRange(0, [head, .. others]);
            foreach (Pending message in (IEnumerable<Pending>)[head, .. others])
                Account(message.Invocation, 1);
            if (mailbox.Policy.Kind == ActorPolicyKind.Coalesce)
                GiveWay(mailbox, keep: 1, ShareOf(head.Invocation.Function));
            Tidy(head.Invocation.Address, mailbox, now);
        }
    }

    /// <summary>Takes a message out that will not be handled here.</summary>
    /// <returns>False when it waits no longer.</returns>
    internal bool Take(Pending message)
    {
        DateTimeOffset now = _time.GetUtcNow();
        lock (_lock)
        {
            if (!_mailboxes.TryGetValue(message.Invocation.Address, out ActorMailbox? mailbox) || !mailbox.Messages.Remove(message))
                return false;
            Account(message.Invocation, -1);
            Tidy(message.Invocation.Address, mailbox, now);
            return true;
        }
    }

    /// <summary>Messages whose deadline has passed while others were handled, as many as a tick judges.</summary>
    internal List<Pending> Late(DateTimeOffset now)
    {
        lock (_lock)
            return [.. _mailboxes.Values.SelectMany(mailbox => mailbox.Messages).Where(message => message.Invocation.Deadline <= now).Take(InvocationLimits.MaxJudgedPerTick)];
    }

    /// <summary>The messages that somebody waits for and that will not be handled, each once, with the reason.</summary>
    internal List<(Invocation Message, string Reason)> TakeDropped()
    {
        lock (_lock)
        {
            List<(Invocation Message, string Reason)> taken = [.. _dropped];
            _dropped.Clear();
            return taken;
        }
    }

    /// <summary>What was refused and dropped of each function since the last call, to be told of.</summary>
    internal List<Losses> TakeLosses(DateTimeOffset now)
    {
        List<Losses> losses = [];
        lock (_lock)
        {
            foreach ((string function, Share share) in _shares)
            {
                if (share.Full + share.NewlyDropped == 0)
                {
                    if (share.Count == 0 && share.Dropped == 0)
                        _shares.Remove(function);
                    continue;
                }
                bool tells = share.NewlyDropped > 0 && now >= share.NextTold;
                losses.Add(new(function, share.LastActor, share.Full, tells ? share.Dropped : 0, share.LastPolicy));
                share.Full = 0;
                if (tells)
                {
                    share.NewlyDropped = 0;
                    share.NextTold = now + InvocationLimits.LimitEventInterval;
                }
            }
        }
        return losses;
    }

    private PostResult Post(Invocation message, FunctionActor limits, ActorMailbox mailbox, Share share, DateTimeOffset now)
    {
        // Who waits for a message that goes is told so with the next tick; what nobody could be told of any more is not taken in.
        bool canTell = _dropped.Count < DroppedMax;
        if (mailbox.Drops(now))
        {
            if (!canTell && message.WhenEnded is not null)
                return PostResult.Full;
            NoteDropped(message, "dropped by the actor's policy");
            share.Drop(ActorPolicyKind.Drop);
            return PostResult.Dropped;
        }
        bool coalesces = mailbox.Policy.Kind == ActorPolicyKind.Coalesce;
        int going = coalesces ? mailbox.Messages.Count : 0;
        long goingBytes = coalesces ? mailbox.Bytes : 0;
        if ((going > 0 && !canTell) || !HasRoom(mailbox.Messages.Count - going, message.Input.Length - goingBytes, going, limits, share))
            return PostResult.Full;
        if (coalesces)
            GiveWay(mailbox, keep: 0, share);
        mailbox.Messages.Add(new(message) { NotBefore = now });
        Account(message, 1);
        return PostResult.Waits;
    }

    private bool HasRoom(int before, long bytes, int going, FunctionActor limits, Share share) =>
        before < limits.MailboxMax
        && share.Count - going < InvocationLimits.MaxMessagesPerFunction && _count - going < InvocationLimits.MaxMessages
        && share.Bytes + bytes <= InvocationLimits.MaxMessageBytesPerFunction && _bytes + bytes <= InvocationLimits.MaxMessageBytes;

    /// <summary>Lets the oldest go, so that the newest wait.</summary>
    private void GiveWay(ActorMailbox mailbox, int keep, Share share)
    {
        while (mailbox.Messages.Count > keep)
        {
            Invocation old = mailbox.Messages[0].Invocation;
            mailbox.Messages.RemoveAt(0);
            Account(old, -1);
            share.Drop(ActorPolicyKind.Coalesce);
            share.LastActor = old.Actor;
            NoteDropped(old, "a newer message took its place, as the actor's policy says");
        }
    }

    // Those that nobody waits for are only counted.
    private void NoteDropped(Invocation message, string reason)
    {
        if (message.WhenEnded is not null)
            _dropped.Add((message, reason));
    }

    private ActorMailbox FindOrMake(ActorAddress actor)
    {
        if (!_mailboxes.TryGetValue(actor, out ActorMailbox? mailbox))
            mailbox = _mailboxes[actor] = new(_policyOf(actor));
        return mailbox;
    }

    private void Tidy(ActorAddress actor, ActorMailbox mailbox, DateTimeOffset now)
    {
        // Of those that are only quiet there are not more than so many: one that is forgotten takes its next message early.
        if (mailbox.IsIdle(now) || (_mailboxes.Count > InvocationLimits.MaxMailboxes && !mailbox.IsBusy && mailbox.Messages.Count == 0))
            _mailboxes.Remove(actor);
    }

    private Share ShareOf(string function) => _shares.TryGetValue(function, out Share? share) ? share : _shares[function] = new Share();

    private void Account(Invocation message, int sign)
    {
        Share share = ShareOf(message.Function);
        share.Count += sign;
        share.Bytes += sign * message.Input.Length;
        _count += sign;
        _bytes += sign * (long)message.Input.Length;
    }

    /// <summary>What was refused and dropped.</summary>
    /// <param name="Function">Whose.</param>
    /// <param name="Actor">The key of the last.</param>
    /// <param name="Full">Messages refused since the last call because there was no room.</param>
    /// <param name="Dropped">Messages that policies dropped since the start; 0 when it is not to be told of now.</param>
    /// <param name="Policy">The last policy that did.</param>
    internal readonly record struct Losses(string Function, string Actor, int Full, long Dropped, ActorPolicyKind Policy);

    private sealed class Share
    {
        public int Count { get; set; }

        public long Bytes { get; set; }

        public int Full { get; set; }

        public long Dropped { get; private set; }

        public long NewlyDropped { get; set; }

        public string LastActor { get; set; } = "";

        public ActorPolicyKind LastPolicy { get; private set; }

        public DateTimeOffset NextTold { get; set; }

        public void Drop(ActorPolicyKind policy)
        {
            Dropped++;
            NewlyDropped++;
            LastPolicy = policy;
        }
    }
}
