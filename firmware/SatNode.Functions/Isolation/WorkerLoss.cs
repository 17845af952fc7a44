namespace SatNode.Functions.Isolation;

/// <summary>A worker process that is no more, though nobody wanted it to end.</summary>
/// <param name="Function">Whose.</param>
/// <param name="Reason">What happened, with the signal or the exit code.</param>
/// <param name="InARow">How many were lost since an invocation completed, 1 or more.</param>
/// <param name="BackOff">How long no other one is started.</param>
public sealed record WorkerLoss(string Function, string Reason, int InARow, TimeSpan BackOff);
