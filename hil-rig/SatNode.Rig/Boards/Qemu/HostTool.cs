using System.ComponentModel;
using System.Diagnostics;
using SatNode.Rig.Boards.Drivers;
using SatNode.Rig.Boards.Protocols;

namespace SatNode.Rig.Boards.Qemu;

/// <summary>Programs of the host that are run to their end; they die with the rig.</summary>
internal static class HostTool
{
    private const int NotFound = 127; // what setpriv and env answer, POSIX.1-2017 "Exit status for commands"

    /// <summary>Runs a program and returns its standard output.</summary>
    /// <param name="what">What it is for, at the start of a fault.</param>
    /// <param name="program">The program.</param>
    /// <param name="arguments">Its arguments.</param>
    /// <param name="cancellation">Kills it.</param>
    /// <param name="workingFolder">Its working folder; null is the rig's.</param>
    /// <param name="environment">Variables set over the rig's.</param>
    /// <exception cref="BenchException">It could not be started or failed; the text has its reason.</exception>
    public static async Task<string> Run(string what, string program, IEnumerable<string> arguments, CancellationToken cancellation, string? workingFolder = null,
        IReadOnlyDictionary<string, string>? environment = null)
    {
        Dictionary<string, string> variables = new(environment ?? new Dictionary<string, string>(StringComparer.Ordinal), StringComparer.Ordinal)
        {
            ["PATH"] = $"{Environment.GetEnvironmentVariable("PATH")}:/usr/sbin:/sbin", // depmod and mkfs are there, and not everybody's path leads there
        };
        Process process;
        try
        {
            process = await ProcessLauncher.Start(program, arguments, workingFolder, variables);
        }
        catch (Exception failed) when (failed is Win32Exception or InvalidOperationException or IOException)
        {
            throw new BenchException($"{what}: '{program}' did not start ({failed.Message}); setsid and setpriv of util-linux are needed too", failed);
        }
        using (process)
        {
            Task<string> output = process.StandardOutput.ReadToEndAsync(cancellation), error = process.StandardError.ReadToEndAsync(cancellation);
            try
            {
                await process.WaitForExitAsync(cancellation);
                await Task.WhenAll(output, error);
            }
            catch (OperationCanceledException)
            {
                process.Kill(entireProcessTree: true);
                throw;
            }
            if (process.ExitCode == 0)
                return await output;
            if (process.ExitCode == NotFound)
                throw new BenchException($"{what}: the program '{program}' was not found");
            throw new BenchException($"{what}: {program} ended with exit code {process.ExitCode}: {Reason(await error) ?? Reason(await output) ?? "it said nothing"}");
        }
    }

    /// <summary>The first error as apt marks it, else the last line.</summary>
    private static string? Reason(string text)
    {
        string[] lines = text.Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        return lines.FirstOrDefault(line => line.StartsWith("E: ", StringComparison.Ordinal)) ?? lines.LastOrDefault();
    }
}
