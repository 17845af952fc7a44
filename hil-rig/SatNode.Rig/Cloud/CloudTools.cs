using System.Security.Cryptography;
using SatNode.Rig.Scenarios.Flight;

namespace SatNode.Rig.Cloud;

/// <summary>One thing that a cloud on the bench is made of: a script makes it in a folder of the cache that is named by version and content of what went in.</summary>
/// <param name="Name">What it is called.</param>
/// <param name="Version">The version of what is inside, for people.</param>
/// <param name="Making">What making it means, with the time it takes.</param>
/// <param name="Script">The script, in the bench's folder.</param>
/// <param name="Inputs">What else goes in.</param>
/// <param name="Products">What must be there afterwards.</param>
internal sealed record CloudPart(string Name, string Version, string Making, string Script, IReadOnlyList<string> Inputs, IReadOnlyList<string> Products)
{
    /// <summary>Where it is, or will be.</summary>
    public string Folder => Path.Combine(CloudTools.Cache, $"{Name}-{Version}-{Digest()}");

    /// <summary>True when it is there whole.</summary>
    public bool IsThere => Array.TrueForAll([.. Products], product => File.Exists(Path.Combine(Folder, product)));

    private string Digest()
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (string file in (IEnumerable<string>)[Script, .. Inputs])
            hash.AppendData(File.ReadAllBytes(Path.Combine(CloudTools.Recipes, file)));
        return Convert.ToHexStringLower(hash.GetHashAndReset())[..8];
    }
}

/// <summary>The programs of a cloud on the bench, where <c>satnode-rig setup cloud</c> put them.</summary>
/// <param name="Etcd">Full path of etcd.</param>
/// <param name="KubeApiserver">Full path of the API server.</param>
/// <param name="Prometheus">Full path of Prometheus.</param>
/// <param name="Node">Full path of Node.js.</param>
/// <param name="PolarisPackages">Full path of the <c>node_modules</c> with Polaris.</param>
internal sealed record CloudTools(string Etcd, string KubeApiserver, string Prometheus, string Node, string PolarisPackages)
{
    private static readonly CloudPart Servers = new("etcd-prometheus", "debian12", "fetching from Debian, 10 s", "fetch-servers.sh", ["debian.sh"], ["etcd", "prometheus"]);

    private static readonly CloudPart ApiServer =
        new("kube-apiserver", "1.20.2", "building from Debian's source package, about 4 minutes", "build-kube-apiserver.sh", ["debian.sh"], ["kube-apiserver"]);

    private static readonly CloudPart Polaris = new("polaris", "0.6.1", "fetching from npm, 10 s", "install-polaris.sh", ["polaris/package.json", "polaris/package-lock.json"],
        ["node_modules/@polaris-sloc/core/package.json", "node_modules/@polaris-sloc/kubernetes/package.json"]);

    /// <summary>Everything that is made, the quick first.</summary>
    public static IReadOnlyList<CloudPart> Parts { get; } = [Servers, Polaris, ApiServer];

    /// <summary>The folder that holds what was made.</summary>
    public static string Cache { get; } = Path.Combine(
        Environment.GetEnvironmentVariable("XDG_CACHE_HOME") is { Length: > 0 } told && Path.IsPathRooted(told)
            ? told : Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".cache"),
        "satnode", "cloud");

    /// <summary>The scripts, controllers and resources of the bench: <c>hil-rig/cloud</c>, copied beside the rig.</summary>
    public static string Recipes { get; } = Path.Combine(AppContext.BaseDirectory, "cloud");

    /// <summary>The resources that a cluster needs: <c>ground-station/deploy</c>, copied beside the rig.</summary>
    public static string Deploy { get; } = Path.Combine(AppContext.BaseDirectory, "deploy");

    /// <summary>Finds the programs.</summary>
    /// <exception cref="FlightException">One is not there.</exception>
    public static CloudTools Find()
    {
        if (Parts.FirstOrDefault(part => !part.IsThere) is { } missing)
            throw new FlightException($"cloud: {missing.Name} {missing.Version} is not there; run: satnode-rig setup cloud");
        return new(Path.Combine(Servers.Folder, "etcd"), Path.Combine(ApiServer.Folder, "kube-apiserver"), Path.Combine(Servers.Folder, "prometheus"),
            Executable.OnPath("node") ?? throw new FlightException("cloud: node was not found on the PATH; Node.js 18 or later is needed"),
            Path.Combine(Polaris.Folder, "node_modules"));
    }
}
