using SatNode.Rig.Boards.Protocols;

namespace SatNode.Rig.Boards.Strategies;

/// <summary>Where a board stands.</summary>
public enum BoardState
{
    /// <summary>Without power.</summary>
    Off,

    /// <summary>Power is on, the agent has not spoken yet.</summary>
    Booting,

    /// <summary>The agent has spoken.</summary>
    Running,

    /// <summary>It ended by itself, did not start or did not speak in time. Only a shutdown leads out.</summary>
    Failed,
}

/// <summary>One step of a board from state to state.</summary>
/// <param name="Time">World time.</param>
/// <param name="From">State before.</param>
/// <param name="To">State after.</param>
/// <param name="Reason">Why.</param>
public sealed record BoardTransition(DateTimeOffset Time, BoardState From, BoardState To, string Reason);

/// <summary>How a board shows that it runs.</summary>
public sealed record BoardStrategyOptions
{
    /// <summary>The line by which the agent shows that it runs. Default: its first event.</summary>
    public Func<ConsoleLine, bool> IsBooted { get; init; } = line => !line.IsError && line.Text.StartsWith("EVENT ", StringComparison.Ordinal);

    /// <summary>Machine time from power on to that line, above 0. Default: 20 s.</summary>
    public TimeSpan BootTimeout { get; init; } = TimeSpan.FromSeconds(20);
}

/// <summary>The states of a board and the ways between them. A transition is asked for once and done once: nothing is retried in silence. Calls wait for each
/// other.</summary>
/// <remarks>off → booting → running → off; booting or running → failed when the board ends by itself or stays mute; failed → off.</remarks>
public sealed class BoardStrategy : IDisposable
{
    /// <summary>Transitions kept.</summary>
    public const int TransitionsMax = 1000;

    private readonly string _name;
    private readonly IPower _power;
    private readonly IConsole _console;
    private readonly BoardStrategyOptions _options;
    private readonly TimeProvider _clock;
    private readonly SemaphoreSlim _turn = new(1, 1);
    private readonly Lock _lock = new();
    private readonly Queue<BoardTransition> _transitions = new();
    private BoardState _state;

    /// <summary>Creates the strategy of a board that is off.</summary>
    /// <param name="name">The board, for texts.</param>
    /// <param name="power">Its switch.</param>
    /// <param name="console">Its console.</param>
    /// <param name="clock">The world's clock, for stamps.</param>
    /// <param name="options">How it shows that it runs; null takes the agent's way.</param>
    public BoardStrategy(string name, IPower power, IConsole console, TimeProvider clock, BoardStrategyOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(power);
        _name = name;
        _power = power;
        _console = console;
        _clock = clock;
        _options = options ?? new();
        if (power.IsOn)
            throw new InvalidOperationException($"{name}: strategy: expected a board that is off, found it on");
    }

    /// <summary>Where the board stands.</summary>
    public BoardState State
    {
        get
        {
            lock (_lock)
                return _state;
        }
    }

    /// <summary>The last transitions, oldest first.</summary>
    public IReadOnlyList<BoardTransition> Transitions
    {
        get
        {
            lock (_lock)
                return [.. _transitions];
        }
    }

    /// <summary>Called after each transition, from any thread; must be quick.</summary>
    public Action<BoardTransition>? Changed { get; set; }

    /// <summary>off → booting → running.</summary>
    /// <exception cref="InvalidOperationException">The board is not off.</exception>
    /// <exception cref="BoardException">It failed; the text says how.</exception>
    public Task Boot(CancellationToken cancellationToken) => InTurn(
        async () =>
        {
            Require(BoardState.Off);
            await PowerOn("boot", cancellationToken);
        },
        cancellationToken);

    /// <summary>Any state → off, the agent asked first.</summary>
    public Task Shutdown(CancellationToken cancellationToken) => InTurn(
        async () =>
        {
            await _power.Off(cancellationToken);
            Change(State, BoardState.Off, "shutdown");
        },
        cancellationToken);

