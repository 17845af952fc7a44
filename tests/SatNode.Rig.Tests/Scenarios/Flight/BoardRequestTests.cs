using SatNode.Rig.Boards.Protocols;
using SatNode.Rig.Scenarios;
using SatNode.Rig.Scenarios.Flight;

namespace SatNode.Rig.Tests.Scenarios.Flight;

public sealed class BoardRequestTests : IDisposable
{
    private const string Bench = """
        name: qemu
        boards:
          - { name: bench-1, resource: { kind: qemu } }
          - { name: bench-2, resource: { kind: qemu, cpu: cortex-a53 } }
          - { name: process-1, resource: { kind: process } }
        """;

    private readonly ScenarioFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_count_gives_the_first_satellites_the_first_boards_of_the_kind()
    {
        BoardRequest request = Read("qemu:2");
        Assert.Equal([("p10-s03", "bench-1"), ("p10-s04", "bench-2")], request.BySatellite.Select(pair => (pair.Key, pair.Value.Resource.Name)));
        Assert.True(request.HasEmulated);
        Assert.False(Read("process:1").HasEmulated);
        Assert.False(BoardRequest.None.HasEmulated);
    }

    [Fact]
    public void Names_give_these_satellites_boards() => Assert.Equal([("p11-s04", "bench-1")], Read("qemu:p11-s04").BySatellite.Select(pair => (pair.Key, pair.Value.Resource.Name)));

    [Theory]
    [InlineData("qemu", "--boards: expected KIND:COUNT or KIND:NAME,NAME such as qemu:2, found 'qemu'")]
    [InlineData("qemu:", "--boards: expected KIND:COUNT or KIND:NAME,NAME such as qemu:2, found 'qemu:'")]
    [InlineData("qemu:0", "--boards: expected 1 to the 3 satellites of small, found 0")]
    [InlineData("qemu:p99-s99", "--boards: expected satellites of small (p10-s03, p10-s04, p11-s04), found 'p99-s99'")]
    [InlineData("qemu:p10-s03,p10-s03", "--boards: expected each satellite once, found 'p10-s03,p10-s03'")]
    public void What_is_not_there_is_told(string text, string told)
    {
        string message = Assert.Throws<BenchException>(() => Read(text)).Message;
        Assert.Equal(told, message);
    }

    [Fact]
    public void More_boards_than_the_bench_has_are_told_with_its_file()
    {
        string message = Assert.Throws<BenchException>(() => Read("qemu:3")).Message;
        Assert.Equal($"--boards: expected at most the 2 boards of kind qemu in {_folder.Root}/bench.yaml, found 3; add boards there", message);
    }

    private BoardRequest Read(string text)
    {
        _folder.Write("bench.yaml", Bench);
        return BoardRequest.Read(text, $"{_folder.Root}/bench.yaml", ScenarioReader.Parse(ScenarioFolder.Scenario, _folder.Path));
    }
}
