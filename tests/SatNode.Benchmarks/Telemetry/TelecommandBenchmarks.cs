using System.Security.Cryptography;
using SatNode.Benchmarks.Measuring;
using SatNode.Protocol.Cbor;
using SatNode.Protocol.Dictionary;
using SatNode.Protocol.Telecommands;
using SatNode.Protocol.Time;

namespace SatNode.Benchmarks.Telemetry;

/// <summary>A signed telecommand from bytes to arguments that can be trusted.</summary>
internal static class TelecommandBenchmarks
{
    public static Comparison Open()
    {
        var comparison = new Comparison("telecommand.open", "a signed telecommand opened: parsed, its signature (ES256) verified");
        ECDsa key = comparison.Own(ECDsa.Create(ECCurve.NamedCurves.nistP256));
        ECDsa open = comparison.Own(ECDsa.Create(key.ExportParameters(includePrivateParameters: false)));
        var now = DtnTime.From(new DateTimeOffset(2026, 6, 21, 12, 0, 0, TimeSpan.Zero));
        var command = new Telecommand
        {
            Id = "ground-000017",
            Node = "p01-s02",
            Sequence = 17,
            NotBefore = now,
            Expiry = new(now.Milliseconds + 600_000),
            DictionaryDigest = MissionDictionary.Digest,
            Name = "function.invoke",
            Arguments = new Dictionary<string, ArgumentValue>(StringComparer.Ordinal) { ["function"] = "object-det" },
        };
        byte[] signed = TelecommandSignature.Sign(command, key);
        byte[] signature = key.SignData(signed, HashAlgorithmName.SHA256);
        ECDsa[] trusted = [open];
        byte[] secret = new byte[32], mac = new byte[32];
        comparison.Notes.Add($"{signed.Length} bytes signed");
        return comparison
            .Add(Role.Product, "telecommand opened", n =>
            {
                for (int i = 0; i < n; i++)
                {
                    if (TelecommandSignature.Open(signed, trusted, out _, out string fault) != SignatureResult.Valid)
                        Check.Fail($"a valid command, found {fault}");
                }
            })
            .Add(Role.Product, "of this: naming the one trusted key", n =>
            {
                for (int i = 0; i < n; i++)
                    Check.That(TelecommandSignature.KeyId(open).Length == 8, "a key's id");
            })
            .Add(Role.Limit, "the same bytes verified by bare ECDSA P-256", n =>
            {
                for (int i = 0; i < n; i++)
                    Check.That(open.VerifyData(signed, signature, HashAlgorithmName.SHA256), "a good signature");
            })
            .Add(Role.Today, "HMAC-SHA-256 with a shared key (no parsing)", n =>
            {
                for (int i = 0; i < n; i++)
                    Check.That(HMACSHA256.HashData(secret, signed, mac) == mac.Length, "a code");
            });
    }
}
