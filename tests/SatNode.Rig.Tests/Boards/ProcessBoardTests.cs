using System.Diagnostics;
using SatNode.Rig.Boards.Drivers;
using SatNode.Rig.Boards.Protocols;
using SatNode.Rig.Boards.Resources;

namespace SatNode.Rig.Tests.Boards;

public sealed class ProcessBoardTests : IAsyncDisposable
{
    private const string Speaks = "echo \"EVENT $$\"; ";
    private const string Waits = "exec cat < \"$FIFO\""; // for ever: nobody writes to it

    private readonly string _folder = Directory.CreateTempSubdirectory("board").FullName;
    private readonly List<ProcessBoard> _boards = [];

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public async ValueTask DisposeAsync()
    {
        foreach (ProcessBoard board in _boards)
            await board.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public async Task Power_on_starts_the_process_with_its_arguments_and_its_console_is_read()
    {
        ProcessBoard board = Board("echo out $1 $2; echo err $COLOUR >&2; pwd; printf tail", new() { Name = "p10-s03", Executable = "", Arguments = ["--config", "a b.json"], WorkingFolder = "/usr", Environment = new Dictionary<string, string>(StringComparer.Ordinal) { ["COLOUR"] = "blue" } });
        await board.On(Stop);
        BoardExit exit = await Eventually.InTime(board.Ended);

        Assert.Equal(new(Run: 1, ExitCode: 0, IsAsked: false), exit);
        Assert.Equal(["out --config a b.json", "/usr", "tail"], board.Console.Lines.Where(line => !line.IsError).Select(line => line.Text));
        Assert.Equal("err blue", Assert.Single(board.Console.Lines, line => line.IsError).Text);
        Assert.Equal([1L, 2, 3, 4], board.Console.Lines.Select(line => line.Number));
        Assert.False(board.IsOn);
    }

    [Fact]
    public async Task Power_off_asks_first()
    {
        ProcessBoard board = Board($"trap 'echo bye; exit 3' TERM; {Speaks} cat < \"$FIFO\" & wait $!");
        await On(board);
        await Eventually.InTime(board.Off(Stop));

        Assert.Equal(new(Run: 1, ExitCode: 3, IsAsked: true), await board.Ended);
        Assert.Equal("bye", board.Console.Lines[^1].Text);
    }

    [Fact]
    public async Task Power_off_kills_who_does_not_end_in_its_grace()
    {
        ProcessBoard board = Board($"trap '' TERM; {Speaks} {Waits}", new() { Name = "deaf", Executable = "", ShutdownGrace = TimeSpan.FromMilliseconds(100) });
        await On(board);
        await Eventually.InTime(board.Off(Stop));

        Assert.Equal(128 + 9, (await board.Ended).ExitCode);
        Assert.Equal("rig: no end within 0.1 s of SIGTERM; killed", board.Console.Lines[^1].Text);
    }

    [Fact]
    public async Task A_cut_kills_all_that_the_agent_started()
    {
        ProcessBoard board = Board($"sh -c '{Waits}' & echo EVENT $!; wait");
        int child = await On(board);
        await Eventually.InTime(board.Cut(Stop));

        Assert.Equal(128 + 9, (await board.Ended).ExitCode);
        await Eventually.Becomes(() => !IsAlive(child), "the descendant's end");
    }

    [Fact]
    public async Task It_has_a_process_group_of_its_own()
    {
        ProcessBoard board = Board(Speaks + Waits);
        int id = await On(board);

        Assert.Equal(board.ProcessId, id); // neither setsid nor setpriv stands between
        Assert.Equal(id, int.Parse(File.ReadAllText($"/proc/{id}/stat").Split(") ")[1].Split(' ')[2]));
        Assert.Equal(0, int.Parse(File.ReadAllText($"/proc/{id}/stat").Split(") ")[1].Split(' ')[4])); // no terminal
    }

    [Fact]
    public async Task It_runs_again_and_counts_cpu_time_on()
    {
        ProcessBoard board = Board($"i=0; while [ $i -lt 20000 ]; do i=$((i+1)); done; {Speaks} {Waits}");
        await On(board);
        TimeSpan first = board.CpuTime;
        Assert.True(first > TimeSpan.FromMilliseconds(1), $"used {first}");
        await board.Cut(Stop);
        Assert.InRange(board.CpuTime, first, first + TimeSpan.FromSeconds(1));
        await On(board);

        Assert.Equal(2, board.Runs);
        Assert.True(board.CpuTime > first * 1.3, $"used {first}, then {board.CpuTime}");
        Assert.Equal(2, board.Console.Lines[^1].Run);
    }

    [Fact]
    public async Task Its_memory_is_sampled()
    {
        ProcessBoard board = Board(Speaks + Waits);
        Assert.Null(board.SampleMemory());
        Assert.Null(board.ResidentBytesMedian);
        await On(board);
        for (int i = 0; i < 5; i++)
            Assert.InRange(board.SampleMemory()!.Value, 100_000, 100_000_000);

        Assert.InRange(board.ResidentBytesMedian!.Value, 100_000, board.ResidentBytesMax!.Value);
    }

    [Fact]
    public async Task What_cannot_start_says_so()
    {
        var board = new ProcessBoard(ProcessBoardResource.Agent("p10-s03", "/nowhere/satnode-agent", "a.json"), TimeProvider.System);
        BoardException failed = await Assert.ThrowsAsync<BoardException>(() => board.On(Stop));

        Assert.Equal("p10-s03: power: expected an executable at '/nowhere/satnode-agent', found none; the board stays off", failed.Message);
        Assert.False(board.IsOn);
    }

    [Fact]
    public async Task Switching_on_twice_is_refused_and_switching_off_twice_is_not()
    {
        ProcessBoard board = Board(Speaks + Waits);
        await board.Off(Stop);
        await On(board);
        await Assert.ThrowsAsync<InvalidOperationException>(() => board.On(Stop));
        await board.Cut(Stop);
        await board.Cut(Stop);
    }

    [Fact]
    public async Task A_board_dies_with_a_rig_that_is_killed()
    {
        // The rig's part is played by a shell that starts the board as the launcher does and is then killed.
        ProcessBoard board = Board(Speaks + Waits);
        string script = Path.Combine(_folder, "agent");
        var info = new ProcessStartInfo("/bin/sh") { RedirectStandardOutput = true };
        foreach (string argument in (string[])["-c", "setsid setpriv --pdeathsig KILL -- \"$0\" & wait", script])
            info.ArgumentList.Add(argument);
        info.Environment["FIFO"] = Path.Combine(_folder, "fifo");
        using var rig = Process.Start(info)!;
        string? line = await Eventually.InTime(rig.StandardOutput.ReadLineAsync(Stop).AsTask());
        int id = int.Parse(line!.Split(' ')[1]);
        Assert.True(IsAlive(id));
        rig.Kill();
        await Eventually.Becomes(() => !IsAlive(id), "the board's end");
        Assert.False(board.IsOn);
    }

    [Fact]
    public async Task A_started_board_carries_the_death_signal_of_a_thread_that_stays()
    {
        ProcessBoard board = Board(Speaks + Waits);
        var starter = new Thread(() => board.On(Stop).GetAwaiter().GetResult());
        starter.Start();
        starter.Join(); // had this thread forked the board, its end would kill it
        await board.Console.Expect(line => line.Text.StartsWith("EVENT", StringComparison.Ordinal), 0, Eventually.Limit, Stop);
        await Task.Delay(100, Stop);

        Assert.True(board.IsOn);
    }

    private static bool IsAlive(int id) => File.Exists($"/proc/{id}/stat") && File.ReadAllText($"/proc/{id}/stat").Split(") ")[1][0] != 'Z';

    private static async Task<int> On(ProcessBoard board)
    {
        long before = board.Console.LastNumber;
        await board.On(Stop);
        ConsoleLine line = await board.Console.Expect(line => line.Text.StartsWith("EVENT", StringComparison.Ordinal), before, Eventually.Limit, Stop);
        return int.Parse(line.Text.Split(' ')[1]);
    }

    [Fact]
    public async Task What_a_worker_computes_heats_the_board_and_stays_when_it_has_ended()
    {
        ProcessBoard board = Board("sh -c 'while :; do :; done' & echo $!; wait; " + Waits);
        await board.On(Stop);
        await Eventually.Becomes(() => board.CpuTime > TimeSpan.FromMilliseconds(200), "work of the worker");
        string worker = Assert.Single(board.Console.Lines).Text;
        TimeSpan before = board.CpuTime;
        Process.Start("kill", ["-9", worker]).WaitForExit();
        await Eventually.Becomes(() => !Directory.Exists($"/proc/{worker}"), "the worker's end");

        Assert.True(board.CpuTime >= before);
        await Eventually.InTime(board.Cut(Stop));
        Assert.True(board.CpuTime >= before);
    }

    [Fact]
    public async Task A_throttled_board_stands_still_for_a_part_of_each_cycle_and_ends_all_the_same()
    {
        ProcessBoard board = Board("while :; do :; done");
        await board.On(Stop);
        string stat = $"/proc/{board.ProcessId}/stat";
        board.Throttle(0.05);
        await Eventually.Becomes(() => State(stat) == 'T', "a stopped process");
        await Eventually.Becomes(() => State(stat) == 'R', "a running process");
        board.Throttle(1);
        TimeSpan before = board.CpuTime;
        await Eventually.Becomes(() => board.CpuTime > before + TimeSpan.FromMilliseconds(100), "work at full clock");
        board.Throttle(0.05);
        await Eventually.InTime(board.Off(Stop));

        Assert.False(board.IsOn);
        Assert.Throws<ArgumentOutOfRangeException>(() => board.Throttle(0));
    }

    [Fact]
    public async Task A_hot_board_that_is_switched_on_again_is_throttled_from_the_start()
    {
        ProcessBoard board = Board("while :; do :; done");
        board.Throttle(0.05);
        await board.On(Stop);
        string stat = $"/proc/{board.ProcessId}/stat";
        await Eventually.Becomes(() => State(stat) == 'T', "a stopped process");
        await Eventually.InTime(board.Cut(Stop));
    }

    /// <summary>The kernel's letter for what a process does; T is stopped.</summary>
    private static char State(string stat)
    {
        string line = File.ReadAllText(stat);
        return line[line.LastIndexOf(')') + 2];
    }

    private ProcessBoard Board(string script, ProcessBoardResource? resource = null)
    {
        string path = Path.Combine(_folder, "agent");
        string fifo = Path.Combine(_folder, "fifo");
        Process.Start("mkfifo", [fifo]).WaitForExit();
        File.WriteAllText(path, $"#!/bin/sh\nFIFO=${{FIFO:-{fifo}}}\nexport FIFO\n{script}\n");
        File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserExecute);
        var board = new ProcessBoard((resource ?? new() { Name = "p10-s03", Executable = "" }) with { Executable = path }, TimeProvider.System);
        _boards.Add(board);
        return board;
    }
}
