using System.Globalization;

namespace SatNode.Fuzz;

/// <summary>No input may throw anything but the boundary's own exception, hang, or allocate beyond its bound. <c>SATNODE_FUZZ_SECONDS</c> is the time for all targets together (5 unless told),
/// <c>SATNODE_FUZZ_SEED</c> repeats a run, <c>SATNODE_FUZZ_TARGET</c> gives all the time to one target.</summary>
public sealed class FuzzTests(ITestOutputHelper output)
{
    private static readonly double Seconds = Number("SATNODE_FUZZ_SECONDS", 5);
    private static readonly int Seed = (int)Number("SATNODE_FUZZ_SEED", (int)(TimeProvider.System.GetTimestamp() & int.MaxValue));

    private static string CrashFolder => Path.Combine(Repository(), "artifacts", "fuzz");

    private static readonly string? Only = Environment.GetEnvironmentVariable("SATNODE_FUZZ_TARGET");

    public static TheoryData<string> Names => [.. Targets.All.Select(target => target.Name).Where(name => Only is null || name == Only)];

    [Theory]
    [MemberData(nameof(Names))]
    public void Takes_or_refuses_whatever_comes(string name)
    {
        FuzzTarget target = Targets.All.Single(target => target.Name == name);
        var fuzzer = new Fuzzer(target, Seed, CrashFolder);
        string corpus = Path.Combine(AppContext.BaseDirectory, "corpus", name);
        fuzzer.Replay([.. target.Seeds, .. Directory.EnumerateFiles(corpus).Order(StringComparer.Ordinal).Select(File.ReadAllBytes)]);
        fuzzer.Run(TimeSpan.FromSeconds(Seconds / Names.Count));
        output.WriteLine($"{name}: seed {Seed}, {fuzzer.Tried} inputs, {fuzzer.Answers} kinds of answers");
        TestContext.Current.SendDiagnosticMessage($"{name}: seed {Seed}, {fuzzer.Tried} inputs, {fuzzer.Answers} kinds of answers");
    }

    [Fact]
    public void Every_folder_of_the_corpus_has_its_target() =>
        Assert.Equal(Targets.All.Select(target => target.Name).Order(StringComparer.Ordinal), Directory.EnumerateDirectories(Path.Combine(AppContext.BaseDirectory, "corpus")).Select(Path.GetFileName).Order(StringComparer.Ordinal)!);

    [Fact] // a fuzzer that finds nothing is worth nothing
    public void Finds_what_is_there_to_be_found()
    {
        var target = new FuzzTarget("self", 100, _ => 1_000_000, bytes =>
        {
            if (bytes.Length < 4)
                throw new FormatException("expected more");
            if (bytes[0] == 'S' && bytes[1] == 'a' && bytes[2] > 0x7F)
                _ = bytes[bytes[3]];
        }, e => e is FormatException)
        { Seeds = [[(byte)'S', (byte)'a', 0, 0, 0]] };
        string folder = Directory.CreateTempSubdirectory("satnode-fuzz-").FullName;
        var fuzzer = new Fuzzer(target, seed: 7, folder);
        fuzzer.Replay(target.Seeds);
        string text = Assert.ThrowsAny<Exception>(() => fuzzer.Run(TimeSpan.FromMinutes(1))).Message;
        Assert.Contains("threw System.IndexOutOfRangeException", text, StringComparison.Ordinal);
        Assert.Contains("seed 7, input ", text, StringComparison.Ordinal);
        Assert.Single(Directory.GetFiles(folder));
        Directory.Delete(folder, recursive: true);
    }

    private static double Number(string variable, double unlessTold) =>
        Environment.GetEnvironmentVariable(variable) is { Length: > 0 } text ? double.Parse(text, CultureInfo.InvariantCulture) : unlessTold;

    private static string Repository()
    {
        string? folder = AppContext.BaseDirectory;
        while (folder is not null && !File.Exists(Path.Combine(folder, "SatNode.sln")))
            folder = Path.GetDirectoryName(folder);
        return folder ?? throw new InvalidOperationException("expected the tests to run inside the repository");
    }
}
