using System.Text;
using SatNode.Functions.Runtime;
using SatNode.Protocol.Functions;
using SatNode.Protocol.Time;
using Wasmtime;

namespace SatNode.Functions.Hosting;

/// <summary>The host calls of module <c>satnode</c>, as docs/function-abi.md has them.</summary>
internal static class SatNodeCalls
{
    internal const int Absent = -1;
    internal const int TooSmall = -2;
    internal const int RefusedByNode = -3;
    internal const int Failed = -5;
    internal const int Busy = -6;
    private const int Conflict = -4;
    private const int AbortOutOfMemory = 1;

    public static IReadOnlyList<HostFunction> All { get; } =
    [
        Call("state_size", "ii", "i", StateSize),
        Call("state_get", "iiii", "i", StateGet),
        Call("state_put", "iiii", "i", StatePut),
        Call("state_delete", "ii", "i", StateDelete),
        Call("state_version", "ii", "I", StateVersion),
        Call("state_compare_and_set", "iiiiI", "i", StateCompareAndSet),
        Call("state_list", "iiii", "i", StateList),
        Call("invoke", "iiii", "i", Invoke),
        Call("invoke_output", "ii", "i", InvokeOutput),
        Call("emit", "iiii", "i", Emit),
        Call("log", "iii", "", Log),
        Call("deadline_ms", "", "I", DeadlineMs),
        Call("time_ms", "", "I", TimeMs),
        Call("random", "ii", "", RandomBytes),
        Call("node_fact", "iiii", "i", NodeFact),
        Call("abort", "iii", "", Abort),
        .. ObjectCalls.All,
        .. QueueCalls.All,
        .. ActorCalls.All,
    ];

    internal static HostFunction Call(string name, string parameters, string result, HostCall body) =>
        new("satnode", name, parameters, result, body);

    private static void StateSize(InvocationContext context, ReadOnlySpan<ValueBox> arguments, Span<ValueBox> results) =>
        results[0] = context.DescribeState(Key(context, arguments, "state_size")).Length;

    private static void StateGet(InvocationContext context, ReadOnlySpan<ValueBox> arguments, Span<ValueBox> results)
    {
        Span<byte> buffer = GuestMemory.Slice(context.Memory, arguments[2].AsInt32(), arguments[3].AsInt32(), "state_get");
        results[0] = context.TryGetState(Key(context, arguments, "state_get"), out StateValue value) ? Copy(value.Bytes.Span, buffer) : Absent;
    }

    private static void StatePut(InvocationContext context, ReadOnlySpan<ValueBox> arguments, Span<ValueBox> results)
    {
        Span<byte> value = GuestMemory.Slice(context.Memory, arguments[2].AsInt32(), arguments[3].AsInt32(), "state_put");
        results[0] = context.TryChange(Key(context, arguments, "state_put"), value, delete: false) ? 0 : RefusedByNode;
    }

    private static void StateDelete(InvocationContext context, ReadOnlySpan<ValueBox> arguments, Span<ValueBox> results)
    {
        string key = Key(context, arguments, "state_delete");
        results[0] = context.DescribeState(key).Length < 0 ? Absent : context.TryChange(key, [], delete: true) ? 0 : RefusedByNode;
    }

    private static void StateVersion(InvocationContext context, ReadOnlySpan<ValueBox> arguments, Span<ValueBox> results)
    {
        (int length, ulong version) = context.DescribeState(Key(context, arguments, "state_version"));
        results[0] = length < 0 ? Absent : (long)version;
    }

    private static void StateCompareAndSet(InvocationContext context, ReadOnlySpan<ValueBox> arguments, Span<ValueBox> results)
    {
        Span<byte> value = GuestMemory.Slice(context.Memory, arguments[2].AsInt32(), arguments[3].AsInt32(), "state_compare_and_set");
        string key = Key(context, arguments, "state_compare_and_set");
        long expected = arguments[4].AsInt64();
        (int length, ulong version) = context.DescribeState(key);
        long found = length < 0 ? 0 : (long)version;
        results[0] = found != expected ? Conflict : context.TryChange(key, value, delete: false, (ulong)expected) ? 0 : RefusedByNode;
    }

    private static void StateList(InvocationContext context, ReadOnlySpan<ValueBox> arguments, Span<ValueBox> results)
    {
        Span<byte> buffer = GuestMemory.Slice(context.Memory, arguments[2].AsInt32(), arguments[3].AsInt32(), "state_list");
        string prefix = arguments[1].AsInt32() == 0 ? "" : Key(context, arguments, "state_list");
        int at = 0;
        foreach (string key in context.ListState(prefix))
        {
            int length = Encoding.UTF8.GetByteCount(key) + 1;
            if (length > buffer.Length - at)
            {
                results[0] = TooSmall;
                return;
            }
            at += Encoding.UTF8.GetBytes(key, buffer[at..]);
            buffer[at++] = 0;
        }
        results[0] = at;
    }

