namespace SatNode.Functions.Isolation;

/// <summary>The program that worker processes run: this one, told to be a worker. It has to hand its further arguments to <see cref="FunctionWorker.Run"/> at once.</summary>
/// <param name="Path">The file.</param>
/// <param name="Arguments">What tells it to be a worker; the worker's own arguments follow.</param>
public sealed record WorkerProgram(string Path, IReadOnlyList<string> Arguments);
