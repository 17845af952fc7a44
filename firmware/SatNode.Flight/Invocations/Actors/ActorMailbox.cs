using SatNode.Protocol.Functions;

namespace SatNode.Flight.Invocations.Actors;

/// <summary>What waits for one actor, in the order of arrival, and how it is treated.</summary>
internal sealed class ActorMailbox(ActorPolicy policy)
{
    public List<Pending> Messages { get; } = [];

    public ActorPolicy Policy { get; private set; } = policy;

    /// <summary>The length of the messages that wait.</summary>
    public long Bytes => Messages.Sum(message => (long)message.Invocation.Input.Length);

    /// <summary>True while a message is handled or a call runs.</summary>
    public bool IsBusy { get; set; }

    /// <summary>Until when its policy drops what comes; the past when it does not.</summary>
    public DateTimeOffset QuietUntil { get; private set; }

    /// <summary>The message to be handled next; null when there is none.</summary>
    public Pending? Head
    {
        get
        {
            Pending? head = Messages.Count > 0 ? Messages[0] : null;
            if (Policy.Kind != ActorPolicyKind.Prioritise)
                return head;
            foreach (Pending message in Messages)
            {
                if (message.Invocation.Priority > head!.Invocation.Priority)
                    head = message;
            }
            return head;
        }
    }

    public bool Drops(DateTimeOffset now) => Policy.Kind == ActorPolicyKind.Drop && (IsBusy || Messages.Count > 0 || now < QuietUntil);

    /// <summary>Takes in how the actor wants its messages from now on, at the end of one.</summary>
    public void End(ActorPolicy policy, DateTimeOffset now)
    {
        IsBusy = false;
        Policy = policy;
        QuietUntil = policy.Kind == ActorPolicyKind.Drop ? now + TimeSpan.FromMilliseconds(policy.Value) : default;
    }

    /// <summary>True when forgetting it loses nothing: its policy is kept with its memory.</summary>
    public bool IsIdle(DateTimeOffset now) => !IsBusy && Messages.Count == 0 && now >= QuietUntil;
}
