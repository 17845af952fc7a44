using System.Buffers.Binary;
using System.Text;
using SatNode.Functions.Runtime;
using Wasmtime;

namespace SatNode.Functions.Hosting;

/// <summary>WASI preview 1 for commands, on the node's terms: stdin is the input, stdout the output, stderr the log, the environment is
/// <c>SATNODE_*</c>, the clocks are the mission clock, randomness is the invocation's own. Every other call is there, so that what a compiler
/// emits can be linked, and answers <em>function not supported</em> (ENOSYS). Source: WASI snapshot preview 1, typenames and witx.</summary>
/// <remarks>The engine's own WASI reads stdin from files and clocks from the machine; neither exists for a function here.</remarks>
internal static class WasiCalls
{
    private const string ModuleName = "wasi_snapshot_preview1";
    private const int Success = 0;
    private const int ErrnoBadFile = 8;
    private const int ErrnoInvalid = 28;
    private const int ErrnoNoSuchCall = 52;
    private const int ErrnoSeekPipe = 70;
    private const int StdIn = 0;
    private const int StdOut = 1;
    private const int StdErr = 2;
    private const int VectorsMax = 1024;
    private const byte FileTypeCharacterDevice = 2;
    private const long RightRead = 1 << 1;
    private const long RightWrite = 1 << 6;

    // Names and parameters of the calls that are refused, from the specification; each returns an errno.
    private const string Refused =
        "fd_advise:iIIi fd_allocate:iII fd_datasync:i fd_fdstat_set_flags:ii fd_fdstat_set_rights:iII fd_filestat_get:ii fd_filestat_set_size:iI " +
        "fd_filestat_set_times:iIIi fd_pread:iiiIi fd_pwrite:iiiIi fd_readdir:iiiIi fd_renumber:ii fd_sync:i fd_tell:ii " +
        "path_create_directory:iii path_filestat_get:iiiii path_filestat_set_times:iiiiIIi path_link:iiiiiii path_open:iiiiiIIii " +
        "path_readlink:iiiiii path_remove_directory:iii path_rename:iiiiii path_symlink:iiiii path_unlink_file:iii poll_oneoff:iiii " +
        "proc_raise:i sock_accept:iii sock_recv:iiiiii sock_send:iiiii sock_shutdown:ii";

    public static IReadOnlyList<HostFunction> All { get; } =
    [
        Call("args_sizes_get", "ii", (caller, a, r) => r[0] = Sizes(caller, a, [Arguments(caller)])),
        Call("args_get", "ii", (caller, a, r) => r[0] = Strings(caller, a, [Arguments(caller)])),
        Call("environ_sizes_get", "ii", (caller, a, r) => r[0] = Sizes(caller, a, Variables(caller))),
        Call("environ_get", "ii", (caller, a, r) => r[0] = Strings(caller, a, Variables(caller))),
        Call("clock_res_get", "ii", (caller, a, r) => r[0] = WriteInt64(caller, a[1], 1_000_000, "clock_res_get")),
        Call("clock_time_get", "iIi", (caller, a, r) => r[0] = ClockTime(caller, a)),
        Call("fd_read", "iiii", (caller, a, r) => r[0] = Read(caller, a)),
        Call("fd_write", "iiii", (caller, a, r) => r[0] = Write(caller, a)),
        Call("fd_close", "i", (_, a, r) => r[0] = IsStream(a[0]) ? Success : ErrnoBadFile),
        Call("fd_seek", "iIii", (_, a, r) => r[0] = IsStream(a[0]) ? ErrnoSeekPipe : ErrnoBadFile),
        Call("fd_fdstat_get", "ii", (caller, a, r) => r[0] = Status(caller, a)),
        Call("fd_prestat_get", "ii", (_, _, r) => r[0] = ErrnoBadFile),
        Call("fd_prestat_dir_name", "iii", (_, _, r) => r[0] = ErrnoBadFile),
        Call("random_get", "ii", (caller, a, r) => r[0] = RandomBytes(caller, a)),
        Call("sched_yield", "", (_, _, r) => r[0] = Success),
        new(ModuleName, "proc_exit", "i", "", (_, a, _) => throw Exit(a[0].AsInt32())),
        .. Refused.Split(' ').Select(entry => entry.Split(':')).Select(p => Call(p[0], p[1], (_, _, r) => r[0] = ErrnoNoSuchCall)),
    ];

    private static HostFunction Call(string name, string parameters, Function.UntypedCallbackDelegate body) =>
        new(ModuleName, name, parameters, "i", body);

    private static GuestFaultException Exit(int code) => code == 0
        ? new(InvocationEnd.Completed, "")
        : new(InvocationEnd.Trapped, $"ended with exit code {code}");

    private static bool IsStream(ValueBox file) => file.AsInt32() is StdIn or StdOut or StdErr;

    private static Span<byte> Slice(Caller caller, int pointer, int length, string call) =>
        GuestMemory.Slice(InvocationContext.Of(caller).MemoryOf(caller), pointer, length, call);

    private static string Arguments(Caller caller) => InvocationContext.Of(caller).Manifest.Name;

    private static List<string> Variables(Caller caller)
    {
        InvocationContext context = InvocationContext.Of(caller);
        List<string> variables =
        [
            $"SATNODE_FUNCTION={context.Manifest.Name}",
            $"SATNODE_VERSION={context.Manifest.Version}",
            $"SATNODE_NODE={context.Environment.NodeName}",
            $"SATNODE_TIME={context.Environment.Clock.GetUtcNow():yyyy-MM-dd'T'HH:mm:ss.fff'Z'}",
        ];
        if (context.Environment.Deadline is { } deadline)
            variables.Add($"SATNODE_DEADLINE={deadline.UtcDateTime:yyyy-MM-dd'T'HH:mm:ss.fff'Z'}");
        return variables;
    }

