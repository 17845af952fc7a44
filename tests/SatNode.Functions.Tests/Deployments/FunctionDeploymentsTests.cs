using System.Security.Cryptography;
using SatNode.Functions.Deployments;
using SatNode.Functions.Images;
using SatNode.Functions.Runtime;
using SatNode.Functions.Tests.Runtime;
using SatNode.Protocol.Functions;
using SatNode.Protocol.Images;

namespace SatNode.Functions.Tests.Deployments;

/// <summary>What is deployed stays deployed, whatever happens to the power.</summary>
public sealed class FunctionDeploymentsTests : IDisposable
{
    private static readonly byte[] Old = Answer(1);
    private static readonly byte[] New = Answer(2);

    private readonly string _folder = Directory.CreateTempSubdirectory("satnode-deployments-").FullName;
    private readonly FunctionRuntime _runtime = new(new());
    private readonly ECDsa _key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
    private readonly List<string> _damage = [];
    private ImageStore? _images;

    public void Dispose()
    {
        _runtime.Dispose();
        _key.Dispose();
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

    [Fact]
    public void Room_is_made_by_what_is_deployed_no_more_and_never_by_what_is_since_a_reboot_either()
    {
        var limits = new ImageLimits { ImagesMax = 2 };
        using (var before = new FunctionDeployments(Functions, 64, OpenImages(limits: limits), _runtime, manifest => manifest, _damage.Add))
            Deploy(before, "probe", Old, "1");
        using (var deployments = new FunctionDeployments(Functions, 64, OpenImages(limits: limits), _runtime, manifest => manifest, _damage.Add))
        {
            Deploy(deployments, "other", New, "1");
            deployments.Undeploy("other");
            Deploy(deployments, "third", New, "1"); // in the place of the other
            Assert.Equal("1", _images!.Load(new FunctionImage(Manifest("probe", Old, "1"), Old).Digest).Manifest.Version);
            deployments.Undeploy("third");
            Deploy(deployments, "probe", New, "2");
            Deploy(deployments, "third", New, "1"); // in the place of the first version
        }
        using FunctionDeployments reopened = Open();
        Assert.Equal("2 answers 2", Describe(reopened));
        Assert.Equal(["probe", "third"], reopened.Manifests.Select(manifest => manifest.Name));
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
            using var deployments = new FunctionDeployments(Functions, 4, OpenImages(), runtime, manifest => manifest, _damage.Add);
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
        Assert.Equal(["probe.image"], Files());
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
        Assert.Equal(["other.image"], Files());
        Assert.Empty(_damage);
    }

    /// <summary>Each state of the folder that a power cut can leave while version 1 is replaced by version 2.</summary>
    [Theory]
    [InlineData(null, "1 answers 1")]
    [InlineData("", "1 answers 1")] // the file beside is made
    [InlineData("sha256:12", "1 answers 1")] // and half written
    public void Whenever_the_power_goes_the_old_one_or_the_new_one_is_there(string? beside, string expected)
    {
        using (FunctionDeployments deployments = Open())
            Deploy(deployments, "probe", Old, "1");
        if (beside is not null)
            File.WriteAllText(Path.Combine(Functions, "probe.image.new"), beside);
        using (FunctionDeployments opened = Open())
        {
            Assert.Equal(expected, Describe(opened));
            Assert.Equal(["probe.image"], Files()); // nothing is left over
            Deploy(opened, "probe", New, "3"); // and the next deployment goes as ever
            Assert.Equal("3 answers 2", Describe(opened));
        }
        using FunctionDeployments reopened = Open();
        Assert.Equal("3 answers 2", Describe(reopened));
        Assert.Empty(_damage);
    }

    [Theory]
    [InlineData("", "deployment probe: image : expected it on this node, found none; deliver it first")]
    [InlineData("sha256:12\n", "deployment probe: image sha256:12: expected it on this node, found none; deliver it first")]
    [InlineData("../../etc/passwd", "deployment probe: image ../../etc/passwd: expected it on this node, found none; deliver it first")]
    public void A_damaged_deployment_is_left_out_and_told_of_and_the_others_stay(string content, string expected)
    {
        using (FunctionDeployments deployments = Open())
        {
            Deploy(deployments, "probe", Old, "1");
            Deploy(deployments, "other", New, "2");
        }
        File.WriteAllText(Path.Combine(Functions, "probe.image"), content);
        using (FunctionDeployments opened = Open())
        {
            Assert.Equal(["other"], opened.Manifests.Select(manifest => manifest.Name));
            Assert.Equal(expected, Assert.Single(_damage));
            Deploy(opened, "probe", New, "2"); // mends it
        }
        _damage.Clear();
        using FunctionDeployments reopened = Open();
        Assert.Equal("2 answers 2", Describe(reopened));
        Assert.Empty(_damage);
    }

    [Fact]
    public void A_deployment_that_names_another_functions_image_is_left_out()
    {
        using (FunctionDeployments deployments = Open())
            Deploy(deployments, "other", Old, "1");
        File.Copy(Path.Combine(Functions, "other.image"), Path.Combine(Functions, "probe.image"));
        using FunctionDeployments opened = Open();
        Assert.Equal(["other"], opened.Manifests.Select(manifest => manifest.Name));
        Assert.Equal("deployment probe: expected an image of function probe, found one of other", Assert.Single(_damage));
    }

    [Fact]
    public void A_deployment_whose_module_is_damaged_is_left_out_until_its_image_is_delivered_again()
    {
        using (FunctionDeployments deployments = Open())
            Deploy(deployments, "probe", Old, "1");
        string module = Path.Combine(_folder, "images", "blobs", "sha256", Convert.ToHexStringLower(SHA256.HashData(Old)));
        byte[] bytes = File.ReadAllBytes(module);
        bytes[^1] ^= 1;
        File.WriteAllBytes(module, bytes);
        using (FunctionDeployments opened = Open())
        {
            Assert.Empty(opened.Manifests);
            Assert.StartsWith("deployment probe: image sha256:", Assert.Single(_damage), StringComparison.Ordinal);
            Assert.Equal("1 answers 1", Describe(opened, Deploy(opened, "probe", Old, "1")));
        }
    }

    [Fact]
    public void An_image_of_a_key_that_is_no_longer_trusted_is_not_run()
    {
        using (FunctionDeployments deployments = Open())
            Deploy(deployments, "probe", Old, "1");
        using ECDsa other = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using FunctionDeployments opened = Open(trusted: other);
        Assert.Empty(opened.Manifests);
        Assert.StartsWith("deployment probe: function-image probe: expected a trusted key, found ", Assert.Single(_damage), StringComparison.Ordinal);
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
        Assert.Equal(["a.image", "b.image"], Files());
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
        Assert.Equal(3, Files().Length);
    }

    [Fact]
    public void What_is_refused_changes_nothing()
    {
        using FunctionDeployments deployments = Open();
        Deploy(deployments, "probe", Old, "1");
        Assert.Throws<ImageException>(() => deployments.Deploy(FunctionImage.DigestOf("never delivered"u8)));
        byte[] noModule = [0, 1, 2, 3];
        Assert.Throws<FunctionModuleException>(() => { Deploy(deployments, "probe", noModule, "2"); });
        Assert.Equal("1 answers 1", Describe(deployments));
        Assert.Equal(["probe.image"], Files());
    }

    [Fact]
    public void A_disk_that_refuses_changes_nothing()
    {
        using FunctionDeployments deployments = Open();
        Deploy(deployments, "probe", Old, "1");
        Directory.CreateDirectory(Path.Combine(Functions, "probe.image.new")); // a file of that name cannot be made
        Assert.ThrowsAny<UnauthorizedAccessException>(() => { Deploy(deployments, "probe", New, "2"); });
        Assert.Equal("1 answers 1", Describe(deployments));
        using FunctionDeployments reopened = Open();
        Assert.Equal("1 answers 1", Describe(reopened));
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

    private string Functions => Path.Combine(_folder, "functions");

    private ImageStore OpenImages(ECDsa? trusted = null, ImageLimits? limits = null) => _images = new(Path.Combine(_folder, "images"), [trusted ?? _key], limits ?? new(), TimeProvider.System, _damage.Add);

    private FunctionDeployments Open(int max = 64, Func<FunctionManifest, FunctionManifest>? bound = null, ECDsa? trusted = null) =>
        new(Functions, max, OpenImages(trusted), _runtime, bound ?? (manifest => manifest), _damage.Add);

    private string[] Files() => [.. Directory.GetFiles(Functions).Select(path => Path.GetFileName(path)).Order(StringComparer.Ordinal)];

    private static byte[] Answer(int value) => Runtime.Modules.Answer($"(i32.const {value})");

    private static FunctionManifest Manifest(string name, byte[] module, string version) =>
        new() { Name = name, Version = version, Kind = FunctionKind.Reactor, ModuleDigest = SHA256.HashData(module), Needs = FunctionNeeds.State };

    private DeployedFunction Deploy(FunctionDeployments deployments, string name, byte[] module, string version)
    {
        var image = new FunctionImage(Manifest(name, module, version), module);
        (string digest, ImageDelivery state) = _images!.Begin(image.EncodedManifest, module.Length, ImageSignature.Sign(image.Outline, _key));
        foreach (int chunk in state.Missing)
            _images.Take(digest, chunk, image.Module[ImageDelivery.RangeOf(module.Length, chunk)]);
        return deployments.Deploy(digest);
    }

    private string Describe(FunctionDeployments deployments) => Describe(deployments, deployments.Find("probe")!);

    private string Describe(FunctionDeployments deployments, DeployedFunction function)
    {
        Assert.Same(function, deployments.Find(function.Manifest.Name));
        return $"{function.Manifest.Version} answers {Invoke(function)}";
    }

    private int Invoke(DeployedFunction function)
    {
        InvocationOutcome outcome = _runtime.Invoke(function, default, new TestEnvironment(), CancellationToken.None);
        Assert.Equal((InvocationEnd.Completed, ""), (outcome.End, outcome.Reason));
        return BitConverter.ToInt32(outcome.Output.Span);
    }
}
