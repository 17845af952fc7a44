using System.Security.Cryptography;
using SatNode.Functions.Deployments;
using SatNode.Functions.Runtime;
using SatNode.Functions.Tests.Runtime;
using SatNode.Protocol;
using SatNode.Protocol.Cbor;
using SatNode.Protocol.Functions;

namespace SatNode.Functions.Tests.Deployments;

/// <summary>What is deployed stays deployed, whatever happens to the power.</summary>
public sealed class FunctionDeploymentsTests : IDisposable
{
    private static readonly byte[] Old = Answer(1);
    private static readonly byte[] New = Answer(2);

    private readonly string _folder = Directory.CreateTempSubdirectory("satnode-deployments-").FullName;
    private readonly FunctionRuntime _runtime = new(new());
    private readonly List<string> _damage = [];

    public void Dispose()
    {
        _runtime.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public void A_deployed_function_runs_now_and_after_a_reboot()
    {
        using (FunctionDeployments deployments = Open())
        {
            Assert.Null(deployments.Find("probe"));
            DeployedFunction deployed = Deploy(deployments, "probe", Old, "1");
            Assert.Same(deployed, deployments.Find("probe"));
            Assert.Equal("1 answers 1", Describe(deployments));
        }
        using FunctionDeployments reopened = Open();
        Assert.Equal("1 answers 1", Describe(reopened));
        Assert.Equal(["probe"], reopened.Manifests.Select(manifest => manifest.Name));
        Assert.Empty(_damage);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Code_that_the_cache_lost_while_a_function_was_idle_is_made_anew(bool isGone)
    {
        string cache = Path.Combine(_folder, "..", Path.GetFileName(_folder) + "-cache");
        try
        {
            using var runtime = new FunctionRuntime(new() { CacheFolder = cache });
            using var deployments = new FunctionDeployments(_folder, 4, runtime, manifest => manifest, _damage.Add);
            Deploy(deployments, "probe", Old, "1");
            deployments.ReleaseIdle(DateTimeOffset.MaxValue);
            foreach (string file in Directory.GetFiles(cache))
            {
                if (isGone)
                    File.Delete(file);
                else
                    File.WriteAllBytes(file, new byte[100]);
            }
            InvocationOutcome lost = runtime.Invoke(deployments.Find("probe")!, default, new TestEnvironment(), CancellationToken.None);
            Assert.Equal((InvocationEnd.BadModule, "function probe: expected its machine code in the cache, found it gone or damaged", InstanceStart.None), (lost.End, lost.Reason, lost.Start));
            DeployedFunction ready = deployments.FindReady("probe")!;
            Assert.Equal(InvocationEnd.Completed, runtime.Invoke(ready, default, new TestEnvironment(), CancellationToken.None).End);
            Assert.Same(ready, deployments.FindReady("probe"));
            Assert.Null(deployments.FindReady("never-there"));
        }
        finally
        {
            Directory.Delete(cache, recursive: true);
        }
    }

    [Fact]
    public void A_new_version_replaces_the_old_one_now_and_after_a_reboot()
    {
        using (FunctionDeployments deployments = Open())
        {
            DeployedFunction old = Deploy(deployments, "probe", Old, "1");
            Deploy(deployments, "probe", New, "2");
            Assert.Equal("2 answers 2", Describe(deployments));
            InvocationOutcome outcome = _runtime.Invoke(old, default, new TestEnvironment(), CancellationToken.None);
            Assert.Equal(InvocationEnd.BadModule, outcome.End); // its machine code was given back
        }
        using FunctionDeployments reopened = Open();
        Assert.Equal("2 answers 2", Describe(reopened));
        Assert.Equal(["probe"], Folders());
    }

    [Fact]
    public void What_was_undeployed_is_gone_now_and_after_a_reboot()
    {
        using (FunctionDeployments deployments = Open())
        {
            Deploy(deployments, "probe", Old, "1");
            Deploy(deployments, "other", Old, "1");
            Assert.True(deployments.Undeploy("probe"));
            Assert.False(deployments.Undeploy("probe"));
            Assert.False(deployments.Undeploy("never-there"));
            Assert.Null(deployments.Find("probe"));
        }
        using FunctionDeployments reopened = Open();
        Assert.Equal(["other"], reopened.Manifests.Select(manifest => manifest.Name));
        Assert.Equal(["other"], Folders());
        Assert.Empty(_damage);
    }

    /// <summary>Each state of the folder that a power cut can leave while version 1 is replaced by version 2.</summary>
    [Theory]
    [InlineData("probe=1", "1 answers 1")]
    [InlineData("probe=1 probe.new=", "1 answers 1")] // the folder is made
    [InlineData("probe=1 probe.new=manifest", "1 answers 1")]
    [InlineData("probe=1 probe.new=cut", "1 answers 1")] // half a module
    [InlineData("probe=1 probe.new=2", "1 answers 1")] // all written
    [InlineData("probe.old=1 probe.new=2", "1 answers 1")] // the old one is aside
    [InlineData("probe.old=1 probe=2", "2 answers 2")] // the new one is in its place
    [InlineData("probe.old=manifest probe=2", "2 answers 2")] // the old one is being deleted
    [InlineData("probe.old= probe=2", "2 answers 2")]
    [InlineData("probe=2", "2 answers 2")]
    public void Whenever_the_power_goes_the_old_one_or_the_new_one_is_there(string folders, string expected)
    {
        Lay(folders);
        using (FunctionDeployments opened = Open())
        {
            Assert.Equal(expected, Describe(opened));
            Assert.Equal(["probe"], Folders()); // nothing is left over
            Deploy(opened, "probe", New, "3"); // and the next deployment goes as ever
            Assert.Equal("3 answers 2", Describe(opened));
        }
        using FunctionDeployments reopened = Open();
        Assert.Equal("3 answers 2", Describe(reopened));
        Assert.Empty(_damage);
    }

    [Theory]
    [InlineData("probe.new=")]
    [InlineData("probe.new=manifest")]
    [InlineData("probe.new=2")]
    public void A_first_deployment_that_was_cut_is_none(string folders)
    {
        Lay(folders);
        using FunctionDeployments opened = Open();
        Assert.Empty(opened.Manifests);
        Assert.Empty(Folders());
        Assert.Empty(_damage);
    }

    [Theory]
    [InlineData("probe=1", true)]
    [InlineData("probe.removed=1", false)]
    [InlineData("probe.removed=manifest", false)]
    [InlineData("probe.removed=", false)]
    public void An_undeployment_that_was_cut_has_happened_or_not(string folders, bool isThere)
    {
        Lay(folders);
        using FunctionDeployments opened = Open();
        Assert.Equal(isThere ? 1 : 0, opened.Manifests.Count);
        Assert.Equal(isThere ? ["probe"] : [], Folders());
        Assert.Empty(_damage);
    }

    [Theory]
    [InlineData("manifest.cbor", "deployment probe: function-manifest: byte ")]
    [InlineData("module.wasm", "deployment probe: function probe: expected a module of digest sha256:")]
    public void A_damaged_deployment_is_left_out_and_told_of_and_the_others_stay(string file, string expected)
    {
        Lay("probe=1 other=2");
        string path = Path.Combine(_folder, "probe", file);
        File.WriteAllBytes(path, File.ReadAllBytes(path)[..^1]);
        using (FunctionDeployments opened = Open())
        {
            Assert.Equal(["other"], opened.Manifests.Select(manifest => manifest.Name));
            Assert.StartsWith(expected, Assert.Single(_damage), StringComparison.Ordinal);
            Deploy(opened, "probe", New, "2"); // mends it
        }
        _damage.Clear();
        using FunctionDeployments reopened = Open();
        Assert.Equal("2 answers 2", Describe(reopened));
        Assert.Empty(_damage);
    }

    [Theory]
    [InlineData("manifest.cbor")]
    [InlineData("module.wasm")]
    public void A_deployment_without_one_of_its_files_is_left_out_and_told_of(string file)
    {
        Lay("probe=1 other=2");
        File.Delete(Path.Combine(_folder, "probe", file));
        using FunctionDeployments opened = Open();
        Assert.Equal(["other"], opened.Manifests.Select(manifest => manifest.Name));
        Assert.Contains(file, Assert.Single(_damage), StringComparison.Ordinal);
    }

    [Fact]
    public void Every_flipped_byte_of_a_manifest_is_told_of_or_harmless()
    {
        Lay("probe=1");
        string path = Path.Combine(_folder, "probe", "manifest.cbor");
        byte[] whole = File.ReadAllBytes(path);
        for (int i = 0; i < whole.Length; i++)
        {
            _damage.Clear();
            byte[] flipped = [.. whole];
            flipped[i] ^= 0x15;
            File.WriteAllBytes(path, flipped);
            using FunctionDeployments opened = Open();
            Assert.Equal(1, opened.Manifests.Count + _damage.Count);
            Assert.All(opened.Manifests, manifest => Assert.Empty(manifest.Faults()));
        }
    }

    [Fact]
    public void Refuses_one_more_than_its_limit_and_replaces_at_the_limit()
    {
        using FunctionDeployments deployments = Open(max: 2);
        Deploy(deployments, "a", Old, "1");
        Deploy(deployments, "b", Old, "1");
        FunctionModuleException refusal = Assert.Throws<FunctionModuleException>(() => Deploy(deployments, "c", Old, "1"));
        Assert.Equal("function c: expected at most 2 functions on a node, found 2; not installed", refusal.Message);
        Deploy(deployments, "a", New, "2");
        Assert.Equal(["a 2", "b 1"], deployments.Manifests.Select(manifest => $"{manifest.Name} {manifest.Version}"));
        Assert.Equal(["a", "b"], Folders());
        Assert.True(deployments.Undeploy("b"));
        Deploy(deployments, "c", Old, "1");
    }

    [Fact]
    public void The_limit_holds_for_many_threads_at_once()
    {
        using FunctionDeployments deployments = Open(max: 3);
        Parallel.For(0, 12, i =>
        {
            try
            {
                Deploy(deployments, $"f{i}", Old, "1");
            }
            catch (FunctionModuleException)
            {
                // No room.
            }
        });
        Assert.Equal(3, deployments.Manifests.Count);
        Assert.Equal(3, Folders().Length);
    }

    [Fact]
    public void What_is_refused_changes_nothing()
    {
        using FunctionDeployments deployments = Open();
        Deploy(deployments, "probe", Old, "1");
        FunctionManifest manifest = Manifest("probe", New, "2");
        Assert.Throws<FunctionModuleException>(() => deployments.Deploy(manifest.Encode(), Old)); // not the module of its digest
        Assert.Throws<WireFormatException>(() => deployments.Deploy(manifest.Encode().AsMemory(1), New));
        byte[] noModule = [0, 1, 2, 3];
        Assert.Throws<FunctionModuleException>(() => deployments.Deploy(Manifest("probe", noModule, "2").Encode(), noModule));
        Assert.Equal("1 answers 1", Describe(deployments));
        Assert.Equal(["probe"], Folders());
    }

    [Fact]
    public void A_disk_that_refuses_changes_nothing()
    {
        using FunctionDeployments deployments = Open();
        Deploy(deployments, "probe", Old, "1");
        File.WriteAllText(Path.Combine(_folder, "probe.new"), ""); // a folder of that name cannot be made
        Assert.Throws<IOException>(() => { Deploy(deployments, "probe", New, "2"); });
        Assert.Equal("1 answers 1", Describe(deployments));
        using FunctionDeployments reopened = Open();
        Assert.Equal("1 answers 1", Describe(reopened));
    }

    [Fact]
    public void What_a_failed_deletion_left_hinders_nobody()
    {
        using FunctionDeployments deployments = Open();
        Deploy(deployments, "probe", Old, "1");
        Directory.CreateDirectory(Path.Combine(_folder, "probe.old"));
        Directory.CreateDirectory(Path.Combine(_folder, "probe.removed"));
        Deploy(deployments, "probe", New, "2");
        Assert.Equal("2 answers 2", Describe(deployments));
        Assert.True(deployments.Undeploy("probe"));
        Assert.Empty(Folders());
    }

    [Fact]
    public void The_nodes_bounds_lower_the_manifests_limits_at_deployment_and_after_a_reboot()
    {
        var most = TimeSpan.FromMilliseconds(7);
        using (FunctionDeployments deployments = Open(bound: manifest => manifest with { Limits = manifest.Limits with { TimeMax = most } }))
            Assert.Equal(most, Deploy(deployments, "probe", Old, "1").Manifest.Limits.TimeMax);
        using (FunctionDeployments reopened = Open(bound: manifest => manifest with { Limits = manifest.Limits with { TimeMax = most } }))
            Assert.Equal(most, reopened.Find("probe")!.Manifest.Limits.TimeMax);
        using FunctionDeployments unbounded = Open(); // what is kept is what was sent
        Assert.Equal(FunctionLimits.Default.TimeMax, unbounded.Find("probe")!.Manifest.Limits.TimeMax);
    }

    private FunctionDeployments Open(int max = 64, Func<FunctionManifest, FunctionManifest>? bound = null) =>
        new(_folder, max, _runtime, bound ?? (manifest => manifest), _damage.Add);

    private string[] Folders() => [.. Directory.GetDirectories(_folder).Select(path => Path.GetFileName(path)).Order(StringComparer.Ordinal)];

    /// <summary>Lays folders as <c>name=content</c>: a version, nothing, a manifest alone, or half a module.</summary>
    private void Lay(string folders)
    {
        foreach (string folder in folders.Split(' '))
        {
            string[] parts = folder.Split('=');
            string path = Path.Combine(_folder, parts[0]);
            Directory.CreateDirectory(path);
            string name = parts[0].Split('.')[0];
            byte[] module = parts[1] == "1" ? Old : New;
            if (parts[1].Length > 0)
                File.WriteAllBytes(Path.Combine(path, "manifest.cbor"), Manifest(name, module, parts[1] == "1" ? "1" : "2").Encode());
            if (parts[1] is "1" or "2" or "cut")
                File.WriteAllBytes(Path.Combine(path, "module.wasm"), parts[1] == "cut" ? module[..(module.Length / 2)] : module);
        }
    }

    private static byte[] Answer(int value) => Runtime.Modules.Answer($"(i32.const {value})");

    private static FunctionManifest Manifest(string name, byte[] module, string version) =>
        new() { Name = name, Version = version, Kind = FunctionKind.Reactor, ModuleDigest = SHA256.HashData(module), Needs = FunctionNeeds.State };

    private static DeployedFunction Deploy(FunctionDeployments deployments, string name, byte[] module, string version) =>
        deployments.Deploy(Manifest(name, module, version).Encode(), module);

    private string Describe(FunctionDeployments deployments)
    {
        DeployedFunction function = deployments.Find("probe")!;
        return $"{function.Manifest.Version} answers {Invoke(function)}";
    }

    private int Invoke(DeployedFunction function)
    {
        InvocationOutcome outcome = _runtime.Invoke(function, default, new TestEnvironment(), CancellationToken.None);
        Assert.Equal((InvocationEnd.Completed, ""), (outcome.End, outcome.Reason));
        return BitConverter.ToInt32(outcome.Output.Span);
    }
}