    private static int Sizes(Caller caller, ReadOnlySpan<ValueBox> arguments, List<string> strings)
    {
        BinaryPrimitives.WriteInt32LittleEndian(Slice(caller, arguments[0].AsInt32(), 4, "sizes_get"), strings.Count);
        int bytes = strings.Sum(s => Encoding.UTF8.GetByteCount(s) + 1);
        BinaryPrimitives.WriteInt32LittleEndian(Slice(caller, arguments[1].AsInt32(), 4, "sizes_get"), bytes);
        return Success;
    }

    private static int Strings(Caller caller, ReadOnlySpan<ValueBox> arguments, List<string> strings)
    {
        uint pointers = GuestMemory.Unsigned(arguments[0].AsInt32()), text = GuestMemory.Unsigned(arguments[1].AsInt32());
        foreach (string s in strings)
        {
            byte[] bytes = [.. Encoding.UTF8.GetBytes(s), 0];
            BinaryPrimitives.WriteUInt32LittleEndian(Slice(caller, Signed(pointers), 4, "strings_get"), text);
            bytes.CopyTo(Slice(caller, Signed(text), bytes.Length, "strings_get"));
            unchecked
            {
                pointers += 4;
                text += (uint)bytes.Length;
            }
        }
        return Success;
    }

    private static int Signed(uint value) => unchecked((int)value);

    private static int WriteInt64(Caller caller, ValueBox pointer, long value, string call)
    {
        BinaryPrimitives.WriteInt64LittleEndian(Slice(caller, pointer.AsInt32(), 8, call), value);
        return Success;
    }

    private static int ClockTime(Caller caller, ReadOnlySpan<ValueBox> arguments)
    {
        InvocationContext context = InvocationContext.Of(caller);
        switch (arguments[0].AsInt32())
        {
            case 0: // real time
            case 1: // monotonic: the mission clock never runs back
                long ticks = (context.Environment.Clock.GetUtcNow() - DateTimeOffset.UnixEpoch).Ticks;
                return WriteInt64(caller, arguments[2], ticks * 100, "clock_time_get");
            case 2: // process CPU time
            case 3: // thread CPU time
                return WriteInt64(caller, arguments[2], context.CpuTime.Ticks * 100, "clock_time_get");
            default:
                return ErrnoInvalid;
        }
    }

    private static int Read(Caller caller, ReadOnlySpan<ValueBox> arguments)
    {
        if (arguments[0].AsInt32() != StdIn)
            return ErrnoBadFile;
        InvocationContext context = InvocationContext.Of(caller);
        int total = 0;
        int vectors = Vectors(arguments[2].AsInt32(), "fd_read");
        for (int i = 0; i < vectors; i++)
        {
            Span<byte> part = Vector(caller, arguments[1].AsInt32(), i, "fd_read");
            int taken = context.TakeInput(part);
            total += taken;
            if (taken < part.Length)
                break;
        }
        BinaryPrimitives.WriteInt32LittleEndian(Slice(caller, arguments[3].AsInt32(), 4, "fd_read"), total);
        return Success;
    }

    private static int Write(Caller caller, ReadOnlySpan<ValueBox> arguments)
    {
        int file = arguments[0].AsInt32();
        if (file is not (StdOut or StdErr))
            return ErrnoBadFile;
        InvocationContext context = InvocationContext.Of(caller);
        long total = 0;
        int vectors = Vectors(arguments[2].AsInt32(), "fd_write");
        for (int i = 0; i < vectors; i++)
        {
            Span<byte> part = Vector(caller, arguments[1].AsInt32(), i, "fd_write");
            if (file == StdOut)
                context.AddOutput(part);
            else if (!part.IsEmpty)
                context.Log(FunctionLogLevel.Warning, part.TrimEnd((byte)'\n'));
            total += part.Length;
        }
        if (total > int.MaxValue)
            throw new GuestFaultException(InvocationEnd.Trapped, $"fd_write: expected at most {int.MaxValue} bytes, found {total}");
        BinaryPrimitives.WriteInt32LittleEndian(Slice(caller, arguments[3].AsInt32(), 4, "fd_write"), (int)total);
        return Success;
    }

    private static int Vectors(int count, string call) => count is >= 0 and <= VectorsMax ? count
        : throw new GuestFaultException(InvocationEnd.Trapped, $"{call}: expected at most {VectorsMax} vectors, found {GuestMemory.Unsigned(count)}");

    private static Span<byte> Vector(Caller caller, int vectors, int index, string call)
    {
        ReadOnlySpan<byte> entry = Slice(caller, unchecked(vectors + (index * 8)), 8, call);
        return Slice(caller, BinaryPrimitives.ReadInt32LittleEndian(entry), BinaryPrimitives.ReadInt32LittleEndian(entry[4..]), call);
    }

    private static int Status(Caller caller, ReadOnlySpan<ValueBox> arguments)
    {
        if (!IsStream(arguments[0]))
            return ErrnoBadFile;
        Span<byte> status = Slice(caller, arguments[1].AsInt32(), 24, "fd_fdstat_get");
        status.Clear();
        status[0] = FileTypeCharacterDevice;
        BinaryPrimitives.WriteInt64LittleEndian(status[8..], arguments[0].AsInt32() == StdIn ? RightRead : RightWrite);
        return Success;
    }

    private static int RandomBytes(Caller caller, ReadOnlySpan<ValueBox> arguments)
    {
        InvocationContext.Of(caller).FillRandom(Slice(caller, arguments[0].AsInt32(), arguments[1].AsInt32(), "random_get"));
        return Success;
    }
}
