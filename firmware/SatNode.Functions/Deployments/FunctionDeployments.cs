using System.Text;
using SatNode.Functions.Images;
using SatNode.Functions.Runtime;
using SatNode.Protocol.Functions;
using SatNode.Protocol.Images;

namespace SatNode.Functions.Deployments;

/// <summary>The functions that are deployed on the node: each a file that names its image, so that they are there again after a reboot.</summary>
/// <remarks>Thread-safe. A deployment is on disk before it is used: the new file takes the place of the old one by a rename. Whenever the power goes, the next start finds the
/// old deployment or the new one.</remarks>
public sealed class FunctionDeployments : IDisposable
{
    private const string Extension = ".image";
    private const int FileBytesMax = 128;

    private readonly string _folder;
    private readonly int _max;
    private readonly ImageStore _images;
    private readonly FunctionRuntime _runtime;
    private readonly Func<FunctionManifest, FunctionManifest> _bound;
    private readonly Dictionary<string, Deployment> _functions = new(StringComparer.Ordinal);
    private readonly Lock _lock = new();
    private long _tenures;

    /// <summary>Opens the folder and installs what is there.</summary>
    /// <param name="folder">Made when absent.</param>
    /// <param name="max">The most functions.</param>
    /// <param name="images">Where their images are; those that are deployed are pinned there.</param>
    /// <param name="runtime">What runs them; not owned.</param>
    /// <param name="bound">Lowers a manifest's limits to what the node can give.</param>
    /// <param name="onDamage">Told what was found damaged and left out.</param>
    public FunctionDeployments(string folder, int max, ImageStore images, FunctionRuntime runtime, Func<FunctionManifest, FunctionManifest> bound, Action<string> onDamage)
    {
        ArgumentNullException.ThrowIfNull(onDamage);
        (_folder, _max, _images, _runtime, _bound) = (folder, max, images, runtime, bound);
        Directory.CreateDirectory(folder);
        foreach (string half in Directory.GetFiles(folder, "*" + WholeFile.Unfinished))
            File.Delete(half);
        foreach (string path in Directory.EnumerateFiles(folder, "*" + Extension).Order(StringComparer.Ordinal))
        {
            string name = Path.GetFileNameWithoutExtension(path);
            try
            {
                string digest = ReadDigest(path);
                FunctionImage image = _images.Load(digest);
                if (!string.Equals(image.Manifest.Name, name, StringComparison.Ordinal))
                    throw new FunctionModuleException($"expected an image of function {name}, found one of {image.Manifest.Name}");
                _functions[name] = new(digest, _runtime.Install(_bound(image.Manifest), image.Module.Span), ++_tenures);
                _images.Pin(digest);
            }
            catch (Exception e) when (e is ImageException or IOException or UnauthorizedAccessException or FunctionModuleException)
            {
                onDamage($"deployment {name}: {e.Message}");
            }
        }
    }

    /// <summary>The deployed functions' manifests, by name.</summary>
    public IReadOnlyList<FunctionManifest> Manifests
    {
        get
        {
            lock (_lock)
                return [.. _functions.Values.Select(deployment => deployment.Function.Manifest).OrderBy(manifest => manifest.Name, StringComparer.Ordinal)];
        }
    }

    /// <summary>Deploys a function; one of the same name is replaced once the new one is ready.</summary>
    /// <param name="image">The digest of its image, which is on the node.</param>
    /// <exception cref="ImageException">The image is not here, or not let in; nothing changed.</exception>
    /// <exception cref="FunctionModuleException">The manifest or the module is refused; nothing changed.</exception>
    /// <exception cref="IOException">The disk refused; nothing changed.</exception>
    public DeployedFunction Deploy(string image)
    {
        _images.Pin(image);
        DeployedFunction? installed = null;
        bool isKept = false;
        try
        {
            FunctionImage loaded = _images.Load(image);
            string name = loaded.Manifest.Name;
            lock (_lock)
                CheckRoom(name); // before the compiler works for nothing
            installed = _runtime.Install(_bound(loaded.Manifest), loaded.Module.Span);
            lock (_lock)
            {
                CheckRoom(name);
                WholeFile.Write(PathOf(name), Encoding.ASCII.GetBytes(image + "\n"));
                isKept = true;
                Put(name, image, installed);
            }
            return installed;
        }
        finally
        {
            if (!isKept)
            {
                installed?.Dispose();
                lock (_lock)
                    Unpin(image);
            }
        }
    }

