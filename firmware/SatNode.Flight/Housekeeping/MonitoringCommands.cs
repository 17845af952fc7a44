using SatNode.Flight.Commanding;
using SatNode.Protocol.Dictionary;
using SatNode.Protocol.Telecommands;
using SatNode.Protocol.Telemetry;

namespace SatNode.Flight.Housekeeping;

/// <summary>Executes the telecommands of monitoring. Source: ECSS-E-ST-70-41C, service 12 (enable, disable, modify, report).</summary>
public sealed class MonitoringCommands(ParameterMonitor monitor)
{
    private const string All = "all";

    /// <summary>Sets who executes them.</summary>
    public void Register(TelecommandReceiver receiver)
    {
        ArgumentNullException.ThrowIfNull(receiver);
        foreach (CommandDefinition definition in (ReadOnlySpan<CommandDefinition>)[Commands.SetLimits, Commands.EnableMonitoring, Commands.DisableMonitoring, Commands.ReportMonitoring])
            receiver.Handle(definition, (command, _) => ValueTask.FromResult(Execute(command)));
    }

    internal CommandResult Execute(Telecommand command)
    {
        string name = command.Arguments["parameter"].AsText();
        if (command.Name == Commands.ReportMonitoring.Name && name == All)
            return CommandResult.Succeeded(monitor.DescribeAll());
        if (Parameters.Find(name) is not { } parameter)
            return CommandResult.Failed(FailureReason.NotFound, $"parameter: expected one of the dictionary, found '{name}'");
        bool isWritten = true;
        if (command.Name == Commands.SetLimits.Name)
        {
            if (!TryRead(command, out ParameterLimits limits, out string fault))
                return CommandResult.Failed(FailureReason.InvalidArgument, fault);
            isWritten = monitor.TrySet(parameter, limits);
        }
        else if (command.Name != Commands.ReportMonitoring.Name)
        {
            isWritten = monitor.TryEnable(parameter, command.Name == Commands.EnableMonitoring.Name);
        }
        return isWritten ? CommandResult.Succeeded(monitor.Describe(parameter))
            : CommandResult.Failed(FailureReason.ResourceExhausted, $"the flight database can't be written; as before: {monitor.Describe(parameter)}");
    }

    private static bool TryRead(Telecommand command, out ParameterLimits limits, out string fault)
    {
        limits = default;
        fault = "";
        Span<ParameterRange> ranges = stackalloc ParameterRange[2];
        ReadOnlySpan<string> names = ["soft", "hard"];
        for (int i = 0; i < names.Length; i++)
        {
            string text = command.Arguments[names[i]].AsText();
            if (ParameterRange.TryParse(text, out ranges[i]))
                continue;
            fault = $"{names[i]}: expected finite numbers as LOW..HIGH, LOW.., ..HIGH, or none, found '{text}'";
            return false;
        }
        limits = new(ranges[0], ranges[1], (int)command.Arguments["persistence"].AsInteger());
        fault = limits.Fault() ?? "";
        return fault.Length == 0;
    }
}
