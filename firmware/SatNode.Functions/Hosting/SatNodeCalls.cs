using System.Text;
using SatNode.Functions.Runtime;
using SatNode.Protocol.Functions;
using SatNode.Protocol.Time;
using Wasmtime;

namespace SatNode.Functions.Hosting;

/// <summary>The host calls of module <c>satnode</c>, as docs/function-abi.md has them.</summary>
internal static class SatNodeCalls
{
    private const int Absent = -1;
    private const int TooSmall = -2;
    private const int RefusedByNode = -3;
    private const int AbortOutOfMemory = 1;

    public static IReadOnlyList<HostFunction> All { get; } =
    [
        Call("state_size", "ii", "i", StateSize),
        Call("state_get", "iiii", "i", StateGet),
        Call("state_put", "iiii", "i", StatePut),
        Call("state_delete", "ii", "i", StateDelete),
        Call("emit", "iiii", "i", Emit),
        Call("log", "iii", "", Log),
        Call("deadline_ms", "", "I", DeadlineMs),
        Call("time_ms", "", "I", TimeMs),
        Call("random", "ii", "", RandomBytes),
        Call("node_fact", "iiii", "i", NodeFact),
        Call("abort", "iii", "", Abort),
    ];

    private static HostFunction Call(string name, string parameters, string result, Function.UntypedCallbackDelegate body) =>
        new("satnode", name, parameters, result, body);

    private static void StateSize(Caller caller, ReadOnlySpan<ValueBox> arguments, Span<ValueBox> results)
    {
        InvocationContext context = InvocationContext.Of(caller);
        string key = Key(context, caller, arguments, "state_size");
        results[0] = context.TryGetState(key, out ReadOnlyMemory<byte> value) ? value.Length : Absent;
    }

    private static void StateGet(Caller caller, ReadOnlySpan<ValueBox> arguments, Span<ValueBox> results)
    {
        InvocationContext context = InvocationContext.Of(caller);
        Span<byte> buffer = GuestMemory.Slice(context.MemoryOf(caller), arguments[2].AsInt32(), arguments[3].AsInt32(), "state_get");
        results[0] = context.TryGetState(Key(context, caller, arguments, "state_get"), out ReadOnlyMemory<byte> value) ? Copy(value.Span, buffer) : Absent;
    }

    private static void StatePut(Caller caller, ReadOnlySpan<ValueBox> arguments, Span<ValueBox> results)
    {
        InvocationContext context = InvocationContext.Of(caller);
        Span<byte> value = GuestMemory.Slice(context.MemoryOf(caller), arguments[2].AsInt32(), arguments[3].AsInt32(), "state_put");
        results[0] = context.TryChange(Key(context, caller, arguments, "state_put"), value, delete: false) ? 0 : RefusedByNode;
    }

    private static void StateDelete(Caller caller, ReadOnlySpan<ValueBox> arguments, Span<ValueBox> results)
    {
        InvocationContext context = InvocationContext.Of(caller);
        string key = Key(context, caller, arguments, "state_delete");
        results[0] = !context.TryGetState(key, out _) ? Absent : context.TryChange(key, [], delete: true) ? 0 : RefusedByNode;
    }

    private static void Emit(Caller caller, ReadOnlySpan<ValueBox> arguments, Span<ValueBox> results)
    {
        InvocationContext context = InvocationContext.Of(caller);
        Span<byte> payload = GuestMemory.Slice(context.MemoryOf(caller), arguments[2].AsInt32(), arguments[3].AsInt32(), "emit");
        results[0] = context.TryEmit(Key(context, caller, arguments, "emit"), payload) ? 0 : RefusedByNode;
    }

    private static void Log(Caller caller, ReadOnlySpan<ValueBox> arguments, Span<ValueBox> results)
    {
        InvocationContext context = InvocationContext.Of(caller);
        int level = arguments[0].AsInt32();
        if (level is < (int)FunctionLogLevel.Debug or > (int)FunctionLogLevel.Error)
            throw new GuestFaultException(InvocationEnd.Trapped, $"log: expected a level of 0 to 3, found {level}");
        context.Log((FunctionLogLevel)level, GuestMemory.Slice(context.MemoryOf(caller), arguments[1].AsInt32(), arguments[2].AsInt32(), "log"));
    }

    private static void DeadlineMs(Caller caller, ReadOnlySpan<ValueBox> arguments, Span<ValueBox> results)
    {
        IFunctionEnvironment environment = InvocationContext.Of(caller).Environment;
        results[0] = environment.Deadline is { } deadline ? (long)(deadline - environment.Clock.GetUtcNow()).TotalMilliseconds : long.MaxValue;
    }

    private static void TimeMs(Caller caller, ReadOnlySpan<ValueBox> arguments, Span<ValueBox> results) =>
        results[0] = (long)DtnTime.From(InvocationContext.Of(caller).Environment.Clock.GetUtcNow()).Milliseconds;

    private static void RandomBytes(Caller caller, ReadOnlySpan<ValueBox> arguments, Span<ValueBox> results)
    {
        InvocationContext context = InvocationContext.Of(caller);
        context.FillRandom(GuestMemory.Slice(context.MemoryOf(caller), arguments[0].AsInt32(), arguments[1].AsInt32(), "random"));
    }

    private static void NodeFact(Caller caller, ReadOnlySpan<ValueBox> arguments, Span<ValueBox> results)
    {
        InvocationContext context = InvocationContext.Of(caller);
        Span<byte> buffer = GuestMemory.Slice(context.MemoryOf(caller), arguments[2].AsInt32(), arguments[3].AsInt32(), "node_fact");
        results[0] = context.Environment.TryGetFact(Key(context, caller, arguments, "node_fact"), out string value)
            ? Copy(Encoding.UTF8.GetBytes(value), buffer) : Absent;
    }

    private static void Abort(Caller caller, ReadOnlySpan<ValueBox> arguments, Span<ValueBox> results)
    {
        Memory memory = InvocationContext.Of(caller).MemoryOf(caller);
        ReadOnlySpan<byte> text = GuestMemory.Slice(memory, arguments[1].AsInt32(), arguments[2].AsInt32(), "abort");
        string words = Encoding.UTF8.GetString(text[..Math.Min(text.Length, FunctionBounds.LogBytesMax)]);
        int code = arguments[0].AsInt32();
        throw new GuestFaultException(code == AbortOutOfMemory ? InvocationEnd.OutOfMemory : InvocationEnd.Trapped, $"gave up with code {code}: {words}");
    }

    private static string Key(InvocationContext context, Caller caller, ReadOnlySpan<ValueBox> arguments, string call) =>
        GuestMemory.Text(context.MemoryOf(caller), arguments[0].AsInt32(), arguments[1].AsInt32(), FunctionLimits.StateKeyCharsMax, call);

    private static int Copy(ReadOnlySpan<byte> value, Span<byte> buffer)
    {
        if (value.Length > buffer.Length)
            return TooSmall;
        value.CopyTo(buffer);
        return value.Length;
    }
}
