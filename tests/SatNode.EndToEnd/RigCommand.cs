using System.Diagnostics;

namespace SatNode.EndToEnd;

/// <summary>Runs a program of the project to its end, as its user does.</summary>
internal static class RigCommand
{
    /// <summary>What a command answered.</summary>
    internal readonly record struct Answer(int Code, string Output, string Errors)
    {
        /// <summary>The output when the exit code is 0; else the test fails with what was said.</summary>
        public string Done()
        {
            Assert.True(Code == 0, $"exit code {Code}\n{Output}\n{Errors}");
            return Output;
        }
    }

    /// <summary>Runs the rig.</summary>
    public static Task<Answer> Rig(params string[] arguments) => Run("SatNode.Rig", "satnode-rig.dll", "", arguments);

    /// <summary>Runs the rig with something on its standard input.</summary>
    public static Task<Answer> Typed(string input, params string[] arguments) => Run("SatNode.Rig", "satnode-rig.dll", input, arguments);

    /// <summary>Runs the ground station.</summary>
    public static Task<Answer> Ground(params string[] arguments) => Run("SatNode.Ground", "satnode-ground.dll", "", arguments);

    /// <summary>Runs the ground station with something on its standard input.</summary>
    public static Task<Answer> TypedToGround(string input, params string[] arguments) => Run("SatNode.Ground", "satnode-ground.dll", input, arguments);

    private static async Task<Answer> Run(string project, string assembly, string input, string[] arguments)
    {
        var start = new ProcessStartInfo("dotnet") { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true, UseShellExecute = false, WorkingDirectory = Repository.Root };
        foreach (string argument in (string[])[Repository.Built(project, assembly), .. arguments])
            start.ArgumentList.Add(argument);
        using Process process = Process.Start(start)!;
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        limit.CancelAfter(TimeSpan.FromMinutes(4));
        Task<string> output = process.StandardOutput.ReadToEndAsync(limit.Token), errors = process.StandardError.ReadToEndAsync(limit.Token);
        await process.StandardInput.WriteAsync(input);
        process.StandardInput.Close();
        try
        {
            await process.WaitForExitAsync(limit.Token);
            return new(process.ExitCode, await output, await errors);
        }
        finally
        {
            if (!process.HasExited)
                process.Kill(entireProcessTree: true);
        }
    }
}
