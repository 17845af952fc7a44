using SatNode.Functions.Hosting;
using SatNode.Functions.Isolation;
using SatNode.Functions.Runtime;
using SatNode.Functions.Tests.Runtime;
using SatNode.Protocol.Functions;
using Wat = SatNode.Functions.Tests.Runtime.Modules;

namespace SatNode.Functions.Tests.Isolation;

/// <summary>A worker that its function has taken over says what it likes: it is ended, nothing of it is kept, and the agent goes on. The socket's other end is held by the test;
/// the process that is ended is a real one.</summary>
public sealed class RogueWorkerTests : IDisposable
{
    private static readonly int StatePut = WorkerCalls.NumberOf("state_put");

    private readonly FunctionRuntime _runtime = new(new());
    private readonly TestEnvironment _environment = new();
    private readonly byte[] _packet = new byte[WorkerBounds.FrameBytes];

    public void Dispose() => _runtime.Dispose();

    [Fact]
    public void A_frame_of_any_other_length_ends_it()
    {
        for (int length = 1; length <= 2 * WorkerBounds.FrameBytes; length++)
        {
            if (length == WorkerBounds.FrameBytes)
                continue;
            string reason = Lost(rogue => rogue.Send(new byte[length]));
            Assert.Equal($"its worker process was lost: frame: expected 64 bytes, found {length}; ended by the node", reason);
        }
        Assert.Equal("its worker process was lost: frame: expected 64 bytes, found 100000; ended by the node", Lost(rogue => rogue.Send(new byte[100_000])));
    }

    [Theory]
    [InlineData((int)FrameKind.None, 1, "expected a Call or Result, found None")]
    [InlineData((int)FrameKind.Ready, 1, "expected a Call or Result, found Ready")]
    [InlineData((int)FrameKind.Begin, 1, "expected a Call or Result, found Begin")]
    [InlineData((int)FrameKind.Reply, 1, "expected a Call or Result, found Reply")]
    [InlineData(-1, 1, "expected a Call or Result, found -1")]
    [InlineData((int)FrameKind.Result, 0, "expected invocation 1, found 0")]
    [InlineData((int)FrameKind.Result, 2, "expected invocation 1, found 2")]
    public void A_frame_out_of_turn_ends_it(int kind, ulong invocation, string expected) =>
        Assert.Equal($"its worker process was lost: frame: {expected}; ended by the node", Lost(rogue => Send(rogue, new() { Kind = (FrameKind)kind, Invocation = invocation })));

    [Theory]
    [InlineData(-1)]
    [InlineData(int.MaxValue)]
    [InlineData(32)]
    public void A_call_that_there_is_not_ends_it(int number) => Assert.Equal(
        $"its worker process was lost: call: expected a number of 0 to 31, found {number}; ended by the node", Lost(rogue => Send(rogue, new() { Kind = FrameKind.Call, Invocation = 1, Code = number })));

    [Theory]
    [InlineData(0, -1)]
    [InlineData(0, 2097153)]
    [InlineData(0, long.MaxValue)]
    [InlineData(1, -1)]
    [InlineData(1, 16777217)]
    [InlineData(2, -1)]
    [InlineData(2, 100002)]
    [InlineData(3, -1)]
    [InlineData(3, 1L << 31)]
    [InlineData(4, 65L << 32)]
    [InlineData(4, 2049)]
    [InlineData(4, -1)]
    public void A_result_that_cannot_be_ends_it(int argument, long value)
    {
        var frame = new WorkerFrame { Kind = FrameKind.Result, Code = (int)InvocationEnd.Completed, Invocation = 1 };
        frame.Values[argument] = value;
        Assert.Matches("^its worker process was lost: result: [a-z' ]+: expected 0 to [0-9]+, found -?[0-9]+; ended by the node$", Lost(rogue => Send(rogue, frame)));
    }

    [Theory]
    [InlineData(InvocationEnd.Refused)]
    [InlineData(InvocationEnd.PoolFull)]
    [InlineData(InvocationEnd.Conflict)]
    [InlineData(InvocationEnd.NotCommitted)]
    [InlineData((InvocationEnd)200)]
    public void An_end_that_is_the_nodes_to_tell_ends_it(InvocationEnd end) => Assert.Contains("result: expected an end that a function can come to",
        Lost(rogue => Send(rogue, new() { Kind = FrameKind.Result, Invocation = 1, Code = (int)end })), StringComparison.Ordinal);

