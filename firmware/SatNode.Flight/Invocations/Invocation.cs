using SatNode.Protocol.Functions;
using SatNode.Protocol.State;

namespace SatNode.Flight.Invocations;

/// <summary>Where an invocation's input comes from.</summary>
public enum InputSource
{
    /// <summary>The bytes are in <see cref="Invocation.Input"/>.</summary>
    Bytes = 0,

    /// <summary>The imager, read when the invocation starts.</summary>
    Imager,

    /// <summary>The states of <see cref="Invocation.States"/>.</summary>
    State,
}

/// <summary>One invocation that somebody wants.</summary>
public sealed record Invocation
{
    /// <summary>Unique in the constellation.</summary>
    public required string Id { get; init; }

    /// <summary>The function's name.</summary>
    public required string Function { get; init; }

    /// <summary>The key of the actor that it is a message to; empty when the function has no actors.</summary>
    public string Actor { get; init; } = "";

    /// <summary>The messages that are handed over together, this one included, in order; empty when the input is a message by itself.</summary>
    public IReadOnlyList<Invocation> Batch { get; init; } = [];

    /// <summary>The stages that run after it in its instance, in order; empty unless it was started so.</summary>
    public IReadOnlyList<Invocation> Fused { get; init; } = [];

    /// <summary>Where the message goes, when it is one.</summary>
    public ActorAddress Address => new(Function, Actor);

    /// <summary>The workflow, or empty.</summary>
    public string Workflow { get; init; } = "";

    /// <summary>The workflow's run, or empty.</summary>
    public string Run { get; init; } = "";

    /// <summary>The workflow's stage, or empty.</summary>
    public string Stage { get; init; } = "";

    /// <summary>Where the input comes from.</summary>
    public InputSource Source { get; init; }

    /// <summary>The input, when it is given.</summary>
    public ReadOnlyMemory<byte> Input { get; init; }

    /// <summary>The states that are the input: one is passed as it is, several as a CBOR array of byte strings in this order.</summary>
    public IReadOnlyList<StateReference> States { get; init; } = [];

    /// <summary>When it was triggered.</summary>
    public required DateTimeOffset Queued { get; init; }

    /// <summary>By when it must have ended.</summary>
    public required DateTimeOffset Deadline { get; init; }

    /// <summary>0 (last) to 9 (first).</summary>
    public int Priority { get; init; } = 5;

    /// <summary>How often it was passed on from node to node, 0 to <see cref="InvocationLimits.MaxOffloads"/>.</summary>
    public int Offloads { get; init; }

    /// <summary>How many invocations stand above it in its ancestry, over all nodes: 0 for what a clock, a target, a command or a bundle began. The stages of a workflow count as one.</summary>
    public int Depth { get; init; }

    /// <summary>Called with the result when it ended here; null when nobody waits. For a telecommand's completion.</summary>
    public Action<ExecutionResult>? WhenEnded { get; init; }
}
