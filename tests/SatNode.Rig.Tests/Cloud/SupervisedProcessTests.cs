using Microsoft.Extensions.Time.Testing;
using SatNode.Rig.Boards.Resources;
using SatNode.Rig.Cloud;
using SatNode.Rig.Scenarios.Flight;

namespace SatNode.Rig.Tests.Cloud;

public sealed class SupervisedProcessTests : IDisposable
{
    private static readonly TimeSpan Step = TimeSpan.FromMilliseconds(100);

    private readonly string _folder = Directory.CreateTempSubdirectory("supervised").FullName;
    private readonly FakeTimeProvider _machine = new();

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task Starts_again_what_ends()
    {
        // Ends at the first and the second start, and stays at the third.
        await using SupervisedProcess process = Program("echo x >> starts; [ $(wc -l < starts) -ge 3 ] || exit 7; echo stays; exec sleep 600");
        await process.Start(Stop);
        await Passes(() => process.Console.Lines.Any(line => line.Text == "stays"), "a third start");

        Assert.Equal(3, process.Starts);
        Assert.False(process.Kept.IsCompleted);
    }

    [Fact]
    public async Task Gives_up_what_ends_again_and_again_with_its_last_words()
    {
        await using SupervisedProcess process = Program("echo 'no such flag' >&2; exit 7");
        await process.Start(Stop);
        await Passes(() => process.Kept.IsCompleted, "an end of the patience");

        FlightException fault = await Assert.ThrowsAsync<FlightException>(() => process.Kept);
        Assert.Equal("cloud: server ended 6 times in a row, the last time with exit code 7: no such flag", fault.Message);
        Assert.Equal(SupervisedProcess.FailuresMax, process.Starts);
    }

    [Fact]
    public async Task Starts_nothing_after_it_was_stopped()
    {
        await using SupervisedProcess process = Program("echo up; exec sleep 600");
        await process.Start(Stop);
        await Passes(() => process.Console.Lines.Count > 0, "a start");
        await process.Stop();
        _machine.Advance(TimeSpan.FromMinutes(10));

        await process.Kept;
        Assert.Equal(1, process.Starts);
        process.WriteLog(_folder);
        Assert.Equal("up", (await File.ReadAllLinesAsync(Path.Combine(_folder, "server.log"), Stop))[0]);
    }

    private SupervisedProcess Program(string script) =>
        new(new ProcessBoardResource { Name = "server", Executable = "/bin/sh", Arguments = ["-c", script], WorkingFolder = _folder }, _machine);

    private Task Passes(Func<bool> condition, string what) => Eventually.Becomes(
        () =>
        {
            _machine.Advance(Step);
            return condition();
        }, what);
}
