using System.Globalization;
using SatNode.Rig.Boards.Drivers;
using SatNode.Rig.Boards.Protocols;
using SatNode.Rig.Boards.Resources;
using SatNode.Rig.Scenarios.Flight;

namespace SatNode.Rig.Cloud;

/// <summary>Makes what a cloud on the bench needs. What is there stays as it is; each part is made aside and then renamed, so that an end in between leaves
/// nothing half done. The machine itself is not changed.</summary>
/// <param name="say">Takes a line for the user.</param>
/// <param name="machine">The machine's clock.</param>
internal sealed class CloudSetup(Action<string> say, TimeProvider machine)
{
    private const string Unfinished = ".new-";
    private const int VersionsMax = 3; // of a part, kept: the checkouts somebody works in at a time
    private static readonly TimeSpan ScriptMax = TimeSpan.FromMinutes(20); // builds from source, on a slow machine
    private static readonly TimeSpan LockPoll = TimeSpan.FromMilliseconds(200);

    /// <summary>Makes what is missing.</summary>
    /// <exception cref="FlightException">Something cannot be had; the text has the reason on one line.</exception>
    public async Task Run(CancellationToken cancellation)
    {
        Directory.CreateDirectory(CloudTools.Cache);
        await using FileStream turn = await TakeTurn(cancellation);
        foreach (string leftover in Directory.GetDirectories(CloudTools.Cache, Unfinished + "*"))
            Directory.Delete(leftover, recursive: true);
        foreach (CloudPart part in CloudTools.Parts)
        {
            if (!part.IsThere)
                await Make(part, cancellation);
            say(Line(part));
        }
        _ = CloudTools.Find();
    }

    /// <summary>A part and whether it is there.</summary>
    public static string Line(CloudPart part) => $"  {part.Name,-16} {part.Version,-9} {(part.IsThere ? part.Folder : "not there; run: satnode-rig setup cloud")}";

    /// <summary>Waits until no other setup works on the folder.</summary>
    private async Task<FileStream> TakeTurn(CancellationToken cancellation)
    {
        string file = Path.Combine(CloudTools.Cache, ".lock");
        bool hasSaid = false;
        while (true)
        {
            try
            {
                return new(file, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            }
            catch (IOException) when (File.Exists(file)) // somebody holds it
            {
                if (!hasSaid)
                    say("  waits for another setup to end");
                hasSaid = true;
                await Task.Delay(LockPoll, machine, cancellation);
            }
        }
    }

    private async Task Make(CloudPart part, CancellationToken cancellation)
    {
        say($"  {part.Name,-16} {part.Version,-9} {part.Making}");
        long begin = machine.GetTimestamp();
        string folder = Directory.CreateDirectory(Path.Combine(CloudTools.Cache, $"{Unfinished}{part.Name}")).FullName;
        string log = Path.Combine(CloudTools.Cache, $"{part.Name}.log");
        try
        {
            (int exitCode, string lastWords) = await RunScript(part, folder, log, cancellation);
            if (exitCode != 0)
                throw new FlightException($"setup cloud: {part.Name} {part.Version}: {lastWords} (exit code {exitCode}; the whole is in {log})");
            foreach (string product in part.Products.Where(product => !File.Exists(Path.Combine(folder, product))))
                throw new FlightException($"setup cloud: {part.Name} {part.Version}: the script left no {product}; the whole is in {log}");
            if (Directory.Exists(part.Folder))
                Directory.Delete(part.Folder, recursive: true); // somebody took a product away
            Directory.Move(folder, part.Folder);
            foreach (string old in Directory.GetDirectories(CloudTools.Cache, $"{part.Name}-*").OrderByDescending(Directory.GetLastWriteTimeUtc).Skip(VersionsMax))
                Directory.Delete(old, recursive: true);
        }
        finally
        {
            if (Directory.Exists(folder))
                Directory.Delete(folder, recursive: true);
        }
        say(string.Create(CultureInfo.InvariantCulture, $"  {part.Name,-16} {part.Version,-9} made in {machine.GetElapsedTime(begin).TotalSeconds:0} s"));
    }

    private async Task<(int ExitCode, string LastWords)> RunScript(CloudPart part, string folder, string log, CancellationToken cancellation)
    {
        string bash = Executable.OnPath("bash") ?? throw new FlightException("setup cloud: bash was not found on the PATH");
        await using var process = new ProcessBoard(
            new ProcessBoardResource { Name = part.Name, Executable = bash, Arguments = [Path.Combine(CloudTools.Recipes, part.Script), folder], WorkingFolder = folder }, machine, machine);
        string lastWords = "it said nothing";
        await using (StreamWriter file = File.CreateText(log))
        {
            using IDisposable lines = process.Console.Subscribe(line =>
            {
                lock (file)
                    file.WriteLine(line.Text);
                if (line.IsError && line.Text.Length > 0)
                    lastWords = line.Text;
            });
            await process.On(cancellation);
            try
            {
                BoardExit exit = await process.Ended.WaitAsync(ScriptMax, machine, cancellation);
                return (exit.ExitCode, lastWords);
            }
            catch (TimeoutException)
            {
                throw new FlightException($"setup cloud: {part.Name} {part.Version}: not made within {ScriptMax.TotalMinutes:0} minutes; its last words: {lastWords} (the whole is in {log})");
            }
        }
    }
}
