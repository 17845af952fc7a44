using System.Text;
using SatNode.Protocol;
using SatNode.Protocol.Dictionary;
using SatNode.Rig.Scenarios.Yaml;

namespace SatNode.Rig.Scenarios;

/// <summary>Reads the telecommands of a scenario and judges their arguments by the mission dictionary.</summary>
internal static class CommandReader
{
    public static IReadOnlyList<CommandSpec> Read(YamlValue list, IReadOnlyCollection<string> names, double durationMinutes)
    {
        List<CommandSpec> commands = [];
        foreach (YamlValue item in list.AsList())
        {
            if (item.AsMap() is not { } map)
                continue;
            double minutes = map.Need("atMinutes")?.AsNumber(0, durationMinutes) ?? 0;
            string satellite = SatelliteName.Read(map.Need("satellite"), names);
            YamlValue? name = map.Need("name");
            string text = name?.AsText() ?? "";
            YamlValue? arguments = map.Find("arguments");
            map.Close();
            if (text.Length == 0)
                continue;
            if (Protocol.Dictionary.Commands.Find(text) is not { } definition)
            {
                string hint = NearestName.Find(text, Protocol.Dictionary.Commands.All.Select(command => command.Name)) is { } near ? $"; did you mean '{near}'?" : "";
                name!.Fault($"no command '{text}' in the dictionary{hint}");
                continue;
            }
            commands.Add(new(TimeSpan.FromMinutes(minutes), satellite, text, ReadArguments(definition, item, arguments?.AsMap())));
        }
        return [.. commands.OrderBy(command => command.At)];
    }

    private static Dictionary<string, ArgumentValue> ReadArguments(CommandDefinition definition, YamlValue command, YamlMap? map)
    {
        Dictionary<string, ArgumentValue> values = new(StringComparer.Ordinal);
        foreach (ArgumentDefinition argument in definition.Arguments)
        {
            YamlValue? value = map?.Need(argument.Name);
            if (map is null)
                command.Fault($"missing argument '{argument.Name}' of {definition.Name}");
            if (value is null)
                continue;
            values[argument.Name] = ReadArgument(argument, value);
            if (argument.Type is ArgumentType.Text or ArgumentType.Bytes && argument.Fault(values[argument.Name]) is { } fault)
                value.Fault(fault);
        }
        map?.Close();
        return values;
    }

    private static ArgumentValue ReadArgument(ArgumentDefinition argument, YamlValue value) => argument.Type switch
    {
        ArgumentType.Integer => value.AsInteger((long)argument.Min, (long)argument.Max),
        ArgumentType.Real => value.AsNumber(argument.Min, argument.Max),
        ArgumentType.Boolean => value.AsBoolean(),
        ArgumentType.Bytes => Encoding.UTF8.GetBytes(value.AsText()),
        ArgumentType.Text => value.AsText(),
        _ => throw new WireFormatException($"{argument.Name}: the dictionary names no type"),
    };
}
