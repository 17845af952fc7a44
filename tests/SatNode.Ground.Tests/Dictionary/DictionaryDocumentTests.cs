using System.Text.Json.Nodes;
using SatNode.Ground.Dictionary;
using SatNode.Ground.Tests.Hosting;
using SatNode.Protocol.Dictionary;

namespace SatNode.Ground.Tests.Dictionary;

public sealed class DictionaryDocumentTests
{
    [Fact]
    public void The_committed_page_says_what_the_code_says() => SameAsCommitted("dictionary.md", DictionaryDocument.Markdown());

    [Fact]
    public void The_committed_JSON_says_what_the_code_says() => SameAsCommitted("dictionary.json", DictionaryDocument.Json());

    [Fact]
    public async Task The_API_serves_the_same_dictionary()
    {
        await using TestStation station = await TestStation.StartAsync();
        Assert.True(JsonNode.DeepEquals(JsonNode.Parse(DictionaryDocument.Json()), await station.GetAsync("api/v1/dictionary")));
    }

    [Fact]
    public void Every_definition_has_its_row()
    {
        string page = DictionaryDocument.Markdown();
        foreach (string name in Parameters.All.Select(parameter => parameter.Name).Concat(Events.All.Select(kind => kind.Name)).Concat(Commands.All.Select(command => command.Name)))
            Assert.Contains($"| `{name}` |", page, StringComparison.Ordinal);
        Assert.All(page.Split('\n').Where(line => line.StartsWith('|')), line => Assert.EndsWith(" |", line, StringComparison.Ordinal));
    }

    private static void SameAsCommitted(string file, string expected)
    {
        string committed = File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "docs", file));
        Assert.True(committed == expected, $"docs/{file} is not what proto/SatNode.Protocol/Dictionary says; refresh it with: make dictionary");
    }
}
