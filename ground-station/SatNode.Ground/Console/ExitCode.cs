namespace SatNode.Ground.Console;

/// <summary>How a command of the console ended.</summary>
internal static class ExitCode
{
    /// <summary>Done; following something until Ctrl-C as well.</summary>
    public const int Done = 0;

    /// <summary>Refused by the station for what is now, or refused or failed at the satellite.</summary>
    public const int Refused = 1;

    /// <summary>The request, the configuration or the way to the station is wrong.</summary>
    public const int Wrong = 2;

    /// <summary>It did not end in time; what was sent goes on.</summary>
    public const int TimedOut = 3;

    /// <summary>Ctrl-C while it waited for an end.</summary>
    public const int Interrupted = 130;
}
