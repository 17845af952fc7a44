using System.Buffers.Binary;
using SatNode.Functions.Runtime;
using SatNode.Protocol.Functions;
using Wasmtime;

namespace SatNode.Functions.Hosting;

/// <summary>The host calls of a function's queue: durable, first in, first out. Entries have rising numbers; the first and the next number are compared when they are committed, so that
/// each entry is taken by one invocation that completed, and by no other.</summary>
internal static class QueueCalls
{
    private const int HeaderBytes = 2 * sizeof(ulong);

    public static IReadOnlyList<HostFunction> All { get; } =
    [
        SatNodeCalls.Call("queue_push", "ii", "i", Push),
        SatNodeCalls.Call("queue_pop", "ii", "i", Pop),
        SatNodeCalls.Call("queue_length", "", "i", Length),
    ];

    private static bool IsNeeded(InvocationContext context) => context.Manifest.Needs.HasFlag(FunctionNeeds.Queue);

    private static void Push(InvocationContext context, ReadOnlySpan<ValueBox> arguments, Span<ValueBox> results)
    {
        byte[] entry = GuestMemory.Slice(context.Memory, arguments[0].AsInt32(), arguments[1].AsInt32(), "queue_push").ToArray();
        results[0] = IsNeeded(context) && TryPush(context, entry) ? 0 : SatNodeCalls.RefusedByNode;
    }

    private static void Pop(InvocationContext context, ReadOnlySpan<ValueBox> arguments, Span<ValueBox> results)
    {
        Span<byte> buffer = GuestMemory.Slice(context.Memory, arguments[0].AsInt32(), arguments[1].AsInt32(), "queue_pop");
        results[0] = IsNeeded(context) ? TakeFirst(context, buffer) : SatNodeCalls.RefusedByNode;
    }

    private static void Length(InvocationContext context, ReadOnlySpan<ValueBox> arguments, Span<ValueBox> results)
    {
        Header header = Find(context);
        results[0] = IsNeeded(context) ? (int)(header.Next - header.First) : SatNodeCalls.RefusedByNode;
    }

    private static bool TryPush(InvocationContext context, byte[] entry)
    {
        Header header = Find(context);
        if (entry.Length > FunctionBounds.QueueEntryBytesMax)
            return context.Reached("queue entry bytes");
        if (header.Next - header.First >= FunctionBounds.QueueEntriesMax)
            return context.Reached("queue entries");
        return context.TryAll(() => TryKeep(context, header with { Next = header.Next + 1 }, header.Version)
            && context.TryKeep(ServiceKeys.QueueEntry(header.Next), entry, delete: false, expected: null, isFree: false));
    }

    private static int TakeFirst(InvocationContext context, Span<byte> buffer)
    {
        Header header = Find(context);
        ulong number = header.First;
        StateValue entry = default;
        while (number < header.Next && !context.TryGetKept(ServiceKeys.QueueEntry(number), out entry))
            number++; // the store found it damaged and let it go
        if (number >= header.Next)
            return SatNodeCalls.Absent;
        int length = SatNodeCalls.Copy(entry.Bytes.Span, buffer);
        bool isTaken = length < 0 || context.TryAll(() => TryKeep(context, header with { First = number + 1 }, header.Version)
            && context.TryKeep(ServiceKeys.QueueEntry(number), [], delete: true, expected: null, isFree: true));
        return isTaken ? length : SatNodeCalls.RefusedByNode;
    }

    private static bool TryKeep(InvocationContext context, Header header, ulong expected)
    {
        Span<byte> bytes = stackalloc byte[HeaderBytes];
        BinaryPrimitives.WriteUInt64LittleEndian(bytes, header.First);
        BinaryPrimitives.WriteUInt64LittleEndian(bytes[sizeof(ulong)..], header.Next);
        return context.TryKeep(ServiceKeys.QueueHeader, bytes, delete: false, expected, isFree: false);
    }

    private static Header Find(InvocationContext context)
    {
        if (!context.TryGetKept(ServiceKeys.QueueHeader, out StateValue value) || value.Bytes.Length != HeaderBytes)
            return default;
        ulong first = BinaryPrimitives.ReadUInt64LittleEndian(value.Bytes.Span), next = BinaryPrimitives.ReadUInt64LittleEndian(value.Bytes.Span[sizeof(ulong)..]);
        return new(first, next, value.Version);
    }

    /// <summary>The number of the first entry and of the next one to come, and the version of both.</summary>
    private readonly record struct Header(ulong First, ulong Next, ulong Version);
}
