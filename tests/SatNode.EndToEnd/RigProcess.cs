using System.Diagnostics;
using System.Globalization;
using System.Text;

namespace SatNode.EndToEnd;

/// <summary>The rig's executable, run as its user runs it: on the published agent and the built ground station.</summary>
internal sealed class RigProcess : IDisposable
{
    private readonly Process _process;
    private readonly StringBuilder _output = new();
    private readonly StringBuilder _errors = new();

    private RigProcess(Process process) => _process = process;

    public int Id => _process.Id;

    public string Output
    {
        get
        {
            lock (_output)
                return _output.ToString();
        }
    }

    public string Errors
    {
        get
        {
            lock (_errors)
                return _errors.ToString();
        }
    }

    /// <summary>Flies a scenario.</summary>
    public static RigProcess Start(string scenario, string runs, params string[] more) => StartCommand(
        ["run", scenario, "--out", runs, "--agent", Repository.Agent, "--ground", Repository.Built("SatNode.Ground", "satnode-ground.dll"), .. more]);

    /// <summary>Starts any command of the rig.</summary>
    public static RigProcess StartCommand(params string[] arguments) => StartCommand(arguments, new Dictionary<string, string>(StringComparer.Ordinal));

    /// <summary>Starts any command of the rig with variables set over the tests' environment.</summary>
    public static RigProcess StartCommand(string[] arguments, IReadOnlyDictionary<string, string> environment) =>
        StartProgram(Repository.Built("SatNode.Rig", "satnode-rig.dll"), arguments, environment);

    /// <summary>Starts any command of the ground station.</summary>
    public static RigProcess StartGround(params string[] arguments) =>
        StartProgram(Repository.Built("SatNode.Ground", "satnode-ground.dll"), arguments, new Dictionary<string, string>(StringComparer.Ordinal));

    private static RigProcess StartProgram(string program, string[] arguments, IReadOnlyDictionary<string, string> environment)
    {
        var start = new ProcessStartInfo("dotnet")
        {
            UseShellExecute = false,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = Repository.Root,
        };
        foreach (string argument in (string[])[program, .. arguments])
            start.ArgumentList.Add(argument);
        foreach ((string key, string value) in environment)
            start.Environment[key] = value;
        var rig = new RigProcess(Process.Start(start)!);
        rig._process.OutputDataReceived += (_, line) => Append(rig._output, line.Data);
        rig._process.ErrorDataReceived += (_, line) => Append(rig._errors, line.Data);
        rig._process.BeginOutputReadLine();
        rig._process.BeginErrorReadLine();
        return rig;
    }

    /// <summary>Waits for the rig to end and returns its exit code.</summary>
    public async Task<int> Ended(TimeSpan atMost)
    {
        using var timeout = new CancellationTokenSource(atMost);
        try
        {
            await _process.WaitForExitAsync(timeout.Token);
        }
        catch (OperationCanceledException)
        {
            Assert.Fail($"the rig did not end within {atMost}; it said:\n{Output}\n{Errors}");
        }
        return _process.ExitCode;
    }

    /// <summary>Waits until the rig has said something.</summary>
    public async Task Said(string text, TimeSpan atMost)
    {
        long begin = TimeProvider.System.GetTimestamp();
        while (!Output.Contains(text, StringComparison.Ordinal))
        {
            Assert.False(_process.HasExited, $"the rig ended before it said '{text}':\n{Output}\n{Errors}");
            Assert.True(TimeProvider.System.GetElapsedTime(begin) < atMost, $"the rig never said '{text}':\n{Output}\n{Errors}");
            await Task.Delay(50);
        }
    }

    public void Signal(int signal) => Signal(_process.Id, signal);

    public static void Signal(int id, int signal)
    {
        using Process kill = Process.Start("/bin/sh", ["-c", $"kill -{signal} {id}"]); // the shell's own: no package needed
        kill.WaitForExit();
    }

    /// <summary>The processes that a run's folder occurs in the command line of: agents and ground station of this run, and nobody else's.</summary>
    public static IReadOnlyList<(int Id, string CommandLine)> Processes(string runs) =>
    [
        .. Directory.EnumerateDirectories("/proc").Where(path => Path.GetFileName(path).All(char.IsAsciiDigit))
            .Select(path => (int.Parse(Path.GetFileName(path), CultureInfo.InvariantCulture), CommandLine(path)))
            .Where(process => process.Item2.Contains(runs, StringComparison.Ordinal) && !process.Item2.Contains("SatNode.EndToEnd", StringComparison.Ordinal)),
    ];

    /// <summary>The command lines of these processes.</summary>
    public static string[] ProcessesOf(string runs) => [.. Processes(runs).Select(process => process.CommandLine)];

    /// <summary>Waits until no process of a run is left.</summary>
    public static async Task NothingIsLeftOf(string runs)
    {
        long begin = TimeProvider.System.GetTimestamp();
        while (ProcessesOf(runs) is { Length: > 0 } left)
        {
            Assert.True(TimeProvider.System.GetElapsedTime(begin) < TimeSpan.FromSeconds(10), $"still running: {string.Join("; ", left)}");
            await Task.Delay(50);
        }
    }

    public void Dispose()
    {
        if (!_process.HasExited)
            _process.Kill(entireProcessTree: true);
        _process.Dispose();
    }

    private static void Append(StringBuilder text, string? line)
    {
        lock (text)
            text.AppendLine(line);
    }

    private static string CommandLine(string folder)
    {
        try
        {
            return File.ReadAllText(Path.Combine(folder, "cmdline")).Replace('\0', ' ');
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return ""; // It ended meanwhile.
        }
    }
}
