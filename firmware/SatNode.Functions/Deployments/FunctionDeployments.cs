using SatNode.Functions.Runtime;
using SatNode.Protocol;
using SatNode.Protocol.Cbor;
using SatNode.Protocol.Functions;

namespace SatNode.Functions.Deployments;

/// <summary>The functions that are deployed on the node, each kept as a folder with its manifest and module, so that they are there again after a reboot.</summary>
/// <remarks>Thread-safe. A deployment is on disk before it is used: the new folder is written beside the old one and takes its place by a rename. Whenever
/// the power goes, the next start finds the old deployment or the new one. Functions' names hold no dot, so the names beside theirs are free.</remarks>
public sealed class FunctionDeployments : IDisposable
{
    private const string ManifestFile = "manifest.cbor";
    private const string ModuleFile = "module.wasm";
    private const string Unfinished = ".new";
    private const string Replaced = ".old";
    private const string Removed = ".removed";

    private readonly string _folder;
    private readonly int _max;
    private readonly FunctionRuntime _runtime;
    private readonly Func<FunctionManifest, FunctionManifest> _bound;
    private readonly Dictionary<string, DeployedFunction> _functions = new(StringComparer.Ordinal);
    private readonly Lock _lock = new();

    /// <summary>Opens the folder and installs what is there.</summary>
    /// <param name="folder">Made when absent.</param>
    /// <param name="max">The most functions.</param>
    /// <param name="runtime">What runs them; not owned.</param>
    /// <param name="bound">Lowers a manifest's limits to what the node can give.</param>
    /// <param name="onDamage">Told what was found damaged and left out.</param>
    public FunctionDeployments(string folder, int max, FunctionRuntime runtime, Func<FunctionManifest, FunctionManifest> bound, Action<string> onDamage)
    {
        ArgumentNullException.ThrowIfNull(onDamage);
        _folder = folder;
        _max = max;
        _runtime = runtime;
        _bound = bound;
        Directory.CreateDirectory(folder);
        RepairAfterPowerCut(folder);
        foreach (string path in Directory.EnumerateDirectories(folder).Order(StringComparer.Ordinal))
        {
            try
            {
                FunctionManifest manifest = CborDecoder.Decode<FunctionManifest>(File.ReadAllBytes(Path.Combine(path, ManifestFile)));
                _functions[manifest.Name] = _runtime.Install(_bound(manifest), File.ReadAllBytes(Path.Combine(path, ModuleFile)));
            }
            catch (Exception e) when (e is WireFormatException or IOException or UnauthorizedAccessException or FunctionModuleException)
            {
                onDamage($"deployment {Path.GetFileName(path)}: {e.Message}");
            }
        }
    }

    /// <summary>The deployed functions' manifests, by name.</summary>
    public IReadOnlyList<FunctionManifest> Manifests
    {
        get
        {
            lock (_lock)
                return [.. _functions.Values.Select(function => function.Manifest).OrderBy(manifest => manifest.Name, StringComparer.Ordinal)];
        }
    }

    /// <summary>Deploys a function; one of the same name is replaced once the new one is ready.</summary>
    /// <exception cref="FunctionModuleException">The manifest or the module is refused; nothing changed.</exception>
    /// <exception cref="WireFormatException">The manifest is not one; nothing changed.</exception>
    /// <exception cref="IOException">The disk refused; nothing changed.</exception>
    public DeployedFunction Deploy(ReadOnlyMemory<byte> encodedManifest, ReadOnlyMemory<byte> module)
    {
        FunctionManifest manifest = CborDecoder.Decode<FunctionManifest>(encodedManifest);
        lock (_lock)
            CheckRoom(manifest.Name); // before the compiler works for nothing
        DeployedFunction installed = _runtime.Install(_bound(manifest), module.Span);
        bool isKept = false;
        try
        {
            lock (_lock)
            {
                CheckRoom(manifest.Name);
                Keep(manifest.Name, encodedManifest, module);
                isKept = true;
                _functions.Remove(manifest.Name, out DeployedFunction? previous);
                _functions[manifest.Name] = installed;
                previous?.Dispose();
            }
        }
        finally
        {
            if (!isKept)
                installed.Dispose();
        }
        return installed;
    }

