using System.Diagnostics;
using Microsoft.Extensions.Time.Testing;
using SatNode.Rig.Boards.Sessions;

namespace SatNode.Rig.Tests.Boards;

public sealed class BoardFolderTests : IDisposable
{
    private readonly string _below = Directory.CreateTempSubdirectory("sn-").FullName;
    private readonly BoardFolder _folder;

    public BoardFolderTests()
    {
        _folder = new(_below, "qemu", "bench-1");
        Directory.CreateDirectory(_folder.FullPath);
    }

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public void Dispose() => Directory.Delete(_below, recursive: true);

    [Fact]
    public async Task A_board_that_a_supervisor_holds_is_on_and_nobody_else_can_take_it()
    {
        Assert.False(_folder.IsTaken);
        using Process supervisor = Supervisor("bench-1");
        using (await Take())
        {
            Assert.True(_folder.IsTaken);
            Assert.Null(_folder.Supervisor()); // it starts
            _folder.Announce(supervisor.Id);
            Assert.Equal(supervisor.Id, _folder.Supervisor());
            Assert.Null(await Take());
        }
        Assert.False(_folder.IsTaken);
        Assert.Null(_folder.Supervisor());
        Assert.Equal(["supervisor.lock"], Directory.GetFiles(_folder.FullPath).Select(Path.GetFileName));
        supervisor.Kill();
    }

    [Fact]
    public async Task A_process_that_is_no_supervisor_of_this_board_is_never_taken_for_one()
    {
        using IDisposable? held = await Take();
        _folder.Announce(Environment.ProcessId);
        Assert.Null(_folder.Supervisor());

        using Process other = Supervisor("bench-2");
        _folder.Announce(other.Id);
        Assert.Null(_folder.Supervisor());
        other.Kill();
    }

    [Fact]
    public async Task Those_who_only_look_do_not_see_each_other_and_are_waited_for()
    {
        (await Take())?.Dispose();
        Task<IDisposable?> take;
        var machine = new FakeTimeProvider();
        using (new FileStream(Path.Combine(_folder.FullPath, "supervisor.lock"), FileMode.Open, FileAccess.Read, FileShare.Read)) // as a probe opens it
        {
            Assert.False(_folder.IsTaken);
            take = _folder.Take(BoardFolder.TakePatience, machine, Stop);
            Assert.False(take.IsCompleted);
        }
        machine.Advance(BoardFolder.TakePatience / 2);
        using IDisposable? held = await Eventually.InTime(take);
        Assert.NotNull(held);
    }

    private Task<IDisposable?> Take() => _folder.Take(TimeSpan.Zero, TimeProvider.System, Stop);

    /// <summary>A process with the command line of a board's supervisor.</summary>
    private static Process Supervisor(string board)
    {
        // The shell is the process only once exec has happened: what it prints shows that.
        var start = new ProcessStartInfo("sh", ["-c", "echo; read -r _", "supervise", board]) { RedirectStandardInput = true, RedirectStandardOutput = true };
        Process process = Process.Start(start)!;
        process.StandardOutput.ReadLine();
        return process;
    }
}
