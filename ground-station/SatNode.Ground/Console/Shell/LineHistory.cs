namespace SatNode.Ground.Console.Shell;

/// <summary>The lines that were typed, kept in a file that only its owner reads. A history that cannot be kept is not missed.</summary>
internal sealed class LineHistory
{
    /// <summary>Lines kept; the oldest go first.</summary>
    public const int LinesMax = 1000;

    private readonly string? _file;
    private readonly List<string> _lines = [];

    /// <summary>Reads the history of a file; null keeps none.</summary>
    public LineHistory(string? file)
    {
        _file = file;
        try
        {
            if (file is not null && File.Exists(file))
                _lines.AddRange(File.ReadLines(file).Where(line => line.Length > 0).TakeLast(LinesMax));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            _file = null;
        }
    }

    /// <summary>The lines, the oldest first.</summary>
    public IReadOnlyList<string> Lines => _lines;

    /// <summary>The file of the user: below XDG_STATE_HOME.</summary>
    public static string OfUser() => Path.Combine(Environment.GetEnvironmentVariable("XDG_STATE_HOME") is { Length: > 0 } state
        ? state : Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".local", "state"), "satnode", "console-history");

    /// <summary>Adds a line, unless it is the last one again.</summary>
    public void Add(string line)
    {
        if (line.Length == 0 || (_lines is [.., { } last] && last == line))
            return;
        _lines.Add(line);
        if (_lines.Count > LinesMax)
            _lines.RemoveAt(0);
    }

    /// <summary>Writes the file whole or not at all.</summary>
    public void Save()
    {
        if (_file is null)
            return;
        try
        {
            Directory.CreateDirectory(Path.GetDirectoryName(_file)!);
            string unfinished = _file + ".new";
            var options = new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write };
            if (!OperatingSystem.IsWindows())
                options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
            using (var writer = new StreamWriter(unfinished, options))
            {
                foreach (string line in _lines)
                    writer.WriteLine(line);
            }
            File.Move(unfinished, _file, overwrite: true);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // The console works without it.
        }
    }
}
