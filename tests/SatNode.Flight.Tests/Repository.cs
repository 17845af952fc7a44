namespace SatNode.Flight.Tests;

/// <summary>Where the sources are, for tests that write reports and read documents.</summary>
internal static class Repository
{
    public static string Root { get; } = Find();

    private static string Find()
    {
        string? folder = AppContext.BaseDirectory;
        while (folder is not null && !File.Exists(Path.Combine(folder, "SatNode.sln")))
            folder = Path.GetDirectoryName(folder);
        return folder ?? throw new InvalidOperationException($"SatNode.sln: expected it above {AppContext.BaseDirectory}");
    }
}
