using SatNode.Functions.Actors;
using SatNode.Functions.Runtime;
using SatNode.Protocol.Functions;
using Wasmtime;

namespace SatNode.Functions.Hosting;

/// <summary>The host calls of actors: their short-term memory, their key, the policy for their later messages, and messages to actors from any function.</summary>
internal static class ActorCalls
{
    private const int PriorityMax = 9;

    public static IReadOnlyList<HostFunction> All { get; } =
    [
        SatNodeCalls.Call("memory_size", "", "i", MemorySize),
        SatNodeCalls.Call("memory_get", "ii", "i", MemoryGet),
        SatNodeCalls.Call("memory_put", "ii", "i", MemoryPut),
        SatNodeCalls.Call("actor_key", "ii", "i", ActorKey),
        SatNodeCalls.Call("actor_policy", "ii", "i", Policy),
        SatNodeCalls.Call("send", "iiiii", "i", Send),
    ];

    /// <summary>Sends a message to an actor of the node with the commit.</summary>
    /// <param name="context">Who sends.</param>
    /// <param name="address">To whom.</param>
    /// <param name="payload">The message.</param>
    /// <param name="priority">0 (last) to 9 (first); null for what the actor's manifest says.</param>
    /// <returns>An answer of the ABI; absent when there is no such actor.</returns>
    public static int TrySend(InvocationContext context, ActorAddress address, ReadOnlySpan<byte> payload, int? priority)
    {
        if (context.Environment.FindManifest(address.Function) is not { Actor: { } actor } manifest)
            return SatNodeCalls.Absent;
        string topic = address.ToString();
        (int before, long bytes) = context.Effects.MessagesTo(topic);
        bool isSent = string.Equals(address.Function, context.Manifest.Name, StringComparison.Ordinal) ? context.Reached("message to itself")
            : payload.Length > Math.Min(manifest.Limits.InputBytesMax, FunctionBounds.MessageBytesMax) ? context.Reached("message bytes")
            : context.Depth + 1 > manifest.Limits.DepthMax ? context.Reached("limits.depthMax")
            : !context.Environment.HasRoomFor(address, actor, before, bytes + payload.Length) ? context.Reached("actor.mailboxMax")
            : context.TryEmit(topic, payload, priority ?? manifest.Objective.Priority);
        return isSent ? 0 : SatNodeCalls.RefusedByNode;
    }

    private static void MemorySize(InvocationContext context, ReadOnlySpan<ValueBox> arguments, Span<ValueBox> results) =>
        results[0] = context.Actor.Length == 0 ? SatNodeCalls.RefusedByNode : ActorRecord.MemoryOf(Record(context)) is { Length: > 0 } memory ? memory.Length : SatNodeCalls.Absent;

    private static void MemoryGet(InvocationContext context, ReadOnlySpan<ValueBox> arguments, Span<ValueBox> results)
    {
        Span<byte> buffer = GuestMemory.Slice(context.Memory, arguments[0].AsInt32(), arguments[1].AsInt32(), "memory_get");
        results[0] = context.Actor.Length == 0 ? SatNodeCalls.RefusedByNode
            : ActorRecord.MemoryOf(Record(context)) is { Length: > 0 } memory ? SatNodeCalls.Copy(memory.Span, buffer) : SatNodeCalls.Absent;
    }

    private static void MemoryPut(InvocationContext context, ReadOnlySpan<ValueBox> arguments, Span<ValueBox> results)
    {
        Span<byte> memory = GuestMemory.Slice(context.Memory, arguments[0].AsInt32(), arguments[1].AsInt32(), "memory_put");
        bool isKept = context.Actor.Length > 0
            && (memory.Length <= context.Manifest.Actor!.MemoryBytesMax ? TryKeep(context, ActorRecord.PolicyOf(Record(context).Span), memory) : context.Reached("actor.memoryBytesMax"));
        results[0] = isKept ? 0 : SatNodeCalls.RefusedByNode;
    }

    private static void ActorKey(InvocationContext context, ReadOnlySpan<ValueBox> arguments, Span<ValueBox> results)
    {
        Span<byte> buffer = GuestMemory.Slice(context.Memory, arguments[0].AsInt32(), arguments[1].AsInt32(), "actor_key");
        results[0] = context.Actor.Length == 0 ? SatNodeCalls.Absent : SatNodeCalls.Copy(System.Text.Encoding.ASCII.GetBytes(context.Actor), buffer);
    }

    private static void Policy(InvocationContext context, ReadOnlySpan<ValueBox> arguments, Span<ValueBox> results)
    {
        var policy = new ActorPolicy((ActorPolicyKind)arguments[0].AsInt32(), arguments[1].AsInt32());
        if (policy.Fault() is { } fault)
            throw new GuestFaultException(InvocationEnd.Trapped, $"actor_policy: {fault}");
        results[0] = context.Actor.Length > 0 && TryKeep(context, policy, ActorRecord.MemoryOf(Record(context)).Span) ? 0 : SatNodeCalls.RefusedByNode;
    }

    private static void Send(InvocationContext context, ReadOnlySpan<ValueBox> arguments, Span<ValueBox> results)
    {
        string address = GuestMemory.Text(context.Memory, arguments[0].AsInt32(), arguments[1].AsInt32(), ActorAddress.CharsMax, "send");
        Span<byte> payload = GuestMemory.Slice(context.Memory, arguments[2].AsInt32(), arguments[3].AsInt32(), "send");
        int priority = arguments[4].AsInt32();
        if (priority is < 0 or > PriorityMax)
            throw new GuestFaultException(InvocationEnd.Trapped, $"send: expected a priority of 0 to {PriorityMax}, found {priority}");
        results[0] = ActorAddress.TryParse(address, out ActorAddress actor) ? TrySend(context, actor, payload, priority) : SatNodeCalls.Absent;
    }

    private static ReadOnlyMemory<byte> Record(InvocationContext context) =>
        context.TryGetKept(context.ActorMemoryKey, out StateValue value) ? value.Bytes : default;

    private static bool TryKeep(InvocationContext context, ActorPolicy policy, ReadOnlySpan<byte> memory)
    {
        byte[] record = ActorRecord.Of(policy, memory);
        return context.TryKeep(context.ActorMemoryKey, record, delete: record.Length == 0, expected: null, isFree: false);
    }
}
