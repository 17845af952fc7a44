namespace SatNode.Rig.Scenarios;

/// <summary>One thing that is wrong with a scenario, or with a file that it names.</summary>
/// <param name="File">The file, as the user named it.</param>
/// <param name="Line">The line, from 1; 0 when the fault concerns the file as a whole.</param>
/// <param name="Column">The column, from 1; 0 when unknown.</param>
/// <param name="Text">What was expected and found.</param>
public sealed record ScenarioFault(string File, int Line, int Column, string Text)
{
    /// <summary><c>file:line:column: text</c>, on one line.</summary>
    public override string ToString() => (Line, Column) switch
    {
        (0, _) => $"{File}: {Text}",
        (_, 0) => $"{File}:{Line}: {Text}",
        _ => $"{File}:{Line}:{Column}: {Text}",
    };
}

/// <summary>A scenario cannot be flown as it stands; all its faults by file and line.</summary>
public sealed class ScenarioException : Exception
{
    /// <summary>Creates it from at least one fault.</summary>
    public ScenarioException(IReadOnlyList<ScenarioFault> faults) : base(string.Join(Environment.NewLine, Shown(faults))) => Faults = faults;

    /// <summary>Every fault; the message shows at most <see cref="Limits.MaxFaults"/>.</summary>
    public IReadOnlyList<ScenarioFault> Faults { get; }

    private static IEnumerable<string> Shown(IReadOnlyList<ScenarioFault> faults)
    {
        ArgumentNullException.ThrowIfNull(faults);
        IEnumerable<string> lines = faults.Take(Limits.MaxFaults).Select(fault => fault.ToString());
        return faults.Count > Limits.MaxFaults ? lines.Append($"{faults[0].File}: and {faults.Count - Limits.MaxFaults} more") : lines;
    }
}
