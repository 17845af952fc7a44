using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;

namespace SatNode.EndToEnd;

/// <summary>Who may know whom: docs/architecture.md.</summary>
public sealed class DependencyRulesTests
{
    private static readonly Dictionary<string, string[]> Allowed = new(StringComparer.Ordinal)
    {
        ["SatNode.Protocol"] = [],
        ["SatNode.Orbit"] = [],
        ["SatNode.Functions"] = ["SatNode.Protocol"],
        ["SatNode.Flight"] = ["SatNode.Protocol", "SatNode.Orbit"],
        ["SatNode.Network"] = ["SatNode.Protocol", "SatNode.Orbit"],
        ["satnode-agent"] = ["SatNode.Protocol", "SatNode.Orbit", "SatNode.Functions", "SatNode.Flight", "SatNode.Network"],
        ["satnode-boot"] = ["SatNode.Protocol"],
        ["satnode-ground"] = ["SatNode.Protocol", "SatNode.Orbit"],
        ["satnode-rig"] = ["SatNode.Protocol", "SatNode.Orbit"],
    };

    private static readonly string[] FlyingProjects = ["SatNode.Protocol", "SatNode.Orbit", "SatNode.Functions", "SatNode.Flight", "SatNode.Network"];

    [Theory]
    [InlineData("SatNode.Protocol", "SatNode.Protocol")]
    [InlineData("SatNode.Orbit", "SatNode.Orbit")]
    [InlineData("SatNode.Functions", "SatNode.Functions")]
    [InlineData("SatNode.Flight", "SatNode.Flight")]
    [InlineData("SatNode.Network", "SatNode.Network")]
    [InlineData("SatNode.Agent", "satnode-agent")]
    [InlineData("SatNode.Boot", "satnode-boot")]
    [InlineData("SatNode.Ground", "satnode-ground")]
    [InlineData("SatNode.Rig", "satnode-rig")]
    public void Knows_only_whom_it_may(string project, string assembly)
    {
        IEnumerable<string> known = ReferencesOf(Repository.Built(project, assembly + ".dll")).Where(Allowed.ContainsKey);
        Assert.Empty(known.Except(Allowed[assembly], StringComparer.Ordinal));
    }

    [Fact]
    public void Every_product_project_has_a_rule()
    {
        IEnumerable<string> projects = new[] { "proto", "firmware", "ground-station", "hil-rig" }
            .SelectMany(folder => Directory.EnumerateFiles(Repository.PathOf(folder), "*.csproj", SearchOption.AllDirectories))
            .Select(path => Path.GetFileNameWithoutExtension(path)!);
        Assert.Equal(
            projects.Order(StringComparer.Ordinal),
            Allowed.Keys.Select(name => name switch { "satnode-agent" => "SatNode.Agent", "satnode-boot" => "SatNode.Boot", "satnode-ground" => "SatNode.Ground", "satnode-rig" => "SatNode.Rig", _ => name })
                .Order(StringComparer.Ordinal));
    }

    [Fact]
    public void The_orbit_library_is_pure_mathematics()
    {
        // No I/O, no sockets, no threads of its own: only the base class library.
        string[] foreign = ["System.Net.Sockets", "System.IO.FileSystem", "System.Diagnostics.Process", "Microsoft.Data.Sqlite"];
        Assert.Empty(ReferencesOf(Repository.Built("SatNode.Orbit", "SatNode.Orbit.dll")).Intersect(foreign, StringComparer.Ordinal));
    }

    [Fact]
    public void What_flies_is_checked_for_ahead_of_time_compilation()
    {
        foreach (string project in FlyingProjects)
        {
            string folder = project is "SatNode.Protocol" ? "proto" : "firmware";
            Assert.Contains("<IsAotCompatible>true</IsAotCompatible>", File.ReadAllText(Repository.PathOf(folder, project, project + ".csproj")), StringComparison.Ordinal);
        }
        foreach (string program in (string[])["SatNode.Agent", "SatNode.Boot"])
            Assert.Contains("<PublishAot>true</PublishAot>", File.ReadAllText(Repository.PathOf("firmware", program, program + ".csproj")), StringComparison.Ordinal);
    }

    private static string[] ReferencesOf(string path)
    {
        using FileStream file = File.OpenRead(path);
        using var image = new PEReader(file);
        MetadataReader metadata = image.GetMetadataReader();
        return [.. metadata.AssemblyReferences.Select(handle => metadata.GetString(metadata.GetAssemblyReference(handle).Name))];
    }
}
