using SatNode.Ground.Console;
using SatNode.Ground.Console.Shell;
using SatNode.Ground.Tests.Hosting;

namespace SatNode.Ground.Tests.Console.Shell;

public sealed class ScriptTests
{
    [Theory]
    [InlineData("sat list", "sat", "list")]
    [InlineData("  sat\t list  # all of them", "sat", "list")]
    [InlineData("fn invoke greet --input 'hello there'", "fn", "invoke", "greet", "--input", "hello there")]
    [InlineData("a \"b c\"d \\\"e '' f#g", "a", "b cd", "\"e", "", "f#g")]
    [InlineData("# nothing")]
    public void Splits_a_line_as_a_shell_does(string line, params string[] words) => Assert.Equal(words, Words.Split(line));

    [Fact]
    public void Refuses_a_quote_that_does_not_close() =>
        Assert.Equal("expected a closing ', found the end of the line", Assert.Throws<RequestFault>(() => Words.Split("say 'hello")).Message);

    [Fact]
    public async Task Runs_the_lines_of_a_pipe_one_after_the_other()
    {
        await using TestStation station = await TestStation.StartAsync();
        (int code, string output, string errors) = await RunAsync(station, "# a script\n\ncmd list\nsat list --json\nhelp pass next\nexit\nsat nonsense\n");
        Assert.Equal((0, ""), (code, errors));
        Assert.Contains("telecommand\targuments\twhat\n", output, StringComparison.Ordinal);
        Assert.Contains("[{\"name\":\"p10-s03\"", output, StringComparison.Ordinal);
        Assert.Contains("--station", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Ends_with_the_first_line_that_fails_and_its_exit_code()
    {
        await using TestStation station = await TestStation.StartAsync();
        (int code, string output, string errors) = await RunAsync(station, "cmd send p10-s03 ping\nsat lst\ncmd send p10-s03 ping\n");
        Assert.Equal(2, code);
        Assert.Equal("satnode-ground: sat: no command 'lst'; did you mean 'list'?\nsatnode-ground: line 2: 'sat lst' ended with exit code 2; the lines after it were not run\n", errors[(errors.IndexOf('\n', StringComparison.Ordinal) + 1)..]);
        Assert.Single((await station.GetAsync("api/v1/commands")).AsArray());
        Assert.StartsWith("queued\t", output, StringComparison.Ordinal);
        (code, _, _) = await RunAsync(station, "cmd send p10-s03 ping --wait --timeout 1\n");
        Assert.Equal(3, code);
    }

    [Fact]
    public async Task A_line_cannot_name_another_station()
    {
        await using TestStation station = await TestStation.StartAsync();
        (int code, _, string errors) = await RunAsync(station, "sat list --url http://127.0.0.1:1\n");
        Assert.Equal(2, code);
        Assert.StartsWith("satnode-ground: sat list: no option '--url'", errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Completes_from_the_tree_and_the_dictionary()
    {
        await using TestStation station = await TestStation.StartAsync();
        var run = new ConsoleRun(station);
        using Session session = run.NewSession();
        session.Names = new([TestStation.Sat, TestStation.OtherSat], ["greet"], ["redu"], Api.Views.Dictionary());
        System.CommandLine.RootCommand tree = CommandLine.StationTree(session);
        Assert.Equal(["sat"], LineCompletion.Of(tree, "sa").Candidates);
        Assert.Contains("help", LineCompletion.Of(tree, "").Candidates);
        Assert.Equal(["list", "show"], LineCompletion.Of(tree, "sat ").Candidates);
        Assert.Equal([TestStation.Sat, TestStation.OtherSat], LineCompletion.Of(tree, "sat show p1").Candidates);
        Assert.Equal(["battery.state-of-charge", "battery.state-of-charge-sigma"], LineCompletion.Of(tree, $"tm get {TestStation.Sat} battery.s").Candidates);
        Assert.Equal(["board.power"], LineCompletion.Of(tree, $"tm get {TestStation.Sat} battery.voltage board.p").Candidates);
        Assert.Equal(["function.deploy", "function.invoke", "function.release", "function.undeploy"], LineCompletion.Of(tree, $"cmd send {TestStation.Sat} fu").Candidates);
        Assert.Equal(["seconds="], LineCompletion.Of(tree, $"cmd send {TestStation.Sat} housekeeping.set-period ").Candidates);
        Assert.Equal(["input=", "name="], LineCompletion.Of(tree, $"cmd send {TestStation.Sat} function.invoke ").Candidates);
        Assert.Equal(["greet"], LineCompletion.Of(tree, "fn logs g").Candidates);
        Assert.Equal(["--wait"], LineCompletion.Of(tree, $"cmd send {TestStation.Sat} ping --w").Candidates);
        Assert.Equal(["redu"], LineCompletion.Of(tree, "pass next --station r").Candidates);
        Assert.Empty(LineCompletion.Of(tree, "sat show nothing-like-it").Candidates);
    }

    private static async Task<(int Code, string Output, string Errors)> RunAsync(TestStation station, string script)
    {
        var run = new ConsoleRun(station);
        using Session session = run.NewSession();
        int code = await CommandLine.RunAsync(CommandLine.Tree(session, new StringReader(script)), session.Screen, ["console", .. run.Access()]);
        return (code, run.Output, run.Errors);
    }
}
