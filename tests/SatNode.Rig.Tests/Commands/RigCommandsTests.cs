using SatNode.Rig.Commands;
using SatNode.Rig.Tests.Scenarios;

namespace SatNode.Rig.Tests.Commands;

public sealed class RigCommandsTests : IDisposable
{
    private readonly ScenarioFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Check_says_that_a_scenario_can_be_flown()
    {
        File.WriteAllText(_folder.Path, ScenarioFolder.Scenario);

        (int code, string output, string error) = await Run("check", _folder.Path);

        Assert.Equal(0, code);
        string[] lines = output.TrimEnd().Split('\n');
        Assert.EndsWith("3 satellites, 2 links, 2 functions, 10 minutes: can be flown", lines[0], StringComparison.Ordinal);
        Assert.Equal(3, lines.Length);
        Assert.Matches("^  p10-s03 - p10-s04: up 100 % of the time, 19[0-9]{2} to 19[0-9]{2} km$", lines[1]);
        Assert.StartsWith("  p10-s04 - p11-s04: up 100 % of the time, ", lines[2], StringComparison.Ordinal);
        Assert.Equal("", error);
    }

    [Fact]
    public async Task Check_tells_links_that_are_never_up_and_what_no_link_joins()
    {
        File.WriteAllText(_folder.Path, ScenarioFolder.With("maxRangeKm: 5000", "maxRangeKm: 1000"));
        string[] grid = (await Run("check", _folder.Path)).Output.TrimEnd().Split('\n');
        File.WriteAllText(_folder.Path, ScenarioFolder.With("topology: plus-grid, maxRangeKm: 5000", "topology: nearest, maxRangeKm: 1000"));
        string[] nearest = (await Run("check", _folder.Path)).Output.TrimEnd().Split('\n');

        Assert.Equal("  p10-s03 - p10-s04: never up", grid[1]);
        Assert.Equal(3, grid.Length); // its links join all, were they ever up
        Assert.EndsWith("3 satellites, 1 links, 2 functions, 10 minutes: can be flown", nearest[0], StringComparison.Ordinal);
        Assert.StartsWith("  p10-s04 - p11-s04: up 100 % of the time, ", nearest[1], StringComparison.Ordinal);
        Assert.Equal("  no link joins the 2 parts p10-s03; p10-s04, p11-s04", nearest[2]);
    }

    [Fact]
    public async Task A_fault_of_the_scenario_is_one_line_on_standard_error_and_exit_code_2()
    {
        File.WriteAllText(_folder.Path, ScenarioFolder.With("seed: 7", "sede: 7"));

        (int code, string output, string error) = await Run("run", _folder.Path, "--out", _folder.Root + "/runs");

        Assert.Equal(2, code);
        Assert.Equal("", output);
        Assert.Equal($"{_folder.Path}:4:1: unknown key 'sede'; did you mean 'seed'?", error.TrimEnd());
        Assert.False(Directory.Exists(_folder.Root + "/runs"));
    }

    [Theory]
    [InlineData("satnode-rig: --agent: no such file '/none'", "--agent", "/none")]
    [InlineData("satnode-rig: --rate: expected 1 to 1000, found 0.5", "--rate", "0.5")]
    public async Task A_fault_of_the_request_is_one_line_and_exit_code_2(string expected, params string[] options)
    {
        File.WriteAllText(_folder.Path, ScenarioFolder.Scenario);

        (int code, _, string error) = await Run(["run", _folder.Path, "--out", _folder.Root + "/runs", .. options]);

        Assert.Equal(2, code);
        Assert.Equal(expected, error.TrimEnd());
    }

    [Theory]
    [InlineData("fly")]
    [InlineData("run")]
    [InlineData("run", "x.yaml", "--format", "xml")]
    [InlineData("run", "x.yaml", "--rate", "fast")]
    public async Task An_unknown_word_or_value_is_one_line_and_exit_code_2(params string[] arguments)
    {
        (int code, _, string error) = await Run(arguments);

        Assert.Equal(2, code);
        Assert.StartsWith("satnode-rig: ", error, StringComparison.Ordinal);
        Assert.Single(error.TrimEnd().Split('\n'));
    }

    private static async Task<(int Code, string Output, string Error)> Run(params string[] arguments)
    {
        var output = new StringWriter();
        var error = new StringWriter();
        int code = await RigCommands.Run(arguments, output, error);
        return (code, output.ToString(), error.ToString());
    }
}
