using SatNode.Rig.Scenarios.Yaml;

namespace SatNode.Rig.Scenarios;

/// <summary>Reads which functions are deployed where. Of a manifest only name and module are read here: the rest is the ground station's to judge.</summary>
internal static class FunctionReader
{
    private static readonly byte[] WasmHeader = [0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00];

    public static IReadOnlyList<FunctionSpec> Read(YamlValue list, IReadOnlyList<SatelliteSpec> satellites)
    {
        string[] names = [.. satellites.Select(satellite => satellite.Name)];
        List<FunctionSpec> functions = [];
        foreach (YamlValue item in list.AsList())
        {
            if (item.AsMap() is not { } map)
                continue;
            YamlValue? manifest = map.Need("manifest");
            string path = manifest?.AsFile("a function's manifest") ?? "";
            IReadOnlyList<string> on = SatelliteName.ReadList(map.Need("on"), names);
            map.Close();
            if (path.Length == 0 || ReadManifest(manifest!, path) is not var (name, module) || module.Length == 0)
                continue;
            if (functions.Any(other => other.Name == name))
                manifest!.Fault($"function '{name}' stands twice");
            functions.Add(new(name, path, module, on));
        }
        return functions;
    }

    /// <summary>A function that is deployed nowhere, or null and a fault.</summary>
    public static FunctionSpec? ReadManifest(YamlValue manifest) =>
        manifest.AsFile("a function's manifest") is { Length: > 0 } path && ReadManifest(manifest, path) is var (name, module) && module.Length > 0 ? new(name, path, module, []) : null;

    /// <summary>The name and the full path of the module; the module is checked to begin as WebAssembly does.</summary>
    private static (string Name, string Module)? ReadManifest(YamlValue at, string path)
    {
        string shown = Path.Combine(at.File.Folder, at.AsText());
        var file = new YamlFile(shown, at.File.Faults);
        if (file.Read() is not { } map)
            return null;
        string name = map.Find("name")?.AsText() ?? "";
        if (name.Length == 0)
            map.Fault("missing key 'name'");
        string module = map.Find("module") is { } value
            ? value.AsFile("the function's module")
            : Path.ChangeExtension(path, ".wasm") is var beside && File.Exists(beside) ? beside
            : Path.Combine(Path.GetDirectoryName(path)!, $"{name}.wasm");
        if (name.Length == 0 || module.Length == 0)
            return null;
        if (!File.Exists(module))
        {
            at.Fault($"no module '{Path.GetFileName(module)}' beside the manifest");
            return null;
        }
        return ModuleFault(module) is { } fault ? Refuse(at, $"{Path.GetFileName(module)} {fault}") : (name, module);
    }

    private static (string Name, string Module)? Refuse(YamlValue at, string text)
    {
        at.Fault(text);
        return null;
    }

    private static string? ModuleFault(string path)
    {
        try
        {
            using FileStream stream = File.OpenRead(path);
            Span<byte> head = stackalloc byte[WasmHeader.Length];
            int count = stream.ReadAtLeast(head, head.Length, throwOnEndOfStream: false);
            if (!head[..count].SequenceEqual(WasmHeader))
                return $"is not a WebAssembly module: expected it to begin with {Hex(WasmHeader)}, found {(count == 0 ? "nothing" : Hex(head[..count]))}";
            return stream.Length <= Limits.MaxModuleBytes ? null : $"is too large for a telecommand: expected at most {Limits.MaxModuleBytes} bytes, found {stream.Length}";
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            return $"cannot be read: {fault.Message}";
        }
    }

    private static string Hex(ReadOnlySpan<byte> bytes) => Convert.ToHexStringLower(bytes);
}
