using SatNode.Flight.Telemetry;
using SatNode.Functions.Actors;
using SatNode.Network.State;
using SatNode.Protocol.Dictionary;
using SatNode.Protocol.Functions;

namespace SatNode.Agent.Composition;

/// <summary>What the actors of the node remember, in RAM and in the node's store.</summary>
internal sealed class NodeActors
{
    private readonly ActorStore _store;
    private readonly IEventSink _events;

    /// <summary>Nothing is in RAM yet.</summary>
    /// <param name="states">The disk.</param>
    /// <param name="node">The node's number.</param>
    /// <param name="find">What a function's manifest says of its actors; null when there are none.</param>
    /// <param name="events">Told of what is lost.</param>
    /// <param name="time">The mission clock.</param>
    public NodeActors(StateStore states, ulong node, Func<string, FunctionActor?> find, IEventSink events, TimeProvider time)
    {
        _store = new ActorStore(states, node, time);
        _events = events;
        Memories = new ActorMemories(_store, find, time);
    }

    /// <summary>Their memories.</summary>
    public ActorMemories Memories { get; }

    /// <summary>Takes away what a function's actors remember.</summary>
    public void Forget(string function)
    {
        Memories.Remove(function);
        _store.Remove(function);
    }

    /// <summary>Puts the memories of idle actors to disk.</summary>
    public void PassivateIdle() => Memories.PassivateIdle();

    /// <summary>Puts the memories of all actors to disk, for the agent's end.</summary>
    public void PassivateAll()
    {
        if (Memories.PassivateAll() is { Actors: > 0 } lost)
            _events.Raise(Events.ActorMemoriesLost, lost.Actors, lost.Bytes);
    }
}