    /// <summary>Any state → off, the power cut.</summary>
    public Task Cut(CancellationToken cancellationToken) => InTurn(() => CutPower("power cut", cancellationToken), cancellationToken);

    /// <summary>booting, running or failed → off → booting → running, the power cut between.</summary>
    /// <exception cref="InvalidOperationException">The board is off.</exception>
    /// <exception cref="BoardException">It failed; the text says how.</exception>
    public Task Reset(CancellationToken cancellationToken) => InTurn(
        async () =>
        {
            Require(BoardState.Booting, BoardState.Running, BoardState.Failed);
            await CutPower("reset", cancellationToken);
            await PowerOn("reset", cancellationToken);
        },
        cancellationToken);

    /// <summary>Frees the turn; the board stays as it is.</summary>
    public void Dispose() => _turn.Dispose();

    private async Task InTurn(Func<Task> transition, CancellationToken cancellationToken)
    {
        await _turn.WaitAsync(cancellationToken);
        try
        {
            await transition();
        }
        finally
        {
            _turn.Release();
        }
    }

    private async Task CutPower(string reason, CancellationToken cancellationToken)
    {
        await _power.Cut(cancellationToken);
        Change(State, BoardState.Off, reason);
    }

    private async Task PowerOn(string reason, CancellationToken cancellationToken)
    {
        long before = _console.LastNumber;
        Change(BoardState.Off, BoardState.Booting, reason);
        try
        {
            await _power.On(cancellationToken);
        }
        catch (BoardException failed)
        {
            Change(BoardState.Booting, BoardState.Failed, failed.Message);
            throw;
        }
        Task<BoardExit> ended = _power.Ended;
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        Task<ConsoleLine> booted = _console.Expect(_options.IsBooted, before, _options.BootTimeout, stop.Token);
        await Task.WhenAny(booted, ended);
        await stop.CancelAsync();
        if (booted.IsCompletedSuccessfully)
        {
            Change(BoardState.Booting, BoardState.Running, "the agent speaks");
            _ = Watch(ended);
            return;
        }
        await ((Task)booted).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        cancellationToken.ThrowIfCancellationRequested(); // still booting: the caller gave up, not the board
        string fault = ended.IsCompleted
            ? $"{_name}: boot: expected the agent to speak, it ended with exit code {(await ended).ExitCode}; last line: {LastLine()}"
            : $"{_name}: boot: expected the agent to speak within {_options.BootTimeout.TotalSeconds:0.#} s, it did not; last line: {LastLine()}";
        Change(BoardState.Booting, BoardState.Failed, fault);
        throw new BoardException(fault);
    }

    /// <summary>A running board that ends without being asked has failed.</summary>
    private async Task Watch(Task<BoardExit> ended)
    {
        BoardExit exit = await ended;
        if (!exit.IsAsked)
            Change(BoardState.Running, BoardState.Failed, $"{_name}: ended by itself with exit code {exit.ExitCode}; last line: {LastLine()}");
    }

    private string LastLine() => _console.Lines is [.., var line] ? $"'{line.Text}'" : "none";

    private void Require(params ReadOnlySpan<BoardState> states)
    {
        BoardState state = State;
        if (!states.Contains(state))
            throw new InvalidOperationException($"{_name}: strategy: expected {string.Join(" or ", states.ToArray())}, found {state}");
    }

    private void Change(BoardState from, BoardState to, string reason)
    {
        BoardTransition transition;
        lock (_lock)
        {
            if (_state != from || from == to)
                return; // a late watcher: the board went on meanwhile
            _state = to;
            transition = new(_clock.GetUtcNow(), from, to, reason);
            if (_transitions.Count == TransitionsMax)
                _transitions.Dequeue();
            _transitions.Enqueue(transition);
        }
        Changed?.Invoke(transition);
    }
}
