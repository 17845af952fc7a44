namespace SatNode.Ground.Console.Commands;

/// <summary>Asking again and again.</summary>
internal static class Following
{
    /// <summary>Machine time between two looks.</summary>
    public static readonly TimeSpan Period = TimeSpan.FromMilliseconds(250);

    /// <summary>Waits for the next look.</summary>
    public static Task PauseAsync(CancellationToken cancellation) => Task.Delay(Period, TimeProvider.System, cancellation);

    /// <summary>Follows something that has no end of its own: Ctrl-C is its good end.</summary>
    public static async Task<int> UntilCtrlCAsync(Func<Task> follow, CancellationToken cancellation)
    {
        try
        {
            await follow();
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
        }
        return ExitCode.Done;
    }
}
