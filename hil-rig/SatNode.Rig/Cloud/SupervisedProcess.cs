using SatNode.Rig.Boards.Drivers;
using SatNode.Rig.Boards.Protocols;
using SatNode.Rig.Boards.Resources;
using SatNode.Rig.Scenarios.Flight;

namespace SatNode.Rig.Cloud;

/// <summary>A program that is started again when it ends, with a growing pause, until it is told to stop. It never outlives the rig.</summary>
internal sealed class SupervisedProcess : IAsyncDisposable
{
    /// <summary>Ends in a row, each soon after the start, after which it is given up.</summary>
    public const int FailuresMax = 6;

    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan Settled = TimeSpan.FromSeconds(20); // who lived so long has started well

    private readonly ProcessBoard _process;
    private readonly TimeProvider _machine;
    private readonly CancellationTokenSource _stop = new();
    private Task _keeper = Task.CompletedTask;

    /// <summary>Prepares a program; it does not run yet.</summary>
    public SupervisedProcess(ProcessBoardResource program, TimeProvider machine)
    {
        _process = new(program, machine, machine);
        _machine = machine;
    }

    /// <summary>Its name.</summary>
    public string Name => _process.Name;

    /// <summary>What it said.</summary>
    public IConsole Console => _process.Console;

    /// <summary>How often it was started.</summary>
    public int Starts => _process.Runs;

    /// <summary>Faults when it was given up, and ends when it was stopped.</summary>
    public Task Kept => _keeper;

    /// <summary>Starts it.</summary>
    /// <exception cref="BoardException">It cannot be started.</exception>
    public async Task Start(CancellationToken cancellation)
    {
        await _process.On(cancellation);
        _keeper = Keep();
    }

    /// <summary>Asks it to end, and kills it when it has not within its grace.</summary>
    public async Task Stop()
    {
        await _stop.CancelAsync();
        await _keeper.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await _process.Off(CancellationToken.None);
    }

    /// <summary>Writes what it said into a folder.</summary>
    public void WriteLog(string folder) => File.WriteAllLines(Path.Combine(folder, $"{Name}.log"), _process.Console.Lines.Select(line => line.Text));

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _keeper.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await _process.DisposeAsync();
        _stop.Dispose();
    }

    private async Task Keep()
    {
        try
        {
            for (int failures = 0; ;)
            {
                long begin = _machine.GetTimestamp();
                BoardExit exit = await _process.Ended.WaitAsync(_stop.Token);
                failures = _machine.GetElapsedTime(begin) >= Settled ? 1 : failures + 1;
                if (failures >= FailuresMax)
                    throw new FlightException($"cloud: {Name} ended {failures} times in a row, the last time with exit code {exit.ExitCode}: {LastWords()}");
                await Task.Delay(FirstPause * (1 << failures), _machine, _stop.Token);
                await _process.On(_stop.Token);
            }
        }
        catch (OperationCanceledException) when (_stop.IsCancellationRequested)
        {
        }
    }

    private string LastWords() => Console.Lines.LastOrDefault(line => line.Text.Trim().Length > 0) is { Text: { Length: > 0 } text } ? text : "it said nothing";
}
