using SatNode.Functions.Hosting;
using SatNode.Functions.Runtime;
using Wasmtime;

namespace SatNode.Functions.Isolation;

/// <summary>A worker's way to its agent: frames over the socket, payloads through the shared memory.</summary>
internal sealed class WorkerChannel(WorkerSocket socket, SharedMemory memory)
{
    private static readonly int Random = WorkerCalls.NumberOf("random");
    private static readonly int Log = WorkerCalls.NumberOf("log");
    private static readonly int NodeName = WorkerCalls.NumberOf("node_name");

    private const int RandomBytesMax = FunctionBounds.ObjectBytesMax; // whole words: the sequence goes on where it was

    private readonly byte[] _packet = new byte[WorkerBounds.FrameBytes];
    private ulong _invocation;
    private ulong _fuel; // as last told

    public SharedMemory Memory => memory;

    /// <summary>Waits for the next invocation; false when the agent wants no more.</summary>
    /// <exception cref="IOException">The agent sent something else.</exception>
    public bool TryReceiveBegin(out WorkerFrame begin)
    {
        begin = default;
        int length = socket.Receive(_packet);
        if (length == 0)
            return false;
        begin = Expect(length, FrameKind.Begin);
        _invocation = begin.Invocation;
        _fuel = begin.Fuel;
        return true;
    }

    /// <summary>Sends a frame of the running invocation.</summary>
    /// <exception cref="IOException">The agent is gone.</exception>
    public void Send(WorkerFrame frame)
    {
        frame.Invocation = _invocation;
        frame.Write(_packet);
        if (!socket.Send(_packet))
            throw new IOException("worker: expected an agent, found its end of the socket closed");
    }

    /// <summary>Has the agent do a host call.</summary>
    /// <param name="number">Its number.</param>
    /// <param name="context">The invocation.</param>
    /// <param name="arguments">As the function gave them.</param>
    /// <param name="results">Where the result goes.</param>
    /// <exception cref="GuestFaultException">A pointer is wrong, or the agent ends the invocation.</exception>
    public void Call(int number, InvocationContext context, ReadOnlySpan<ValueBox> arguments, Span<ValueBox> results)
    {
        HostFunction call = WorkerCalls.Served[number];
        var frame = new WorkerFrame { Kind = FrameKind.Call, Code = number };
        _fuel = context.Fuel;
        Span<byte> window = memory.Window, room = default;
        int at = 0, roomAt = 0, i = 0;
        foreach (char c in WorkerCalls.ShapesServed[number])
        {
            if (c is 'i' or 'I')
            {
                frame.Values[i] = c == 'i' ? arguments[i].AsInt32() : arguments[i].AsInt64();
                i++;
                continue;
            }
            frame.Values[i] = at;
            if (c == 'n' && GuestMemory.Unsigned(arguments[i + 1].AsInt32()) > WorkerBounds.NameBytesMax)
            {
                // The agent refuses it by its length, wherever it points.
                frame.Values[i + 1] = arguments[i + 1].AsInt32();
                i += 2;
                continue;
            }
            Span<byte> bytes = GuestMemory.Slice(context.Memory, arguments[i].AsInt32(), arguments[i + 1].AsInt32(), call.Name);
            if (c == 'o')
            {
                bytes = bytes[..Math.Min(bytes.Length, number == Random ? RandomBytesMax : WorkerBounds.WindowBytes - at)];
                room = bytes;
                roomAt = at;
            }
            else
            {
                // What is longer than any that is taken is refused by its length alone.
                bytes = bytes[..Math.Min(bytes.Length, c == 'p' ? WorkerBounds.PayloadBytesMax : WorkerBounds.NameBytesMax)];
                bytes.CopyTo(window[at..]);
                at += bytes.Length;
            }
            frame.Values[i + 1] = bytes.Length;
            i += 2;
        }
        WorkerFrame reply = Ask(frame);
        context.Fuel -= Math.Min(context.Fuel, reply.Fuel);
        long result = reply.Values[0];
        if (call.Result.Length > 0)
            results[0] = call.Result is "i" ? unchecked((int)result) : result;
        int filled = call.Result.Length == 0 ? room.Length : (int)Math.Clamp(result, 0, room.Length);
        window.Slice(roomAt, filled).CopyTo(room);
        if (number == Random && arguments[1].AsInt32() != room.Length)
            FillRandom(GuestMemory.Slice(context.Memory, arguments[0].AsInt32(), arguments[1].AsInt32(), call.Name)[room.Length..]);
    }

    /// <summary>Takes random bytes of the invocation, which the agent has, in parts of whole words.</summary>
    public void FillRandom(Span<byte> destination)
    {
        while (!destination.IsEmpty)
        {
            int length = Math.Min(destination.Length, RandomBytesMax);
            var frame = new WorkerFrame { Kind = FrameKind.Call, Code = Random };
            frame.Values[1] = length;
            Ask(frame);
            memory.Window[..length].CopyTo(destination);
            destination = destination[length..];
        }
    }

    /// <summary>Has the agent take a line of the function's log.</summary>
    public void WriteLog(FunctionLogLevel level, ReadOnlySpan<byte> text)
    {
        text.CopyTo(memory.Window);
        var frame = new WorkerFrame { Kind = FrameKind.Call, Code = Log };
        frame.Values[0] = (int)level;
        frame.Values[2] = text.Length;
        Ask(frame);
    }

    /// <summary>Asks the agent for a number.</summary>
    public long AskNumber(int call) => Ask(new WorkerFrame { Kind = FrameKind.Call, Code = call }).Values[0];

    /// <summary>Asks the agent for the node's name.</summary>
    public string AskNodeName()
    {
        var frame = new WorkerFrame { Kind = FrameKind.Call, Code = NodeName };
        frame.Values[1] = WorkerBounds.NameBytesMax;
        int length = (int)Math.Clamp(Ask(frame).Values[0], 0, WorkerBounds.NameBytesMax);
        return System.Text.Encoding.UTF8.GetString(memory.Window[..length]);
    }

    /// <summary>Called on every tick of the epoch.</summary>
    /// <exception cref="GuestFaultException">The agent wants the invocation to end; it knows why.</exception>
    public void ThrowIfStopped()
    {
        if (memory.IsStopped)
            throw Stopped();
    }

    private static GuestFaultException Stopped() => new(InvocationEnd.Cancelled, "ended by the node");

    private WorkerFrame Ask(WorkerFrame call)
    {
        call.Fuel = _fuel;
        Send(call);
        WorkerFrame reply = Expect(socket.Receive(_packet), FrameKind.Reply);
        _fuel -= Math.Min(_fuel, reply.Fuel);
        return reply.Code == 0 ? reply : throw Stopped();
    }

    private WorkerFrame Expect(int length, FrameKind kind)
    {
        WorkerFrame frame = length == _packet.Length ? WorkerFrame.Read(_packet) : default;
        return frame.Kind == kind ? frame : throw new IOException($"worker: expected a {kind} from its agent, found {frame.Kind} in {length} bytes");
    }
}