    /// <summary>Removes a function; what runs ends as it would. Its image stays while there is room.</summary>
    /// <returns>False when there was none.</returns>
    /// <exception cref="IOException">The disk refused; nothing changed.</exception>
    public bool Undeploy(string name)
    {
        lock (_lock)
        {
            if (!_functions.TryGetValue(name, out Deployment? deployment))
                return false;
            File.Delete(PathOf(name));
            _functions.Remove(name);
            Unpin(deployment.Image);
            deployment.Function.Dispose();
            return true;
        }
    }

    /// <summary>Gives up instances and machine code of functions that were idle for longer than their manifests allow.</summary>
    public void ReleaseIdle(DateTimeOffset now)
    {
        lock (_lock)
            FunctionRuntime.ReleaseIdle(_functions.Values.Select(deployment => deployment.Function), now);
    }

    /// <summary>Finds a function.</summary>
    public DeployedFunction? Find(string name)
    {
        lock (_lock)
            return _functions.GetValueOrDefault(name)?.Function;
    }

    /// <summary>A number that a function has from its deployment to its removal, whatever versions come meanwhile, and none has again; 0 when there is none of that name.</summary>
    public long TenureOf(string name)
    {
        lock (_lock)
            return _functions.GetValueOrDefault(name)?.Tenure ?? 0;
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
            string? image;
            lock (_lock)
                image = _functions.GetValueOrDefault(name)?.Image;
            if (image is null)
                return null;
            FunctionImage loaded = _images.Load(image);
            DeployedFunction installed = _runtime.Install(_bound(loaded.Manifest), loaded.Module.Span);
            lock (_lock)
            {
                if (_functions.GetValueOrDefault(name)?.Function == found)
                {
                    Put(name, image, installed);
                    return installed;
                }
            }
            installed.Dispose(); // somebody deployed or removed it meanwhile
            return Find(name);
        }
        catch (Exception e) when (e is ImageException or FunctionModuleException)
        {
            return found;
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        lock (_lock)
        {
            foreach (Deployment deployment in _functions.Values)
                deployment.Function.Dispose();
            _functions.Clear();
        }
    }

    private void CheckRoom(string name)
    {
        if (!_functions.ContainsKey(name) && _functions.Count >= _max)
            throw new FunctionModuleException($"function {name}: expected at most {_max} functions on a node, found {_functions.Count}; not installed");
    }

    private void Put(string name, string image, DeployedFunction function)
    {
        _functions.Remove(name, out Deployment? previous);
        _functions[name] = new(image, function, previous?.Tenure ?? ++_tenures);
        if (previous is null)
            return;
        Unpin(previous.Image);
        previous.Function.Dispose();
    }

    /// <summary>Lets an image go that no deployment names.</summary>
    private void Unpin(string image)
    {
        if (_functions.Values.All(deployment => !string.Equals(deployment.Image, image, StringComparison.Ordinal)))
            _images.Unpin(image);
    }

    private string PathOf(string name) => Path.Combine(_folder, name + Extension);

    private static string ReadDigest(string path) => new FileInfo(path).Length is <= FileBytesMax
        ? File.ReadAllText(path).Trim()
        : throw new FunctionModuleException($"expected the digest of an image in {Path.GetFileName(path)}, found more than {FileBytesMax} bytes");

    private sealed record Deployment(string Image, DeployedFunction Function, long Tenure);
}
