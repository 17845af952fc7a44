namespace SatNode.Protocol.Dictionary;

/// <summary>An agent's mode, as <c>agent.mode</c> tells it.</summary>
public enum OperatingMode
{
    /// <summary>Functions run as admission lets them.</summary>
    Nominal = 0,

    /// <summary>No function runs; telemetry and commands go on.</summary>
    Safe = 1,

    /// <summary>Only urgent functions run, and housekeeping is told of less often, so that the charge lasts through the next eclipse.</summary>
    EclipseSaving = 2,
}

/// <summary>Why an agent is in its mode, as <c>agent.mode-reason</c> tells it: the sum of what holds.</summary>
[Flags]
public enum ModeReasons
{
    /// <summary>Nominal.</summary>
    None = 0,

    /// <summary>A command asked for safe mode.</summary>
    Command = 1,

    /// <summary>The charge was low.</summary>
    LowCharge = 2,

    /// <summary>The board was hot.</summary>
    HotBoard = 4,

    /// <summary>The agent ended unasked again and again.</summary>
    RepeatedFaults = 8,

    /// <summary>A command asked for eclipse-saving.</summary>
    SavingCommand = 16,

    /// <summary>The charge foreseen for the end of the next eclipse is under the reserve.</summary>
    SavingForecast = 32,
}

/// <summary>The names that people see for modes and reasons.</summary>
public static class OperatingModes
{
    private static readonly (ModeReasons Reason, string Name)[] Reasons =
    [
        (ModeReasons.LowCharge, "low-charge"), (ModeReasons.HotBoard, "hot-board"), (ModeReasons.RepeatedFaults, "repeated-faults"), (ModeReasons.Command, "command"),
        (ModeReasons.SavingForecast, "charge-forecast"), (ModeReasons.SavingCommand, "saving-command"),
    ];

    /// <summary>The name of a value of <c>agent.mode</c>; its number when this version knows none.</summary>
    public static string Name(double mode) => mode switch
    {
        (double)OperatingMode.Nominal => "nominal",
        (double)OperatingMode.Safe => "safe",
        (double)OperatingMode.EclipseSaving => "eclipse-saving",
        _ => string.Create(System.Globalization.CultureInfo.InvariantCulture, $"mode {mode:0.###}"),
    };

    /// <summary>The names of a value of <c>agent.mode-reason</c>, the gravest first, joined by commas; empty when nothing holds.</summary>
    public static string ReasonNames(double reasons)
    {
        if (!(reasons is >= 0 and < 64))
            return string.Create(System.Globalization.CultureInfo.InvariantCulture, $"reason {reasons:0.###}");
        var held = (ModeReasons)(int)reasons;
        return string.Join(", ", Reasons.Where(pair => held.HasFlag(pair.Reason)).Select(pair => pair.Name));
    }
}
