using System.Buffers.Binary;
using System.Globalization;
using Microsoft.Win32.SafeHandles;
using SatNode.Functions.Runtime;
using SatNode.Protocol.Cbor;
using SatNode.Protocol.Functions;

namespace SatNode.Functions.Isolation;

/// <summary>A process that runs one function for an agent, and can do nothing else: the other end of <see cref="Worker"/>.</summary>
/// <remarks>It is started with three files: a socket, the shared memory and the function's machine code. It ends when the agent closes the socket, and with the agent.</remarks>
public static class FunctionWorker
{
    internal const int SocketFile = 3;
    internal const int MemoryFile = 4;
    internal const int CodeFile = 5;

    private const int Done = 0;
    private const int BadStart = 2;
    private const int Lost = 3;

    // The function's own stack is on it, and the host calls that it makes.
    private const int ThreadStackBytes = 3 * FunctionBounds.StackBytesMax;

    /// <summary>Serves until the agent wants no more.</summary>
    /// <param name="arguments">The agent's process id, and nothing else.</param>
    /// <returns>The process's exit code.</returns>
    public static int Run(ReadOnlySpan<string> arguments)
    {
        if (arguments.Length != 1 || !int.TryParse(arguments[0], NumberStyles.None, CultureInfo.InvariantCulture, out int agent) || !WorkerRights.TryTieTo(agent))
            return BadStart;
        int code = Lost;
        var thread = new Thread(() => code = Serve(), ThreadStackBytes) { Name = "function" };
        thread.Start();
        thread.Join();
        return code;
    }

    private static int Serve()
    {
        try
        {
            using var socket = new WorkerSocket(new SafeFileHandle(SocketFile, ownsHandle: true));
            using SharedMemory memory = SharedMemory.Map(new SafeFileHandle(MemoryFile, ownsHandle: true));
            var channel = new WorkerChannel(socket, memory);
            (FunctionManifest manifest, bool initializes) = ReadStart(memory.Header);
            using var runtime = new FunctionRuntime(new FunctionRuntimeOptions { InstancesMax = 1, WaitersMax = 0 }, channel);
            using DeployedFunction function = runtime.Adopt(manifest, $"/proc/self/fd/{CodeFile}", initializes);
            WorkerRights.GiveUp(manifest.Limits.MemoryBytesMax);
            channel.Send(new WorkerFrame { Kind = FrameKind.Ready });
            var environment = new WorkerEnvironment(channel);
            while (channel.TryReceiveBegin(out WorkerFrame begin))
                Serve(runtime, function, environment, channel, begin);
            return Done;
        }
        catch (IOException)
        {
            return Lost; // the agent is gone, or it is not one
        }
    }

    private static void Serve(FunctionRuntime runtime, DeployedFunction function, WorkerEnvironment environment, WorkerChannel channel, WorkerFrame begin)
    {
        ReadOnlySpan<byte> input = channel.Memory.Window[..(int)begin.Values[0]];
        InvocationOutcome outcome = runtime.InvokeForAgent(function, input, environment, begin.Fuel, out ICallee? callee);
        callee?.Output.CopyTo(channel.Memory.Window);
        WorkerFrame result = WorkerResult.Write(outcome, channel.Memory.Header);
        result.Fuel = begin.Fuel - Math.Min(begin.Fuel, outcome.FuelUsed);
        channel.Send(result);
        callee?.Release(mayServeAgain: true); // what that costs, nobody waits for
    }

    /// <summary>Notes what a worker has to know before anything else. Header: length of the manifest, whether its module has an <c>_initialize</c> (4 bytes each), the manifest.</summary>
    internal static void WriteStart(Span<byte> header, FunctionManifest manifest, bool initializes)
    {
        byte[] encoded = manifest.Encode();
        BinaryPrimitives.WriteInt32LittleEndian(header, encoded.Length);
        BinaryPrimitives.WriteInt32LittleEndian(header[4..], initializes ? 1 : 0);
        encoded.CopyTo(header[8..]);
    }

    private static (FunctionManifest Manifest, bool Initializes) ReadStart(ReadOnlySpan<byte> header)
    {
        int length = BinaryPrimitives.ReadInt32LittleEndian(header);
        bool initializes = BinaryPrimitives.ReadInt32LittleEndian(header[4..]) != 0;
        return (CborDecoder.Decode<FunctionManifest>(header.Slice(8, length).ToArray()), initializes);
    }
}
