using System.Security.Cryptography;
using SatNode.Functions.Deployments;
using SatNode.Functions.Images;
using SatNode.Functions.Runtime;
using SatNode.Protocol.Functions;
using SatNode.Protocol.Images;

namespace SatNode.Functions.Tests.Images;

/// <summary>A key that signs images, and the store on a folder that trusts it.</summary>
internal sealed class SignedImages : IDisposable
{
    private readonly ECDsa _key = ECDsa.Create(ECCurve.NamedCurves.nistP256);

    public SignedImages(string folder, Action<string> onDamage)
    {
        string key = Path.Combine(folder, "function.key"); // another one on the same folder trusts what the first signed
        if (File.Exists(key))
            _key.ImportPkcs8PrivateKey(File.ReadAllBytes(key), out _);
        Directory.CreateDirectory(folder);
        File.WriteAllBytes(key, _key.ExportPkcs8PrivateKey());
        Store = new(Path.Combine(folder, "images"), [_key], new(), TimeProvider.System, onDamage);
    }

    public ImageStore Store { get; }

    /// <summary>Delivers an image as the ground does, and deploys it.</summary>
    public DeployedFunction Deploy(FunctionDeployments deployments, FunctionManifest manifest, byte[] module)
    {
        var image = new FunctionImage(manifest, module);
        (string digest, ImageDelivery state) = Store.Begin(image.EncodedManifest, module.Length, ImageSignature.Sign(image.Outline, _key));
        foreach (int chunk in state.Missing)
            Store.Take(digest, chunk, image.Module[ImageDelivery.RangeOf(module.Length, chunk)]);
        return deployments.Deploy(digest);
    }

    public void Dispose() => _key.Dispose();
}
