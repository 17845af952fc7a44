using SatNode.Protocol.Functions;
using SatNode.Protocol.Telemetry;

namespace SatNode.Flight.Invocations;

/// <summary>What the scheduler needs of the rest of the node: the functions, the state and the network. The agent composes it.</summary>
public interface IInvocationHost
{
    /// <summary>The manifest of a function that is ready to run, or null.</summary>
    FunctionManifest? FindManifest(string function);

    /// <summary>Brings the invocation's states to this node. Called once an invocation is queued, so that they are on their way while it waits.</summary>
    /// <returns>Where they were, or null when one could not be had in time.</returns>
    Task<StateOrigin?> Prepare(Invocation invocation, CancellationToken cancellation);

    /// <summary>The stages that may run in an invocation's instance, one after the other, when it has completed: those whose authors ask for it, and that this node can run so.</summary>
    IReadOnlyList<Invocation> Fusible(Invocation invocation);

    /// <summary>The length of an invocation's input, in bytes; 0 while it is not there.</summary>
    int InputBytes(Invocation invocation);

    /// <summary>How an actor wants its messages, as it last said. Called from any thread.</summary>
    ActorPolicy PolicyOf(ActorAddress actor);

    /// <summary>Runs the function to its end, no faster than its pace says. Called on the worker's thread. Never throws for what the function does.</summary>
    ExecutionResult Execute(Invocation invocation, InvocationPace pace, CancellationToken cancellation);

    /// <summary>Passes a completed invocation's output on to what follows it.</summary>
    /// <returns>True when it was the last of its workflow or in none, so that the report carries the output.</returns>
    bool Deliver(Invocation invocation, ReadOnlyMemory<byte> output);

    /// <summary>The node to pass an invocation on to, or null when there is none.</summary>
    string? NextCandidate(Invocation invocation);

    /// <summary>Passes an invocation on.</summary>
    /// <returns>False when it could not be handed to the network.</returns>
    bool TryOffload(Invocation invocation, string node);

    /// <summary>Records the report of an ended invocation.</summary>
    void Report(InvocationReport report);
}
