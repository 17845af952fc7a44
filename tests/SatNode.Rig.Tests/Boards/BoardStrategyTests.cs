using Microsoft.Extensions.Time.Testing;
using SatNode.Rig.Boards.Drivers;
using SatNode.Rig.Boards.Protocols;
using SatNode.Rig.Boards.Strategies;

namespace SatNode.Rig.Tests.Boards;

public sealed class BoardStrategyTests : IDisposable
{
    private readonly FakeTimeProvider _clock = new();
    private readonly ConsoleLog _console;
    private readonly FakeBoard _board;
    private readonly BoardStrategy _strategy;

    public BoardStrategyTests()
    {
        _console = new("p10-s03", _clock, _clock);
        _board = new(_console);
        _strategy = new("p10-s03", _board, _console, _clock);
    }

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    private IEnumerable<BoardState> Path => _strategy.Transitions.Select(transition => transition.To);

    public void Dispose() => _strategy.Dispose();

    [Fact]
    public async Task Boots_when_the_agent_speaks_and_shuts_down()
    {
        Assert.Equal(BoardState.Off, _strategy.State);
        await _strategy.Boot(Stop);
        await _strategy.Shutdown(Stop);

        Assert.Equal([BoardState.Booting, BoardState.Running, BoardState.Off], Path);
        Assert.Equal(1, _board.Offs);
    }

    [Fact]
    public async Task An_agent_that_stays_mute_has_failed_and_is_not_started_again()
    {
        _board.FirstLine = "starting";
        Task boot = _strategy.Boot(Stop);
        await Eventually.Becomes(() => _strategy.State == BoardState.Booting && _board.Runs == 1, "booting");
        _clock.Advance(TimeSpan.FromSeconds(20));
        BoardException failed = await Assert.ThrowsAsync<BoardException>(() => Eventually.InTime(boot));

        Assert.Equal("p10-s03: boot: expected the agent to speak within 20 s, it did not; last line: 'starting'", failed.Message);
        Assert.Equal((BoardState.Failed, 1), (_strategy.State, _board.Runs));
        await Assert.ThrowsAsync<InvalidOperationException>(() => _strategy.Boot(Stop));
    }

    [Fact]
    public async Task An_agent_that_ends_while_booting_has_failed()
    {
        _board.FirstLine = "agent.json: clock: missing";
        Task boot = _strategy.Boot(Stop);
        await Eventually.Becomes(() => _board.Runs == 1, "a run");
        _board.End(exitCode: 2, isAsked: false);

        Assert.Equal(
            "p10-s03: boot: expected the agent to speak, it ended with exit code 2; last line: 'agent.json: clock: missing'",
            (await Assert.ThrowsAsync<BoardException>(() => Eventually.InTime(boot))).Message);
        Assert.Equal(BoardState.Failed, _strategy.State);
    }

    [Fact]
    public async Task A_running_board_that_ends_by_itself_has_failed_and_a_reset_brings_it_back()
    {
        await _strategy.Boot(Stop);
        _board.End(exitCode: 134, isAsked: false);
        await Eventually.Becomes(() => _strategy.State == BoardState.Failed, "failure");
        Assert.Contains("ended by itself with exit code 134", _strategy.Transitions[^1].Reason, StringComparison.Ordinal);

        await _strategy.Reset(Stop);
        Assert.Equal([BoardState.Booting, BoardState.Running, BoardState.Failed, BoardState.Off, BoardState.Booting, BoardState.Running], Path);
    }

    [Fact]
    public async Task A_reset_cuts_the_power_without_asking()
    {
        await _strategy.Boot(Stop);
        await _strategy.Reset(Stop);

        Assert.Equal((0, 1, 2), (_board.Offs, _board.Cuts, _board.Runs));
        Assert.Equal(BoardState.Running, _strategy.State);
    }

    [Fact]
    public async Task What_was_said_before_does_not_count_as_booted()
    {
        await _strategy.Boot(Stop);
        await _strategy.Cut(Stop);
        _board.FirstLine = "mute";
        Task boot = _strategy.Boot(Stop);
        await Eventually.Becomes(() => _board.Runs == 2, "a second run");
        _clock.Advance(TimeSpan.FromSeconds(20));

        await Assert.ThrowsAsync<BoardException>(() => Eventually.InTime(boot));
    }

    [Fact]
    public async Task A_board_that_is_off_cannot_be_reset()
    {
        InvalidOperationException refused = await Assert.ThrowsAsync<InvalidOperationException>(() => _strategy.Reset(Stop));

        Assert.Equal("p10-s03: strategy: expected Booting or Running or Failed, found Off", refused.Message);
        Assert.Equal(0, _board.Runs);
    }

    [Fact]
    public async Task A_board_that_cannot_start_has_failed()
    {
        _board.IsBroken = true;
        await Assert.ThrowsAsync<BoardException>(() => _strategy.Boot(Stop));

        Assert.Equal(BoardState.Failed, _strategy.State);
        await _strategy.Shutdown(Stop);
        Assert.Equal(BoardState.Off, _strategy.State);
    }

    private sealed class FakeBoard(ConsoleLog console) : IPower
    {
        private TaskCompletionSource<BoardExit> _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public string FirstLine { get; set; } = "EVENT 1 1 2026-06-21T12:00:00.000Z informative agent.started";

        public bool IsBroken { get; set; }

        public int Offs { get; private set; }

        public int Cuts { get; private set; }

        public bool IsOn { get; private set; }

        public int Runs { get; private set; }

        public Task<BoardExit> Ended => _ended.Task;

        public Task On(CancellationToken cancellationToken)
        {
            if (IsBroken)
                throw new BoardException("p10-s03: power: broken");
            _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
            IsOn = true;
            Runs++;
            console.Add(Runs, isError: false, FirstLine);
            return Task.CompletedTask;
        }

        public Task Off(CancellationToken cancellationToken)
        {
            Offs++;
            End(0, isAsked: true);
            return Task.CompletedTask;
        }

        public Task Cut(CancellationToken cancellationToken)
        {
            Cuts++;
            End(137, isAsked: true);
            return Task.CompletedTask;
        }

        public void End(int exitCode, bool isAsked)
        {
            IsOn = false;
            _ended.TrySetResult(new(Runs, exitCode, isAsked));
        }
    }
}
