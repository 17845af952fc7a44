using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using SatNode.Rig.Cloud;

namespace SatNode.Rig.Tests.Cloud;

public sealed partial class CloudToolsTests
{
    [Fact]
    public void Each_part_has_a_folder_named_by_version_and_content()
    {
        Assert.Equal(["etcd-prometheus", "polaris", "kube-apiserver"], CloudTools.Parts.Select(part => part.Name));
        Assert.All(CloudTools.Parts, part => Assert.Matches(Keyed(), Path.GetFileName(part.Folder)));
        Assert.Equal(3, CloudTools.Parts.Select(part => part.Folder).Distinct(StringComparer.Ordinal).Count());
    }

    [Fact]
    public void The_lock_file_pins_every_package_by_its_digest_and_names_no_registry()
    {
        string text = File.ReadAllText(Path.Combine(CloudTools.Recipes, "polaris", "package-lock.json"));
        JsonObject packages = JsonNode.Parse(text)!["packages"]!.AsObject();
        Assert.DoesNotContain("\"resolved\"", text, StringComparison.Ordinal);
        Assert.All(packages.Where(package => package.Key.Length > 0), package => Assert.StartsWith("sha512-", (string?)package.Value!["integrity"] ?? package.Key, StringComparison.Ordinal));
        Assert.Equal("0.6.1", (string?)packages["node_modules/@polaris-sloc/core"]!["version"]);
    }

    [GeneratedRegex("^[a-z-]+-[a-z0-9.]+-[0-9a-f]{8}$", RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Keyed();
}
