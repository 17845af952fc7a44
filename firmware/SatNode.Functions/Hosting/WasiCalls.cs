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
        Call("args_sizes_get", "ii", (context, a, r) => r[0] = Sizes(context, a, [Arguments(context)])),
        Call("args_get", "ii", (context, a, r) => r[0] = Strings(context, a, [Arguments(context)])),
        Call("environ_sizes_get", "ii", (context, a, r) => r[0] = Sizes(context, a, Variables(context))),
        Call("environ_get", "ii", (context, a, r) => r[0] = Strings(context, a, Variables(context))),
        Call("clock_res_get", "ii", (context, a, r) => r[0] = WriteInt64(context, a[1], 1_000_000, "clock_res_get")),
        Call("clock_time_get", "iIi", (context, a, r) => r[0] = ClockTime(context, a)),
        Call("fd_read", "iiii", (context, a, r) => r[0] = Read(context, a)),
        Call("fd_write", "iiii", (context, a, r) => r[0] = Write(context, a)),
        Call("fd_close", "i", (_, a, r) => r[0] = IsStream(a[0]) ? Success : ErrnoBadFile),
        Call("fd_seek", "iIii", (_, a, r) => r[0] = IsStream(a[0]) ? ErrnoSeekPipe : ErrnoBadFile),
        Call("fd_fdstat_get", "ii", (context, a, r) => r[0] = Status(context, a)),
        Call("fd_prestat_get", "ii", (_, _, r) => r[0] = ErrnoBadFile),
        Call("fd_prestat_dir_name", "iii", (_, _, r) => r[0] = ErrnoBadFile),
        Call("random_get", "ii", (context, a, r) => r[0] = RandomBytes(context, a)),
        Call("sched_yield", "", (_, _, r) => r[0] = Success),
        new(ModuleName, "proc_exit", "i", "", (_, a, _) => throw Exit(a[0].AsInt32())),
        .. Refused.Split(' ').Select(entry => entry.Split(':')).Select(p => Call(p[0], p[1], (_, _, r) => r[0] = ErrnoNoSuchCall)),
    ];

    private static HostFunction Call(string name, string parameters, HostCall body) =>
        new(ModuleName, name, parameters, "i", body);

    private static GuestFaultException Exit(int code) => code == 0
        ? new(InvocationEnd.Completed, "")
        : new(InvocationEnd.Trapped, $"ended with exit code {code}") { IsOwnDecision = true };

    private static bool IsStream(ValueBox file) => file.AsInt32() is StdIn or StdOut or StdErr;

    private static Span<byte> Slice(InvocationContext context, int pointer, int length, string call) =>
        GuestMemory.Slice(context.Memory, pointer, length, call);

    private static string Arguments(InvocationContext context) => context.Manifest.Name;

    private static List<string> Variables(InvocationContext context)
    {
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

    private static int Sizes(InvocationContext context, ReadOnlySpan<ValueBox> arguments, List<string> strings)
    {
        BinaryPrimitives.WriteInt32LittleEndian(Slice(context, arguments[0].AsInt32(), 4, "sizes_get"), strings.Count);
        int bytes = strings.Sum(s => Encoding.UTF8.GetByteCount(s) + 1);
        BinaryPrimitives.WriteInt32LittleEndian(Slice(context, arguments[1].AsInt32(), 4, "sizes_get"), bytes);
        return Success;
    }

    private static int Strings(InvocationContext context, ReadOnlySpan<ValueBox> arguments, List<string> strings)
    {
        uint pointers = GuestMemory.Unsigned(arguments[0].AsInt32()), text = GuestMemory.Unsigned(arguments[1].AsInt32());
        foreach (string s in strings)
        {
            byte[] bytes = [.. Encoding.UTF8.GetBytes(s), 0];
            BinaryPrimitives.WriteUInt32LittleEndian(Slice(context, Signed(pointers), 4, "strings_get"), text);
            bytes.CopyTo(Slice(context, Signed(text), bytes.Length, "strings_get"));
            unchecked
            {
                pointers += 4;
                text += (uint)bytes.Length;
            }
        }
        return Success;
    }

    private static int Signed(uint value) => unchecked((int)value);

    private static int WriteInt64(InvocationContext context, ValueBox pointer, long value, string call)
    {
        BinaryPrimitives.WriteInt64LittleEndian(Slice(context, pointer.AsInt32(), 8, call), value);
        return Success;
    }

    private static int ClockTime(InvocationContext context, ReadOnlySpan<ValueBox> arguments)
    {
        switch (arguments[0].AsInt32())
        {
            case 0: // real time
            case 1: // monotonic: the mission clock never runs back
                long ticks = (context.Environment.Clock.GetUtcNow() - DateTimeOffset.UnixEpoch).Ticks;
                return WriteInt64(context, arguments[2], ticks * 100, "clock_time_get");
            case 2: // process CPU time
            case 3: // thread CPU time
                return WriteInt64(context, arguments[2], context.CpuTime.Ticks * 100, "clock_time_get");
            default:
                return ErrnoInvalid;
        }
    }

    private static int Read(InvocationContext context, ReadOnlySpan<ValueBox> arguments)
    {
        if (arguments[0].AsInt32() != StdIn)
            return ErrnoBadFile;
        int total = 0;
        int vectors = Vectors(arguments[2].AsInt32(), "fd_read");
        for (int i = 0; i < vectors; i++)
        {
            Span<byte> part = Vector(context, arguments[1].AsInt32(), i, "fd_read");
            int taken = context.TakeInput(part);
            total += taken;
            if (taken < part.Length)
                break;
        }
        BinaryPrimitives.WriteInt32LittleEndian(Slice(context, arguments[3].AsInt32(), 4, "fd_read"), total);
        return Success;
    }

    private static int Write(InvocationContext context, ReadOnlySpan<ValueBox> arguments)
    {
        int file = arguments[0].AsInt32();
        if (file is not (StdOut or StdErr))
            return ErrnoBadFile;
        long total = 0;
        int vectors = Vectors(arguments[2].AsInt32(), "fd_write");
        for (int i = 0; i < vectors; i++)
        {
            Span<byte> part = Vector(context, arguments[1].AsInt32(), i, "fd_write");
            if (file == StdOut)
                context.AddOutput(part);
            else if (!part.IsEmpty)
                context.Log(FunctionLogLevel.Warning, part.TrimEnd((byte)'\n'));
            total += part.Length;
        }
        if (total > int.MaxValue)
            throw new GuestFaultException(InvocationEnd.Trapped, $"fd_write: expected at most {int.MaxValue} bytes, found {total}");
        BinaryPrimitives.WriteInt32LittleEndian(Slice(context, arguments[3].AsInt32(), 4, "fd_write"), (int)total);
        return Success;
    }

    private static int Vectors(int count, string call) => count is >= 0 and <= VectorsMax ? count
        : throw new GuestFaultException(InvocationEnd.Trapped, $"{call}: expected at most {VectorsMax} vectors, found {GuestMemory.Unsigned(count)}");

    private static Span<byte> Vector(InvocationContext context, int vectors, int index, string call)
    {
        ReadOnlySpan<byte> entry = Slice(context, unchecked(vectors + (index * 8)), 8, call);
        return Slice(context, BinaryPrimitives.ReadInt32LittleEndian(entry), BinaryPrimitives.ReadInt32LittleEndian(entry[4..]), call);
    }

    private static int Status(InvocationContext context, ReadOnlySpan<ValueBox> arguments)
    {
        if (!IsStream(arguments[0]))
            return ErrnoBadFile;
        Span<byte> status = Slice(context, arguments[1].AsInt32(), 24, "fd_fdstat_get");
        status.Clear();
        status[0] = FileTypeCharacterDevice;
        BinaryPrimitives.WriteInt64LittleEndian(status[8..], arguments[0].AsInt32() == StdIn ? RightRead : RightWrite);
        return Success;
    }

    private static int RandomBytes(InvocationContext context, ReadOnlySpan<ValueBox> arguments)
    {
        context.FillRandom(Slice(context, arguments[0].AsInt32(), arguments[1].AsInt32(), "random_get"));
        return Success;
    }
}
