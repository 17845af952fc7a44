using System.Buffers.Binary;
using SatNode.Functions.Runtime;
using SatNode.Protocol.Functions;
using Wasmtime;

namespace SatNode.Functions.Hosting;

/// <summary>The host calls of the object store: byte strings larger than a state value, read and written in parts. An object is a length and pieces of
/// <see cref="FunctionBounds.ObjectChunkBytes"/>; the length is compared when it is committed, so that two invocations never mix their writes.</summary>
internal static class ObjectCalls
{
    private const int Chunk = FunctionBounds.ObjectChunkBytes;

    public static IReadOnlyList<HostFunction> All { get; } =
    [
        SatNodeCalls.Call("object_put", "iiIii", "i", Put),
        SatNodeCalls.Call("object_get", "iiIii", "i", Get),
        SatNodeCalls.Call("object_size", "ii", "I", Size),
        SatNodeCalls.Call("object_delete", "ii", "i", Delete),
    ];

    private static bool IsNeeded(InvocationContext context) => context.Manifest.Needs.HasFlag(FunctionNeeds.ObjectStore);

    private static void Put(InvocationContext context, ReadOnlySpan<ValueBox> arguments, Span<ValueBox> results)
    {
        string name = SatNodeCalls.Key(context, arguments, "object_put");
        long offset = arguments[2].AsInt64();
        byte[] bytes = GuestMemory.Slice(context.Memory, arguments[3].AsInt32(), arguments[4].AsInt32(), "object_put").ToArray();
        results[0] = IsNeeded(context) && TryPut(context, name, offset, bytes) ? 0 : SatNodeCalls.RefusedByNode;
    }

    private static void Get(InvocationContext context, ReadOnlySpan<ValueBox> arguments, Span<ValueBox> results)
    {
        string name = SatNodeCalls.Key(context, arguments, "object_get");
        Span<byte> buffer = GuestMemory.Slice(context.Memory, arguments[3].AsInt32(), arguments[4].AsInt32(), "object_get");
        results[0] = !IsNeeded(context) ? SatNodeCalls.RefusedByNode : Read(context, name, arguments[2].AsInt64(), buffer);
    }

    private static void Size(InvocationContext context, ReadOnlySpan<ValueBox> arguments, Span<ValueBox> results)
    {
        string name = SatNodeCalls.Key(context, arguments, "object_size");
        results[0] = !IsNeeded(context) ? SatNodeCalls.RefusedByNode : (long)Find(context, name).Length;
    }

    private static void Delete(InvocationContext context, ReadOnlySpan<ValueBox> arguments, Span<ValueBox> results)
    {
        string name = SatNodeCalls.Key(context, arguments, "object_delete");
        results[0] = !IsNeeded(context) ? SatNodeCalls.RefusedByNode
            : Find(context, name) is { Length: >= 0 } found ? TryDelete(context, name, found) ? 0 : SatNodeCalls.RefusedByNode : SatNodeCalls.Absent;
    }

    private static (int Length, ulong Version) Find(InvocationContext context, string name) =>
        context.TryGetKept(ServiceKeys.ObjectHeader(name), out StateValue header) && header.Bytes.Length == sizeof(int)
            ? (BinaryPrimitives.ReadInt32LittleEndian(header.Bytes.Span), header.Version) : (-1, 0);

    private static bool TryPut(InvocationContext context, string name, long offset, byte[] bytes)
    {
        (int length, ulong version) = Find(context, name);
        if (offset < 0 || offset > Math.Max(0, length)) // no holes: what is not written is not kept
            return context.Reached("object end");
        if (bytes.Length > FunctionBounds.ObjectBytesMax - offset)
            return context.Reached("object bytes");
        if (bytes.Length > context.Effects.BytesLeft)
            return context.Reached("effect bytes");
        return context.TryAll(() =>
        {
            Span<byte> header = stackalloc byte[sizeof(int)];
            int end = (int)offset + bytes.Length, total = Math.Max(length, end);
            BinaryPrimitives.WriteInt32LittleEndian(header, total);
            if (!context.TryKeep(ServiceKeys.ObjectHeader(name), header, delete: false, version, isFree: false))
                return false;
            for (int at = (int)offset; at < end;)
            {
                int index = at / Chunk, within = at % Chunk, taken = Math.Min(Chunk - within, end - at);
                string key = ServiceKeys.ObjectChunk(name, index);
                byte[] chunk = new byte[Math.Min(Chunk, total - (index * Chunk))];
                if (taken < chunk.Length && context.TryGetKept(key, out StateValue before))
                    before.Bytes.Span[..Math.Min(before.Bytes.Length, chunk.Length)].CopyTo(chunk);
                bytes.AsSpan(at - (int)offset, taken).CopyTo(chunk.AsSpan(within));
                if (!context.TryKeep(key, chunk, delete: false, expected: null, isFree: false))
                    return false;
                at += taken;
            }
            return true;
        });
    }

    private static int Read(InvocationContext context, string name, long offset, Span<byte> buffer)
    {
        int length = Find(context, name).Length;
        if (length < 0)
            return SatNodeCalls.Absent;
        if (offset < 0 || offset >= length)
            return 0;
        int end = (int)Math.Min(length, offset + buffer.Length), read = 0;
        for (int at = (int)offset; at < end;)
        {
            int within = at % Chunk, taken = Math.Min(Chunk - within, end - at);
            if (!context.TryGetKept(ServiceKeys.ObjectChunk(name, at / Chunk), out StateValue chunk) || chunk.Bytes.Length < within + taken)
                return SatNodeCalls.Absent; // the store found it damaged and let it go
            chunk.Bytes.Span.Slice(within, taken).CopyTo(buffer[read..]);
            read += taken;
            at += taken;
        }
        return read;
    }

    private static bool TryDelete(InvocationContext context, string name, (int Length, ulong Version) found) => context.TryAll(() =>
    {
        bool all = context.TryKeep(ServiceKeys.ObjectHeader(name), [], delete: true, found.Version, isFree: true);
        for (int index = 0; index * Chunk < found.Length; index++)
            all &= context.TryKeep(ServiceKeys.ObjectChunk(name, index), [], delete: true, expected: null, isFree: true);
        return all;
    });
}
