using SatNode.Rig.Reports;

namespace SatNode.Rig.Scenarios.Flight;

/// <summary>The folder of a run: what the boards and the ground station keep, their logs, and in the end the report.</summary>
internal sealed class RunFolder
{
    private const string Boards = "boards", DisksName = "disks", GroundName = "ground", CloudName = "cloud";
    private const UnixFileMode Private = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    private RunFolder(string path) => FullPath = path;

    /// <summary>Its full path.</summary>
    public string FullPath { get; }

    /// <summary>The ground station's folder.</summary>
    public string Ground => Path.Combine(FullPath, GroundName);

    /// <summary>The cluster's folder.</summary>
    public string Cloud => Path.Combine(FullPath, CloudName);

    /// <summary>The mission's keys.</summary>
    public string Keys => Path.Combine(Ground, "keys");

    /// <summary>Prepares the folder of a scenario below another; what an earlier run left there is taken away, and nothing else.</summary>
    /// <exception cref="FlightException">It cannot be written.</exception>
    public static RunFolder Prepare(string below, string scenario)
    {
        string path = Path.Combine(Path.GetFullPath(below), scenario);
        try
        {
            Directory.CreateDirectory(path);
            ReportFiles.Clear(path);
            foreach (string part in (string[])[Boards, DisksName, GroundName, CloudName])
            {
                if (Directory.Exists(Path.Combine(path, part)))
                    Directory.Delete(Path.Combine(path, part), recursive: true);
                if (OperatingSystem.IsWindows())
                    Directory.CreateDirectory(Path.Combine(path, part));
                else
                    Directory.CreateDirectory(Path.Combine(path, part), Private);
            }
            return new(path);
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            throw new FlightException($"{path}: cannot be written: {fault.Message}", fault);
        }
    }

    /// <summary>The image with which this run's boards are flashed.</summary>
    public string Image => Path.Combine(FullPath, DisksName, "agent.img");

    /// <summary>The folder of an emulated board's disks.</summary>
    public string Disks(string satellite) => Path.Combine(FullPath, DisksName, satellite);

    /// <summary>A board's folder.</summary>
    public string Board(string satellite) => Path.Combine(FullPath, Boards, satellite);
}