    [Theory]
    [InlineData(0, WorkerBounds.WindowBytes, 3)]
    [InlineData(0, -1, 3)]
    [InlineData(2, WorkerBounds.WindowBytes - 4, 5)]
    [InlineData(2, -5, int.MaxValue)]
    public void A_pointer_outside_of_the_window_ends_the_invocation(int argument, int pointer, int length)
    {
        var frame = new WorkerFrame { Kind = FrameKind.Call, Code = StatePut, Invocation = 1 };
        frame.Values[1] = frame.Values[3] = 3;
        frame.Values[argument] = pointer;
        frame.Values[argument + 1] = length;
        WorkerFrame reply = default;
        InvocationOutcome outcome = Play(rogue =>
        {
            Send(rogue, frame);
            reply = Receive(rogue);
            Send(rogue, Completed());
        }, out Worker worker);
        Assert.Equal((InvocationEnd.Trapped, 1, null), (outcome.End, reply.Code, worker.Loss));
        Assert.Contains($"expected bytes within a memory of {WorkerBounds.WindowBytes}", outcome.Reason, StringComparison.Ordinal);
        worker.Dispose();
    }

    // Well formed but for what is in it; seeds are the numbers.
    [Fact]
    public void Frames_of_rubbish_never_reach_further()
    {
        for (int seed = 0; seed < 20; seed++)
        {
            var random = new Random(seed);
            InvocationOutcome outcome = Play(rogue =>
            {
                byte[] packet = new byte[WorkerBounds.FrameBytes];
                for (int i = 0; i < 500; i++)
                {
                    random.NextBytes(packet);
                    var frame = WorkerFrame.Read(packet);
                    frame.Kind = random.Next(100) == 0 ? FrameKind.Result : FrameKind.Call;
                    frame.Invocation = 1;
                    frame.Code = random.Next(-1, 33);
                    for (int a = 0; a < WorkerFrame.ArgumentsMax; a++)
                        frame.Values[a] = random.Next(3) == 0 ? frame.Values[a] : random.Next(0, 40);
                    Send(rogue, frame);
                }
            }, out Worker worker);
            Assert.True(outcome.End == InvocationEnd.Trapped && worker.Loss is not null, $"seed {seed}: {outcome.End} {outcome.Reason}");
            Assert.Empty(_environment.State);
            worker.Dispose();
        }
    }

    [Fact]
    public void Fuel_that_it_claims_to_have_is_no_more_than_it_had()
    {
        InvocationOutcome outcome = Play(rogue =>
        {
            Send(rogue, new() { Kind = FrameKind.Call, Invocation = 1, Code = WorkerCalls.NumberOf("time_ms"), Fuel = 5 });
            Receive(rogue);
            Send(rogue, Completed() with { Fuel = ulong.MaxValue });
        }, out Worker worker);
        Assert.Equal((InvocationEnd.Completed, 0u, FunctionLimits.Default.FuelMax - 5), (outcome.End, (uint)outcome.Output.Length, outcome.FuelUsed));
        worker.Dispose();
    }

    [Fact]
    public void What_it_changed_before_it_was_ended_is_not_kept_and_host_calls_are_counted_here()
    {
        var put = new WorkerFrame { Kind = FrameKind.Call, Code = StatePut, Invocation = 1 };
        put.Values[1] = put.Values[3] = 3;
        int served = 0;
        InvocationOutcome outcome = Play(rogue =>
        {
            "key"u8.CopyTo(Memory!.Window);
            while (rogue.Send(Bytes(put)) && Receive(rogue).Code == 0)
                served++;
            Send(rogue, Completed());
        }, out Worker worker, new() { HostCallsMax = 1000 });
        Assert.Equal((InvocationEnd.Trapped, "limits.hostCallsMax", 1000), (outcome.End, outcome.Limit, served));
        worker.Dispose();
    }

    [Fact]
    public void One_that_never_answers_is_ended_after_its_deadline()
    {
        _environment.Deadline = _environment.Time.GetUtcNow() - TimeSpan.FromSeconds(1);
        InvocationOutcome outcome = Play(rogue => Receive(rogue), out Worker worker, stay: true);
        Assert.Equal((InvocationEnd.DeadlineExceeded, "slo.deadline"), (outcome.End, outcome.Limit));
        Assert.Equal("expected it to stop within 250 ms, found it running; ended by the node", worker.Loss);
        worker.Dispose();
    }

    [Fact]
    public void One_that_goes_on_calling_when_it_was_told_to_end_is_ended()
    {
        var frame = new WorkerFrame { Kind = FrameKind.Call, Code = WorkerCalls.NumberOf("abort"), Invocation = 1 };
        InvocationOutcome outcome = Play(rogue =>
        {
            while (rogue.Send(Bytes(frame)) && Receive(rogue).Kind == FrameKind.Reply)
            {
                // and again
            }
        }, out Worker worker);
        Assert.Equal((InvocationEnd.Trapped, "gave up with code 0: "), (outcome.End, outcome.Reason));
        Assert.Equal("expected it to stop within 250 ms, found it running; ended by the node", worker.Loss);
        worker.Dispose();
    }

    [Fact]
    public void One_that_asks_and_never_reads_is_ended()
    {
        var frame = new WorkerFrame { Kind = FrameKind.Call, Code = WorkerCalls.NumberOf("time_ms"), Invocation = 1 };
        string reason = Lost(rogue =>
        {
            for (long start = TimeProvider.System.GetTimestamp(); TimeProvider.System.GetElapsedTime(start) < TimeSpan.FromSeconds(30) && Directory.Exists($"/proc/{Process!.Id}");)
                rogue.Send(Bytes(frame));
        });
        Assert.Equal("its worker process was lost: expected it to read what it asked for, found its socket closed or full; ended by the node", reason);
    }

