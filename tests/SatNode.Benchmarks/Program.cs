using System.Runtime.InteropServices;
using SatNode.Benchmarks;
using SatNode.Benchmarks.Measuring;
using SatNode.Functions.Isolation;

// Measures the product beside the physical limit and beside what people use today. See docs/benchmarks.md.
if (args is ["--worker", .. string[] rest]) // one of its own workers
    return FunctionWorker.Run(rest);
bool isQuick = false;
string filter = "";
string artifacts = Path.Combine(Repository(), "artifacts");
for (int i = 0; i < args.Length; i++)
{
    switch (args[i])
    {
        case "--quick":
            isQuick = true;
            break;
        case "--filter" when i + 1 < args.Length:
            filter = args[++i];
            break;
        default:
            Console.Error.WriteLine($"expected --quick and --filter NAME, found {args[i]}; names are {string.Join(", ", Catalogue.Names)}");
            return 2;
    }
}

using var workspace = new Workspace(artifacts);
(string Name, Func<Workspace, Comparison> Make)[] chosen = [.. Catalogue.All.Where(c => c.Name.Contains(filter, StringComparison.OrdinalIgnoreCase))];
if (chosen.Length == 0)
{
    Console.Error.WriteLine($"expected a part of a name, found \"{filter}\"; names are {string.Join(", ", Catalogue.Names)}");
    return 2;
}
var measurer = isQuick ? new Measurer(rounds: 3, TimeSpan.FromMilliseconds(15)) : new Measurer(rounds: 9, TimeSpan.FromMilliseconds(25));
var machine = new Dictionary<string, string>
{
    ["processors"] = Environment.ProcessorCount.ToString(),
    ["architecture"] = RuntimeInformation.ProcessArchitecture.ToString(),
    ["runtime"] = RuntimeInformation.FrameworkDescription,
    ["rounds"] = isQuick ? "3 (quick)" : "9",
    ["loadBefore"] = Load(),
};
Console.WriteLine($"{machine["processors"]} processors, {machine["architecture"]}, {machine["runtime"]}, load {machine["loadBefore"]}, {machine["rounds"]} rounds in turns");
Console.WriteLine("ours/this: our time as a multiple of this one's, in neighbouring rounds, then of its CPU time; 1/8 is eight times faster\n");
var results = new List<Result>();
foreach ((_, Func<Workspace, Comparison> make) in chosen)
{
    using Comparison comparison = make(workspace);
    Result result = measurer.Measure(comparison);
    results.Add(result);
    Console.WriteLine(Table.Of(result));
}
machine["loadAfter"] = Load();
string report = Path.Combine(artifacts, "benchmarks.json");
JsonReport.Write(report, results, machine);
Console.WriteLine($"load {machine["loadAfter"]}; figures in {Path.GetRelativePath(Environment.CurrentDirectory, report)}");
return 0;

static string Load() => File.Exists("/proc/loadavg") ? File.ReadAllText("/proc/loadavg").Split(' ')[0] : "unknown";

// From wherever it is started: the folder of the solution, or the current one.
static string Repository()
{
    for (DirectoryInfo? folder = new(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
    {
        if (File.Exists(Path.Combine(folder.FullName, "SatNode.sln")))
            return folder.FullName;
    }
    return Environment.CurrentDirectory;
}
