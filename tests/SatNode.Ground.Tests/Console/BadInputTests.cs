using SatNode.Ground.Tests.Hosting;

namespace SatNode.Ground.Tests.Console;

public sealed class BadInputTests(BadInputTests.Shared shared) : IClassFixture<BadInputTests.Shared>
{
    [Theory]
    [InlineData("no command 'sta'; did you mean 'sat'?", "sta", "list")]
    [InlineData("sat: no command 'lst'; did you mean 'list'?", "sat", "lst")]
    [InlineData("tm: expected a command: get, watch", "tm")]
    [InlineData("sat list: no option '--jsn'; did you mean '--json'?", "sat", "list", "--jsn")]
    [InlineData("sat list: expected nothing after list, found 'all'", "sat", "list", "all")]
    [InlineData("sat show: expected satellite: The satellite.", "sat", "show")]
    [InlineData("no satellite 'p10-s3'; did you mean 'p10-s03'?", "sat", "show", "p10-s3")]
    [InlineData("no satellite 'p10-s3'; did you mean 'p10-s03'?", "cmd", "send", "p10-s3", "ping")]
    [InlineData("no satellite 'p10-s3'; did you mean 'p10-s03'?", "tm", "watch", "p10-s3")]
    [InlineData("no parameter 'board.temprature'; did you mean 'board.temperature'?", "tm", "get", TestStation.Sat, "board.temprature")]
    [InlineData("--last: expected 1 to 100000, found -1", "tm", "get", TestStation.Sat, "--last", "-1")]
    [InlineData("no telecommand 'pong'; did you mean 'ping'?", "cmd", "send", TestStation.Sat, "pong")]
    [InlineData("housekeeping.set-period: second: not an argument of housekeeping.set-period (known: seconds); did you mean 'seconds'?", "cmd", "send", TestStation.Sat, "housekeeping.set-period", "second=3")]
    [InlineData("housekeeping.set-period: seconds: expected 1 to 3600, found 0", "cmd", "send", TestStation.Sat, "housekeeping.set-period", "seconds=0")]
    [InlineData("housekeeping.set-period: seconds: expected a whole number, found \"often\"", "cmd", "send", TestStation.Sat, "housekeeping.set-period", "seconds=often")]
    [InlineData("housekeeping.set-period: expected name=value, found '30'; its arguments: seconds", "cmd", "send", TestStation.Sat, "housekeeping.set-period", "30")]
    [InlineData("housekeeping.set-period: seconds: missing", "cmd", "send", TestStation.Sat, "housekeeping.set-period")]
    [InlineData("input: expected bytes as @FILE, text:TEXT or base64:TEXT, found 'x'", "cmd", "send", TestStation.Sat, "function.invoke", "name=a", "input=x")]
    [InlineData("input: expected a file as @FILE, found '@'", "cmd", "send", TestStation.Sat, "function.invoke", "name=a", "input=@")]
    [InlineData("--input: expected a file as @FILE, found '@'", "fn", "invoke", "ndvi", "--input", "@")]
    [InlineData("--timeout: expected a whole number, found 'long'", "cmd", "send", TestStation.Sat, "ping", "--timeout", "long")]
    [InlineData("--timeout: expected 1 to 86400, found 0", "cmd", "send", TestStation.Sat, "ping", "--timeout", "0")]
    [InlineData("--severity: expected informative, low, medium, high, found 'hgh'; did you mean 'high'?", "events", "list", "--severity", "hgh")]
    [InlineData("name: expected an event of the dictionary, found 'link.upp'; did you mean 'link.up'?", "events", "list", "--name", "link.upp")]
    [InlineData("no function 'ndvi'", "fn", "logs", "ndvi")]
    [InlineData("no function 'ndvi'", "fn", "invoke", "ndvi")]
    [InlineData("--on: expected a satellite, because alarm/redu is an actor and remembers on that one only, found none", "fn", "invoke", "alarm/redu")]
    [InlineData("no function 'ndvi'", "fn", "undeploy", "ndvi")]
    [InlineData("no image 'ndvi' in the library", "fn", "deploy", "ndvi", TestStation.Sat)]
    [InlineData("no satellite 'p10-s3'; did you mean 'p10-s03'?", "fn", "deploy", "ndvi", TestStation.Sat, "p10-s3")]
    public async Task Refuses_bad_input_in_one_line_with_2_and_sends_nothing(string fault, params string[] arguments)
    {
        TestStation station = shared.Station;
        Assert.Equal((2, "", $"satnode-ground: {fault}\n"), await ConsoleRun.OfAsync(station, arguments));
        Assert.Empty((await station.GetAsync("api/v1/commands")).AsArray());
    }

    /// <summary>One station for all that changes nothing.</summary>
    public sealed class Shared : IAsyncLifetime
    {
        private TestStation? _station;

        internal TestStation Station => _station!;

        public async ValueTask InitializeAsync() => _station = await TestStation.StartAsync();

        public ValueTask DisposeAsync() => _station!.DisposeAsync();
    }
}
