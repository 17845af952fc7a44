using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using SatNode.Ground.Console;
using SatNode.Ground.Keys;

namespace SatNode.Ground.Tests.Console;

public sealed class StationClientTests : IDisposable
{
    private readonly string _keys = Directory.CreateTempSubdirectory("satnode-keys-").FullName;

    public void Dispose() => Directory.Delete(_keys, recursive: true);

    [Fact]
    public async Task An_address_that_is_no_station_is_told_so()
    {
        await File.WriteAllTextAsync(Path.Combine(_keys, KeyFolder.ApiToken), "token\n", TestContext.Current.CancellationToken);
        await using WebApplication site = WebApplication.CreateSlimBuilder().Build();
        site.Urls.Add("http://127.0.0.1:0");
        site.MapFallback(() => Results.Text("<html>hello</html>", "text/html"));
        await site.StartAsync(TestContext.Current.CancellationToken);
        using var client = new StationClient(new(site.Urls.Single()), _keys);
        var fault = await Assert.ThrowsAsync<InvalidDataException>(() => client.SatellitesAsync(TestContext.Current.CancellationToken));
        Assert.EndsWith("/api/v1/satellites: expected a station's answer, found text/html; is this the station's URL?", fault.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("two\nlines")]
    [InlineData("")]
    public void A_token_that_is_none_is_told_with_its_file(string token)
    {
        string file = Path.Combine(_keys, KeyFolder.ApiToken);
        File.WriteAllText(file, token);
        Assert.Equal($"{file}: expected the station's token on one line, found something else",
            Assert.Throws<InvalidDataException>(() => new StationClient(new("http://127.0.0.1:1"), _keys)).Message);
    }
}