    /// <summary>Removes a function; what runs ends as it would.</summary>
    /// <returns>False when there was none.</returns>
    /// <exception cref="IOException">The disk refused; nothing changed.</exception>
    public bool Undeploy(string name)
    {
        lock (_lock)
        {
            if (!_functions.TryGetValue(name, out DeployedFunction? function))
                return false;
            string path = Path.Combine(_folder, name);
            DeleteIfThere(path + Removed);
            Directory.Move(path, path + Removed); // gone in one step: files are deleted one by one
            _functions.Remove(name);
            function.Dispose();
            Directory.Delete(path + Removed, recursive: true);
            return true;
        }
    }

    /// <summary>Gives up instances and machine code of functions that were idle for longer than their manifests allow.</summary>
    public void ReleaseIdle(DateTimeOffset now)
    {
        lock (_lock)
            FunctionRuntime.ReleaseIdle(_functions.Values, now);
    }

    /// <summary>Finds a function.</summary>
    public DeployedFunction? Find(string name)
    {
        lock (_lock)
            return _functions.GetValueOrDefault(name);
    }

    /// <summary>Makes a function ready for an invocation that is on its way: its machine code, taken from the cache and never compiled, and an instance where there is room.</summary>
    /// <returns>False when there is none of that name, or its code is not to be had.</returns>
    public bool Warm(string name, DateTimeOffset now) => Find(name) is { } function && _runtime.Warm(function, now);

    /// <summary>Finds a function and loads its machine code, for an invocation. Code that the cache has lost is made anew from what is deployed.</summary>
    /// <returns>Null when there is none of that name. One whose code cannot be had says so when it is invoked.</returns>
    public DeployedFunction? FindReady(string name)
    {
        DeployedFunction? found = Find(name);
        if (found is null || found.Prepare())
            return found;
        try
        {
            string path = Path.Combine(_folder, name);
            FunctionManifest manifest = CborDecoder.Decode<FunctionManifest>(File.ReadAllBytes(Path.Combine(path, ManifestFile)));
            DeployedFunction installed = _runtime.Install(_bound(manifest), File.ReadAllBytes(Path.Combine(path, ModuleFile)));
            lock (_lock)
            {
                if (_functions.GetValueOrDefault(name) == found)
                {
                    found.Dispose();
                    return _functions[name] = installed;
                }
            }
            installed.Dispose(); // somebody deployed or removed it meanwhile
            return Find(name);
        }
        catch (Exception e) when (e is WireFormatException or IOException or UnauthorizedAccessException or FunctionModuleException)
        {
            return found;
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        lock (_lock)
        {
            foreach (DeployedFunction function in _functions.Values)
                function.Dispose();
            _functions.Clear();
        }
    }

    private void CheckRoom(string name)
    {
        if (!_functions.ContainsKey(name) && _functions.Count >= _max)
            throw new FunctionModuleException($"function {name}: expected at most {_max} functions on a node, found {_functions.Count}; not installed");
    }

    private static void RepairAfterPowerCut(string folder)
    {
        foreach (string half in (IEnumerable<string>)[.. Directory.GetDirectories(folder, "*" + Unfinished), .. Directory.GetDirectories(folder, "*" + Removed)])
            Directory.Delete(half, recursive: true);
        foreach (string replaced in Directory.GetDirectories(folder, "*" + Replaced))
        {
            string path = replaced[..^Replaced.Length];
            if (Directory.Exists(path))
                Directory.Delete(replaced, recursive: true);
            else
                Directory.Move(replaced, path);
        }
    }

    private void Keep(string name, ReadOnlyMemory<byte> manifest, ReadOnlyMemory<byte> module)
    {
        string path = Path.Combine(_folder, name);
        DeleteIfThere(path + Unfinished);
        Directory.CreateDirectory(path + Unfinished);
        Write(Path.Combine(path + Unfinished, ManifestFile), manifest.Span);
        Write(Path.Combine(path + Unfinished, ModuleFile), module.Span);
        if (Directory.Exists(path))
        {
            DeleteIfThere(path + Replaced); // what a disk that refused may have left
            Directory.Move(path, path + Replaced);
        }
        Directory.Move(path + Unfinished, path);
        DeleteIfThere(path + Replaced);
    }

    /// <summary>Writes a file down to the disk: a rename that outlives a power cut must not find less.</summary>
    private static void Write(string path, ReadOnlySpan<byte> bytes)
    {
        using FileStream file = File.Create(path);
        file.Write(bytes);
        file.Flush(flushToDisk: true);
    }

    private static void DeleteIfThere(string path)
    {
        if (Directory.Exists(path))
            Directory.Delete(path, recursive: true);
    }
}