    private static void Invoke(InvocationContext context, ReadOnlySpan<ValueBox> arguments, Span<ValueBox> results)
    {
        string function = GuestMemory.Text(context.Memory, arguments[0].AsInt32(), arguments[1].AsInt32(), ActorAddress.CharsMax, "invoke");
        results[0] = context.Runtime.InvokeNested(context, function, GuestMemory.Slice(context.Memory, arguments[2].AsInt32(), arguments[3].AsInt32(), "invoke"));
    }

    private static void InvokeOutput(InvocationContext context, ReadOnlySpan<ValueBox> arguments, Span<ValueBox> results)
    {
        Span<byte> buffer = GuestMemory.Slice(context.Memory, arguments[0].AsInt32(), arguments[1].AsInt32(), "invoke_output");
        if (context.Callee is { } callee)
        {
            ReadOnlySpan<byte> output = callee.Output;
            if (output.Length <= buffer.Length)
                LargePages.AskFor(context.Memory, arguments[0].AsInt32(), output.Length);
            results[0] = Copy(output, buffer);
        }
        else
        {
            results[0] = Absent;
        }
    }

    private static void Emit(InvocationContext context, ReadOnlySpan<ValueBox> arguments, Span<ValueBox> results)
    {
        Span<byte> payload = GuestMemory.Slice(context.Memory, arguments[2].AsInt32(), arguments[3].AsInt32(), "emit");
        string topic = Key(context, arguments, "emit");
        int answer = topic.Contains('/', StringComparison.Ordinal) && ActorAddress.TryParse(topic, out ActorAddress actor) ? ActorCalls.TrySend(context, actor, payload, null) : Absent;
        results[0] = answer != Absent ? answer : context.TryEmit(topic, payload) ? 0 : RefusedByNode;
    }

    private static void Log(InvocationContext context, ReadOnlySpan<ValueBox> arguments, Span<ValueBox> results)
    {
        int level = arguments[0].AsInt32();
        if (level is < (int)FunctionLogLevel.Debug or > (int)FunctionLogLevel.Error)
            throw new GuestFaultException(InvocationEnd.Trapped, $"log: expected a level of 0 to 3, found {level}");
        context.Log((FunctionLogLevel)level, GuestMemory.Slice(context.Memory, arguments[1].AsInt32(), arguments[2].AsInt32(), "log"));
    }

    private static void DeadlineMs(InvocationContext context, ReadOnlySpan<ValueBox> arguments, Span<ValueBox> results)
    {
        IFunctionEnvironment environment = context.Environment;
        results[0] = environment.Deadline is { } deadline ? (long)(deadline - environment.Clock.GetUtcNow()).TotalMilliseconds : long.MaxValue;
    }

    private static void TimeMs(InvocationContext context, ReadOnlySpan<ValueBox> arguments, Span<ValueBox> results) =>
        results[0] = (long)DtnTime.From(context.Environment.Clock.GetUtcNow()).Milliseconds;

    private static void RandomBytes(InvocationContext context, ReadOnlySpan<ValueBox> arguments, Span<ValueBox> results)
    {
        context.FillRandom(GuestMemory.Slice(context.Memory, arguments[0].AsInt32(), arguments[1].AsInt32(), "random"));
    }

    private static void NodeFact(InvocationContext context, ReadOnlySpan<ValueBox> arguments, Span<ValueBox> results)
    {
        Span<byte> buffer = GuestMemory.Slice(context.Memory, arguments[2].AsInt32(), arguments[3].AsInt32(), "node_fact");
        results[0] = context.Environment.TryGetFact(Key(context, arguments, "node_fact"), out string value)
            ? Copy(Encoding.UTF8.GetBytes(value), buffer) : Absent;
    }

    private static void Abort(InvocationContext context, ReadOnlySpan<ValueBox> arguments, Span<ValueBox> results)
    {
        string words = InvocationContext.Words(GuestMemory.Slice(context.Memory, arguments[1].AsInt32(), arguments[2].AsInt32(), "abort"));
        int code = arguments[0].AsInt32();
        throw new GuestFaultException(code == AbortOutOfMemory ? InvocationEnd.OutOfMemory : InvocationEnd.Trapped, $"gave up with code {code}: {words}")
        {
            IsOwnDecision = code != AbortOutOfMemory,
        };
    }

    internal static string Key(InvocationContext context, ReadOnlySpan<ValueBox> arguments, string call) =>
        GuestMemory.Text(context.Memory, arguments[0].AsInt32(), arguments[1].AsInt32(), FunctionLimits.StateKeyCharsMax, call);

    internal static int Copy(ReadOnlySpan<byte> value, Span<byte> buffer)
    {
        if (value.Length > buffer.Length)
            return TooSmall;
        value.CopyTo(buffer);
        return value.Length;
    }
}
