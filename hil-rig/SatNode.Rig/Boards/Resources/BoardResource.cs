namespace SatNode.Rig.Boards.Resources;

/// <summary>What is there: a passive description of one board, which a driver makes usable.</summary>
public abstract record BoardResource
{
    /// <summary>The board's name in logs and reports, the node's.</summary>
    public required string Name { get; init; }

    /// <summary>The kind by which a bench file names it, for example <c>process</c>.</summary>
    public abstract string Kind { get; }

    /// <summary>Machine time that the board has to end by itself when it is asked to.</summary>
    public virtual TimeSpan ShutdownGrace { get; init; } = TimeSpan.FromSeconds(5);
}

/// <summary>A board that is a process on this machine: the agent itself.</summary>
public sealed record ProcessBoardResource : BoardResource
{
    /// <inheritdoc/>
    public override string Kind => "process";

    /// <summary>Full path of the agent's executable.</summary>
    public required string Executable { get; init; }

    /// <summary>Its arguments, for the agent <c>--config FILE</c>.</summary>
    public IReadOnlyList<string> Arguments { get; init; } = [];

    /// <summary>Its working folder; null is the rig's.</summary>
    public string? WorkingFolder { get; init; }

    /// <summary>Variables set over the rig's environment.</summary>
    public IReadOnlyDictionary<string, string> Environment { get; init; } = new Dictionary<string, string>(StringComparer.Ordinal);

    /// <summary>Machine time that the agent has to end by itself. Default: 5 s, of which it takes up to 2 to send its outbox.</summary>
    public override TimeSpan ShutdownGrace { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>A satellite's agent with its configuration.</summary>
    public static ProcessBoardResource Agent(string name, string executable, string configuration) =>
        new() { Name = name, Executable = executable, Arguments = ["--config", configuration] };
}
