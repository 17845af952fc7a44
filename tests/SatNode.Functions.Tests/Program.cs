using SatNode.Functions.Isolation;
using Xunit.MicrosoftTestingPlatform;
using Xunit.Runner.InProc.SystemConsole;

namespace SatNode.Functions.Tests;

/// <summary>The tests, or, told so, a worker process of theirs.</summary>
internal static class Program
{
    public static Task<int> Main(string[] args) => args switch
    {
        ["--worker", .. string[] rest] => Task.FromResult(FunctionWorker.Run(rest)),
        _ when args.Any(arg => arg is "--server" or "--internal-msbuild-node") => TestPlatformTestFramework.RunAsync(args, SelfRegisteredExtensions.AddSelfRegisteredExtensions),
        _ => ConsoleRunner.Run(args),
    };
}