    [Fact]
    public void One_that_speaks_while_it_is_idle_is_no_more_used()
    {
        Play(rogue =>
        {
            Send(rogue, Completed());
            Send(rogue, Completed());
        }, out Worker worker);
        Assert.False(worker.IsWell());
        Assert.Equal("expected nothing from an idle worker, found 64 bytes; ended by the node", worker.Loss);
        worker.Dispose();
    }

    [Fact]
    public void One_that_closes_its_socket_and_lives_on_is_ended() =>
        Assert.Equal("its worker process was lost: its end of the socket is closed; ended by the node", Lost(_ => { }));

    [Theory]
    [InlineData("ILL", "signal 4 (SIGILL)")]
    [InlineData("ABRT", "signal 6 (SIGABRT)")]
    [InlineData("BUS", "signal 7 (SIGBUS)")]
    [InlineData("FPE", "signal 8 (SIGFPE)")]
    [InlineData("KILL", "signal 9 (SIGKILL)")]
    [InlineData("SEGV", "signal 11 (SIGSEGV)")]
    [InlineData("TERM", "signal 15 (SIGTERM)")]
    [InlineData("XCPU", "signal 24 (SIGXCPU)")]
    [InlineData("SYS", "signal 31 (SIGSYS)")]
    public void The_signal_that_ended_it_is_named(string signal, string expected) => Assert.Equal($"its worker process was lost: {expected}", Lost(_ =>
    {
        using var kill = System.Diagnostics.Process.Start("/bin/kill", [$"-{signal}", $"{Process!.Id}"]);
        kill.WaitForExit();
    }));

    [Fact]
    public void One_that_neither_works_nor_answers_is_ended()
    {
        InvocationOutcome outcome = Play(rogue => Receive(rogue), out Worker worker, stay: true);
        Assert.Equal(InvocationEnd.Trapped, outcome.End);
        Assert.Matches(@"^its worker process was lost: expected it to work, found \d+\.\d ms of CPU time used in 5 s; ended by the node$", outcome.Reason); // its start takes a little
        worker.Dispose();
    }

    private WorkerProcess? Process { get; set; }

    private SharedMemory? Memory { get; set; }

    private string Lost(Action<WorkerSocket> play)
    {
        InvocationOutcome outcome = Play(play, out Worker worker);
        Assert.Equal(InvocationEnd.Trapped, outcome.End);
        Assert.NotNull(worker.Loss);
        Assert.Empty(_environment.State);
        Assert.False(Directory.Exists($"/proc/{worker.Process.Id}"));
        worker.Dispose();
        return outcome.Reason;
    }

    /// <summary>Runs an invocation in a worker whose part is played, from when it got the begin, until it closes its end.</summary>
    private InvocationOutcome Play(Action<WorkerSocket> play, out Worker worker, FunctionLimits? limits = null, bool stay = false)
    {
        (WorkerSocket ours, WorkerSocket theirs) = WorkerSocket.Pair();
        Memory = SharedMemory.Create();
        using var code = SharedMemory.Sealed([1]);
        WorkerProcess process = WorkerProcess.Start(new("/bin/sleep", ["1000"]), Memory.File, Memory.File, code);
        worker = new(null, process, ours, Memory);
        Send(theirs, new() { Kind = FrameKind.Ready });
        Assert.True(worker.WaitUntilReady(TimeSpan.FromSeconds(10), () => true));
        Process = process;
        var thread = new Thread(() =>
        {
            Receive(theirs);
            play(theirs);
            if (!stay)
                theirs.Dispose();
        });
        thread.Start();
        FunctionManifest manifest = Wat.Manifest([]) with { Name = "probe", Limits = limits ?? FunctionLimits.Default };
        InvocationOutcome outcome = worker.Run(_runtime, manifest, "", [1, 2, 3], null, _environment, null, new EffectLog(), manifest.Limits.FuelMax, CancellationToken.None);
        if (worker.Loss is not null)
            worker.Dispose(); // who plays may still wait
        thread.Join();
        theirs.Dispose();
        return outcome;
    }

    private static WorkerFrame Completed() => new() { Kind = FrameKind.Result, Code = (int)InvocationEnd.Completed, Invocation = 1 };

    private static void Send(WorkerSocket socket, WorkerFrame frame) => socket.Send(Bytes(frame));

    private static byte[] Bytes(WorkerFrame frame)
    {
        byte[] packet = new byte[WorkerBounds.FrameBytes];
        frame.Write(packet);
        return packet;
    }

    private WorkerFrame Receive(WorkerSocket socket) => socket.Receive(_packet) == _packet.Length ? WorkerFrame.Read(_packet) : default;
}
