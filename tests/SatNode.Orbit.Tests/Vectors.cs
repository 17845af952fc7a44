namespace SatNode.Orbit.Tests;

/// <summary>The files of tests/vectors/orbit, copied beside the test program.</summary>
internal static class Vectors
{
    internal static string Text(string name) => File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "vectors", name));

    internal static string[] Lines(string name) => File.ReadAllLines(Path.Combine(AppContext.BaseDirectory, "vectors", name));
}
