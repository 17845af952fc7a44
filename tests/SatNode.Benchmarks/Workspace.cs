namespace SatNode.Benchmarks;

/// <summary>A folder for the files of a run, on the disk of the repository: the system's folder for temporary files may be memory, which syncs for nothing.</summary>
internal sealed class Workspace : IDisposable
{
    private readonly string _folder;
    private int _next;

    public Workspace(string artifacts)
    {
        _folder = Path.Combine(artifacts, "benchmark-files", Environment.ProcessId.ToString());
        Directory.CreateDirectory(_folder);
    }

    /// <summary>A path that no one else uses.</summary>
    public string Fresh(string name) => Path.Combine(_folder, $"{Interlocked.Increment(ref _next)}-{name}");

    /// <summary>One of the sample functions, as committed.</summary>
    public static byte[] Function(string name) => File.ReadAllBytes(Path.Combine(AppContext.BaseDirectory, "functions", name, $"{name}.wasm"));

    public void Dispose() => Directory.Delete(_folder, recursive: true);
}
