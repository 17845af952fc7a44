using System.Security.Cryptography;
using k8s.Models;
using SatNode.Ground.Cloud;
using SatNode.Ground.Cloud.Resources;
using SatNode.Ground.Functions;
using SatNode.Protocol.Functions;

namespace SatNode.Ground.Tests.Cloud;

public sealed class ImageResolverTests : IDisposable
{
    private static readonly byte[] Module = [0, (byte)'a', (byte)'s', (byte)'m', 1, 0, 0, 0];
    private readonly string _folder = Directory.CreateTempSubdirectory("satnode-resolver-").FullName;
    private readonly ECDsa _key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
    private readonly FunctionLibrary _library;
    private readonly ImageResolver _resolver;
    private readonly FunctionImage _greet = Image("greet");

    public ImageResolverTests()
    {
        _library = new(_folder, _key, Assert.Fail);
        _library.Push(_greet);
        _resolver = new(_library);
    }

    public void Dispose()
    {
        _key.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public void Finds_the_image_that_spec_names()
    {
        ImageResolution found = _resolver.Resolve(Wanted(new() { Image = "greet:1.0.0" }));
        Assert.Equal(("greet", _greet.Digest, "Resolved"), (found.Function, found.Digest, found.Reason));
        Assert.Same(found, _resolver.Resolve(Wanted(new() { Image = "greet:1.0.0" }))); // nothing is packed anew
    }

    [Fact]
    public void What_spec_sets_is_an_image_of_its_own_and_leaves_the_first_its_name()
    {
        SatelliteFunctionSpec spec = new() { Image = "greet", Limits = new(null, null, 250, null, null, 3, 0, null, null), Constraints = new(55, null), Slo = new(null, 9) };
        ImageResolution found = _resolver.Resolve(Wanted(spec));
        Assert.Equal((TimeSpan.FromMilliseconds(250), 3, 0, 9),
            (found.Manifest!.Limits.TimeMax, found.Manifest.Limits.InvocationsPerSecondMax, found.Manifest.Limits.FanOutMax, found.Manifest.Objective.Priority));
        Assert.Equal(55, found.Manifest.Constraints.BoardTemperatureMax.Celsius, 3);
        Assert.Equal(FunctionConstraints.Default.StateOfChargeMin, found.Manifest.Constraints.StateOfChargeMin); // what spec leaves out stays
        Assert.Equal(found.Digest, _library.Load(found.Digest!).Digest);
        Assert.Equal(_greet.Digest, _resolver.Resolve(Wanted(new() { Image = "greet" }, generation: 2)).Digest); // and without them it is the first again
        _resolver.Forget(new HashSet<string>(StringComparer.Ordinal) { _greet.Digest }, new HashSet<string>(StringComparer.Ordinal));
        Assert.Equal([_greet.Digest], _library.List().Select(image => image.Digest));
    }

    [Fact]
    public void Limits_that_no_manifest_can_hold_are_named_and_nothing_is_kept()
    {
        (SatelliteFunctionSpec, string)[] cases =
        [
            (new() { Image = "greet", Limits = new(1, null, null, null, null, null, null, null, null) }, "limits.memoryBytesMax: expected 65536 to 67108864, found 1"),
            (new() { Image = "greet", Limits = new(null, -1, null, null, null, null, null, null, null) }, "limits.fuelMax: expected 1 to 1000000000000, found 0"),
            (new() { Image = "greet", Limits = new(null, null, long.MaxValue, null, null, null, null, null, null) }, "limits.timeMax: expected 1 ms to 10 min"),
            (new() { Image = "greet", Limits = new(null, null, null, double.NaN, null, null, null, null, null) }, "limits.energyPerInvocationMax: expected 0.001 J to 10000 J"),
            (new() { Image = "greet", Limits = new(null, null, null, null, null, 0, null, null, null) }, "limits.invocationsPerSecondMax: expected 1 to 1000, found 0"),
            (new() { Image = "greet", Constraints = new(-400, null) }, "constraints.boardTemperatureMax: expected -20 to 85 °C"),
            (new() { Image = "greet", Constraints = new(null, 101) }, "constraints.stateOfChargeMin: expected 0 to 100 %"),
        ];
        foreach ((SatelliteFunctionSpec spec, string expected) in cases)
        {
            ImageResolution found = _resolver.Resolve(Wanted(spec));
            Assert.Equal(("greet", null, "InvalidLimits"), (found.Function, found.Digest, found.Reason));
            Assert.Contains(expected, found.Message, StringComparison.Ordinal);
        }
        Assert.Single(_library.List());
    }

    [Fact]
    public void An_unknown_image_is_said_with_the_one_that_may_be_meant()
    {
        ImageResolution found = _resolver.Resolve(Wanted(new() { Image = "gret:1.0.0" }));
        Assert.Equal((null, null, "ImageNotFound"), (found.Function, found.Digest, found.Reason));
        Assert.Equal("the station's library has no image 'gret:1.0.0'; did you mean 'greet:1.0.0'?; push it to the station, or correct spec.image", found.Message);
    }

    [Fact]
    public void An_object_holds_one_function_for_its_life()
    {
        _library.Push(Image("other"));
        ImageResolution found = _resolver.Resolve(Wanted(new() { Image = "other" }) with { Status = new() { Function = "greet" } });
        Assert.Equal(("greet", null, "FunctionNameChanged"), (found.Function, found.Digest, found.Reason));
    }

    private static SatelliteFunctionObject Wanted(SatelliteFunctionSpec spec, long generation = 1) =>
        new() { Metadata = new V1ObjectMeta { Name = "greet", Generation = generation }, Spec = spec };

    private static FunctionImage Image(string name) =>
        new(new FunctionManifest { Name = name, Version = "1.0.0", Kind = FunctionKind.Reactor, ModuleDigest = SHA256.HashData(Module) }, Module);
}
