using System.Diagnostics;
using System.Text;
using SatNode.Functions.Runtime;
using SatNode.Protocol.Functions;

namespace SatNode.Functions.Isolation;

/// <summary>The node as a command in a worker sees it: each thing is asked of the agent. What host calls need never comes here, since they go to the agent themselves.</summary>
internal sealed class WorkerEnvironment(WorkerChannel channel) : IFunctionEnvironment
{
    private static readonly int DeadlineTicks = WorkerCalls.NumberOf("deadline_ticks");

    public string NodeName => channel.AskNodeName();

    public ulong Seed => 0; // randomness is the agent's

    public int Depth => 0;

    public string Actor => ""; // so are its messages

    public TimeProvider Clock { get; } = new AgentClock(channel);

    public DateTimeOffset? Deadline => channel.AskNumber(DeadlineTicks) is >= 0 and long ticks ? new(ticks, TimeSpan.Zero) : null;

    public bool TryGetState(string function, string key, out StateValue value) => throw new UnreachableException();

    public (int Length, ulong Version) DescribeState(string function, string key) => throw new UnreachableException();

    public IReadOnlyList<string> ListState(string function, string prefix) => throw new UnreachableException();

    public long StateBytes(string function) => throw new UnreachableException();

    public bool TryGetFact(string name, out string value) => throw new UnreachableException();

    public DeployedFunction? FindFunction(string name) => throw new UnreachableException();

    public FunctionManifest? FindManifest(string name) => throw new UnreachableException();

    public bool TryEnter(ActorAddress actor, out ActorPolicy policy) => throw new UnreachableException();

    public bool HasRoomFor(ActorAddress actor, FunctionActor limits, int before, long bytes) => throw new UnreachableException();

    public void CalleeEnded(DeployedFunction function, in InvocationOutcome outcome) => throw new UnreachableException();

    public void Log(string function, FunctionLogLevel level, string text)
    {
        Span<byte> bytes = stackalloc byte[FunctionBounds.LogBytesMax * 3]; // bytes that are no UTF-8 have become three each
        channel.WriteLog(level, bytes[..Encoding.UTF8.GetBytes(text, bytes)]);
    }

    public CommitResult Commit(IReadOnlyList<FunctionEffects> effects) => throw new UnreachableException();

    private sealed class AgentClock(WorkerChannel channel) : TimeProvider
    {
        private static readonly int NowTicks = WorkerCalls.NumberOf("now_ticks");

        public override DateTimeOffset GetUtcNow() => new(channel.AskNumber(NowTicks), TimeSpan.Zero);
    }
}
