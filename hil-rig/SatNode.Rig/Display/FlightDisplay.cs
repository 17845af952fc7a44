using Spectre.Console;

namespace SatNode.Rig.Display;

/// <summary>How a flight is shown.</summary>
public enum DisplayKind
{
    /// <summary>Not at all: standard output is for the report.</summary>
    Silent,

    /// <summary>A line every ten minutes of the world, for logs.</summary>
    Lines,

    /// <summary>A table that is drawn again and again, on a terminal.</summary>
    Live,
}

/// <summary>Follows a flight until it ends.</summary>
public sealed class FlightDisplay(DisplayKind kind, IAnsiConsole console, TimeProvider machine)
{
    private static readonly TimeSpan Refresh = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan LineEvery = TimeSpan.FromMinutes(10);

    /// <summary>Shows the flight until it ends, and then its last moment. Never fails for what the flight failed for.</summary>
    /// <param name="snapshot">The flight now; null before there is anything to see.</param>
    /// <param name="ended">Ends with the flight.</param>
    public async Task Follow(Func<FlightSnapshot?> snapshot, Task ended)
    {
        ArgumentNullException.ThrowIfNull(snapshot);
        ArgumentNullException.ThrowIfNull(ended);
        switch (kind)
        {
            case DisplayKind.Live:
                await FollowLive(snapshot, ended);
                break;
            case DisplayKind.Lines:
                await FollowLines(snapshot, ended);
                break;
            default:
                await ended.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                break;
        }
    }

    private async Task FollowLive(Func<FlightSnapshot?> snapshot, Task ended) =>
        await console.Live(new Text("")).AutoClear(false).Overflow(VerticalOverflow.Crop).StartAsync(async live =>
        {
            do
            {
                if (snapshot() is { } now)
                    live.UpdateTarget(FlightTable.Draw(now, console.Profile.Width));
            }
            while (!await EndsWithin(ended, Refresh));
            if (snapshot() is { } last)
                live.UpdateTarget(FlightTable.Draw(last, console.Profile.Width));
        });

    private async Task FollowLines(Func<FlightSnapshot?> snapshot, Task ended)
    {
        string phase = "";
        long shown = -1;
        bool hasEnded;
        do
        {
            hasEnded = await EndsWithin(ended, Refresh);
            if (snapshot() is not { } now)
                continue;
            if (phase.Length == 0 && now.Hint.Length > 0)
                await console.Profile.Out.Writer.WriteLineAsync(now.Hint);
            long block = now.Elapsed.Ticks / LineEvery.Ticks;
            if (block > shown)
                await console.Profile.Out.Writer.WriteLineAsync(FlightTable.Line(now));
            else if (now.Phase != phase)
                await console.Profile.Out.Writer.WriteLineAsync($"{now.Time:HH:mm:ss}Z  {now.Phase}");
            shown = Math.Max(shown, block);
            phase = now.Phase;
        }
        while (!hasEnded);
    }

    private async Task<bool> EndsWithin(Task ended, TimeSpan time)
    {
        Task first = await Task.WhenAny(ended, Task.Delay(time, machine));
        return first == ended;
    }
}
