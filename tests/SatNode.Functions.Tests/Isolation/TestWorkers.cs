using SatNode.Functions.Isolation;

namespace SatNode.Functions.Tests.Isolation;

/// <summary>Workers that run the test program.</summary>
internal static class TestWorkers
{
    public static WorkerProgram Program { get; } = new(Environment.ProcessPath!, Path.GetFileName(Environment.ProcessPath) is "dotnet" ? [typeof(TestWorkers).Assembly.Location, "--worker"] : ["--worker"]);
}
