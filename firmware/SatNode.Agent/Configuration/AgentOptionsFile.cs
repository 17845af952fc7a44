using System.Text.Json;
using System.Text.Json.Serialization;

namespace SatNode.Agent.Configuration;

/// <summary>Reads <see cref="AgentOptions"/> from a JSON file.</summary>
public static class AgentOptionsFile
{
    private const long MaxBytes = 4 * 1024 * 1024;

    /// <summary>Reads and checks a file. Unknown and missing keys are refused, so that a mistyped limit never becomes a default.</summary>
    /// <exception cref="OptionsException">The file cannot be read, is not JSON of this shape, or holds values out of range.</exception>
    public static AgentOptions Read(string path)
    {
        AgentOptions? options;
        try
        {
            var file = new FileInfo(path);
            if (file.Length > MaxBytes)
                throw new OptionsException($"{path}: expected at most {MaxBytes} bytes, found {file.Length}");
            using FileStream stream = file.OpenRead();
            options = JsonSerializer.Deserialize(stream, AgentOptionsJson.Default.AgentOptions);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new OptionsException($"{path}: {e.Message}", e);
        }
        catch (JsonException e)
        {
            throw new OptionsException($"{path}:{(e.LineNumber ?? 0) + 1}: {e.Path}: {FirstSentence(e.Message)}", e);
        }
        if (options is null)
            throw new OptionsException($"{path}: expected an object, found null");
        IReadOnlyList<string> faults = options.Faults();
        return faults.Count == 0 ? options : throw new OptionsException(string.Join('\n', faults.Select(fault => $"{path}: {fault}")));
    }

    private static string FirstSentence(string message)
    {
        int end = message.IndexOf(" Path:", StringComparison.Ordinal);
        return (end < 0 ? message : message[..end]).TrimEnd('.');
    }
}

/// <summary>The configuration is wrong; the text says where, what was expected and what was found.</summary>
public sealed class OptionsException : Exception
{
    /// <summary>Creates the exception with its text.</summary>
    public OptionsException(string message, Exception? innerException = null) : base(message, innerException)
    {
    }
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    ReadCommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true, RespectNullableAnnotations = true, RespectRequiredConstructorParameters = true,
    AllowDuplicateProperties = false, GenerationMode = JsonSourceGenerationMode.Metadata)]
[JsonSerializable(typeof(AgentOptions))]
internal sealed partial class AgentOptionsJson : JsonSerializerContext;
