using System.Text;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace SatNode.Rig.Scenarios.Yaml;

/// <summary>A YAML file and the faults found in it so far.</summary>
/// <param name="path">The file, as the user named it.</param>
/// <param name="faults">Where faults are collected; shared among the files of a scenario.</param>
internal sealed class YamlFile(string path, List<ScenarioFault> faults)
{
    /// <summary>The file, as the user named it.</summary>
    public string Path { get; } = path;

    /// <summary>The folder against which the file's paths are taken.</summary>
    public string Folder { get; } = System.IO.Path.GetDirectoryName(path) is { Length: > 0 } folder ? folder : ".";

    /// <summary>The list in which faults are collected.</summary>
    public List<ScenarioFault> Faults { get; } = faults;

    /// <summary>Reads the file's one document, which must be a map; null after a fault.</summary>
    public YamlMap? Read()
    {
        string text;
        try
        {
            var info = new FileInfo(Path);
            if (info.Exists && info.Length > Limits.MaxFileBytes)
            {
                Faults.Add(new(Path, 0, 0, $"expected at most {Limits.MaxFileBytes} bytes, found {info.Length}"));
                return null;
            }
            text = new UTF8Encoding(false, throwOnInvalidBytes: true).GetString(File.ReadAllBytes(Path)).TrimStart('\uFEFF');
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException or DecoderFallbackException)
        {
            Faults.Add(new(Path, 0, 0, fault switch
            {
                FileNotFoundException or DirectoryNotFoundException => "no such file",
                UnauthorizedAccessException when Directory.Exists(Path) => "expected a file, found a folder",
                UnauthorizedAccessException => "no permission to read it",
                DecoderFallbackException => "expected UTF-8 text",
                _ => fault.Message,
            }));
            return null;
        }
        return Parse(text);
    }

    /// <summary>Reads a text instead of the file.</summary>
    public YamlMap? Parse(string text)
    {
        var stream = new YamlStream();
        var parser = new Parser(new StringReader(text));
        try
        {
            stream.Load(parser);
        }
        catch (InvalidOperationException) // what the parser throws at some unclosed brackets
        {
            Mark at = parser.Current?.End ?? Mark.Empty;
            Fault(at, "not YAML: a bracket, brace or quote from here on is not closed");
            return null;
        }
        catch (YamlException fault)
        {
            Faults.Add(new(Path, (int)fault.Start.Line, (int)fault.Start.Column, $"not YAML: {FirstLine(fault)}"));
            return null;
        }
        if (stream.Documents.Count != 1 || stream.Documents[0].RootNode is not YamlMappingNode root)
        {
            Faults.Add(new(Path, 1, 1, "expected one map of keys"));
            return null;
        }
        return new(this, root, "");
    }

    /// <summary>Notes a fault at a node.</summary>
    public void Fault(Mark at, string text) => Faults.Add(new(Path, (int)at.Line, (int)at.Column, text));

    private static string FirstLine(YamlException fault)
    {
        string text = (fault.InnerException as YamlException ?? fault).Message;
        int end = text.IndexOfAny(['\r', '\n']);
        text = end < 0 ? text : text[..end];
        return text.Length == 0 ? "unreadable" : char.ToLowerInvariant(text[0]) + text[1..].TrimEnd('.');
    }
}
