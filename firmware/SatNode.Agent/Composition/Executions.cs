using SatNode.Flight.Invocations;
using SatNode.Functions.Runtime;
using SatNode.Protocol.Telemetry;

namespace SatNode.Agent.Composition;

/// <summary>Says in the scheduler's words how the runtime ended an invocation.</summary>
internal static class Executions
{
    public static ExecutionResult Of(in InvocationOutcome outcome) => new()
    {
        Result = ResultOf(outcome),
        Fault = FaultOf(outcome),
        Reason = outcome.Reason,
        Output = outcome.Output,
        CpuTime = outcome.CpuTime,
        WallTime = outcome.WallTime,
        MemoryBytesHighest = outcome.MemoryBytesHighest,
        InputBytes = outcome.InputBytes,
        OutputBytes = outcome.OutputBytes,
        Start = StartOf(outcome),
        Fuel = outcome.FuelUsed,
        Limit = outcome.Limit,
        IsOffence = outcome.IsOffence,
    };

    /// <summary>The same as far as a profile counts it, without allocating.</summary>
    public static InvocationUse UseOf(in InvocationOutcome outcome) => new()
    {
        Result = ResultOf(outcome),
        Fault = FaultOf(outcome),
        Start = StartOf(outcome),
        CpuTime = outcome.CpuTime,
        WallTime = outcome.WallTime,
        MemoryBytesHighest = outcome.MemoryBytesHighest,
        InputBytes = outcome.InputBytes,
        OutputBytes = outcome.OutputBytes,
    };

    private static InvocationResult ResultOf(in InvocationOutcome outcome) => outcome.End switch
    {
        InvocationEnd.Completed => InvocationResult.Completed,
        InvocationEnd.OutOfFuel or InvocationEnd.DeadlineExceeded or InvocationEnd.OutOfMemory => InvocationResult.LimitReached,
        InvocationEnd.Refused => InvocationResult.Refused,
        _ => InvocationResult.Trapped,
    };

    private static InvocationStart StartOf(in InvocationOutcome outcome) => outcome.Start switch
    {
        InstanceStart.Cold => InvocationStart.Cold,
        InstanceStart.Fresh => InvocationStart.Fresh,
        InstanceStart.Warm => InvocationStart.Warm,
        _ => InvocationStart.None,
    };

    private static InvocationFault FaultOf(in InvocationOutcome outcome) => outcome.End switch
    {
        InvocationEnd.OutOfFuel => InvocationFault.Fuel,
        InvocationEnd.OutOfMemory => InvocationFault.Memory,
        InvocationEnd.DeadlineExceeded => outcome.Limit is "slo.deadline" ? InvocationFault.Deadline : InvocationFault.CpuTime,
        InvocationEnd.Trapped when outcome.GaveUp => InvocationFault.GaveUp,
        InvocationEnd.Trapped => outcome.Limit switch
        {
            "stack" => InvocationFault.Stack,
            "limits.outputBytesMax" or "limits.hostCallsMax" => InvocationFault.OtherLimit, // what else refuses something ends nobody
            _ => InvocationFault.Trap,
        },
        InvocationEnd.BadModule when outcome.Start != InstanceStart.None => InvocationFault.Trap,
        _ => InvocationFault.Node,
    };
}
