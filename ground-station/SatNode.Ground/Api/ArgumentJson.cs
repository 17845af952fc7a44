using System.Text.Json;
using System.Text.Json.Nodes;
using SatNode.Protocol.Dictionary;

namespace SatNode.Ground.Api;

/// <summary>Arguments as JSON: numbers, booleans, texts, and bytes as <c>{"base64": "…"}</c>.</summary>
internal static class ArgumentJson
{
    private const string Base64 = "base64";

    /// <summary>An argument as JSON.</summary>
    public static JsonNode ToJson(ArgumentValue value) => value.Type switch
    {
        ArgumentType.Integer => JsonValue.Create(value.AsInteger()),
        ArgumentType.Real => JsonValue.Create(value.AsReal()),
        ArgumentType.Boolean => JsonValue.Create(value.AsBoolean()),
        ArgumentType.Text => JsonValue.Create(value.AsText()),
        ArgumentType.Bytes => new JsonObject { [Base64] = Convert.ToBase64String(value.AsBytes()) },
        _ => throw new ArgumentOutOfRangeException(nameof(value), value.Type, "expected a value"),
    };

    /// <summary>Reads a command's arguments by its definition; the fault is null when all fit.</summary>
    public static Dictionary<string, ArgumentValue> Read(CommandDefinition command, JsonObject? json, out string? fault)
    {
        var values = new Dictionary<string, ArgumentValue>(StringComparer.Ordinal);
        foreach ((string name, JsonNode? node) in json ?? [])
        {
            ArgumentDefinition? definition = command.Arguments.FirstOrDefault(argument => string.Equals(argument.Name, name, StringComparison.Ordinal));
            if (definition is null)
            {
                fault = $"{name}: not an argument of {command.Name} (known: {string.Join(", ", command.Arguments.Select(argument => argument.Name))})"
                    + Configuration.Suggestion.For(name, command.Arguments.Select(argument => argument.Name));
                return values;
            }
            if (Read(definition.Type, node) is not { } value)
            {
                fault = $"{name}: expected {Expected(definition.Type)}, found {node?.ToJsonString() ?? "null"}";
                return values;
            }
            values[name] = value;
        }
        fault = command.Fault(values);
        return values;
    }

    /// <summary>The longest input of a request.</summary>
    public static int InputBytesMax { get; } = (int)Protocol.Dictionary.Commands.InvokeFunction.Arguments.Single(argument => argument.Name == "input").Max;

    /// <summary>The input of a request: a text in UTF-8, bytes as <c>{"base64": "…"}</c>, or nothing; null when it is none of them or too long.</summary>
    public static byte[]? Input(JsonNode? node)
    {
        byte[]? input = node switch
        {
            null => [],
            JsonValue value when value.TryGetValue(out string? text) => System.Text.Encoding.UTF8.GetBytes(text),
            _ => Read(ArgumentType.Bytes, node)?.AsBytes(),
        };
        return input?.Length <= InputBytesMax ? input : null;
    }

    private static ArgumentValue? Read(ArgumentType type, JsonNode? node)
    {
        switch (type)
        {
            case ArgumentType.Integer when node is JsonValue value && value.TryGetValue(out long integer):
                return integer;
            case ArgumentType.Real when node is JsonValue value && value.TryGetValue(out double real):
                return real;
            case ArgumentType.Boolean when node is JsonValue value && value.TryGetValue(out bool boolean):
                return boolean;
            case ArgumentType.Text when node is JsonValue value && value.TryGetValue(out string? text) && text.Length <= ArgumentValue.MaxTextLength:
                return text;
            case ArgumentType.Bytes when node is JsonObject { Count: 1 } holder && holder[Base64] is JsonValue inner && inner.GetValueKind() == JsonValueKind.String:
                byte[] bytes = new byte[ArgumentValue.MaxBytes];
                if (!Convert.TryFromBase64String(inner.GetValue<string>(), bytes, out int written))
                    return null;
                return bytes[..written];
            default:
                return null;
        }
    }

    private static string Expected(ArgumentType type) => type switch
    {
        ArgumentType.Integer => "a whole number",
        ArgumentType.Real => "a number",
        ArgumentType.Boolean => "true or false",
        ArgumentType.Text => "a text",
        _ => "{\"base64\": \"…\"}",
    };
}
