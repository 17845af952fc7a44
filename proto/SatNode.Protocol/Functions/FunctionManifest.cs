using System.Formats.Cbor;
using SatNode.Protocol.Cbor;

namespace SatNode.Protocol.Functions;

/// <summary>All that a node needs to know to take in, start and bound a function. CDDL: <c>function-manifest = { 1: name, 2: version, 3: kind, 4: sha256,
/// ? 5: [* trigger], ? 6: limits, ? 7: constraints, ? 8: slo, ? 9: needs }</c>. What is absent has the safe default; an unknown key is refused.</summary>
public sealed record FunctionManifest : ICborMessage<FunctionManifest>
{
    /// <summary>The bytes of a SHA-256 digest.</summary>
    public const int DigestBytes = 32;

    /// <summary>The most triggers.</summary>
    public const int TriggersMax = 8;

    /// <summary>The longest version.</summary>
    public const int VersionCharsMax = 32;

    /// <inheritdoc/>
    public static string MessageName => "function-manifest";

    /// <inheritdoc/>
    public static int MaxEncodedBytes => 4096;

    /// <summary>A DNS label, unique on a node.</summary>
    public required string Name { get; init; }

    /// <summary>1 to 32 letters, digits, dots, hyphens and plus signs; compared only for equality.</summary>
    public required string Version { get; init; }

    /// <summary>How the module is called.</summary>
    public required FunctionKind Kind { get; init; }

    /// <summary>SHA-256 of the module's bytes.</summary>
    public required ReadOnlyMemory<byte> ModuleDigest { get; init; }

    /// <summary>What starts it; none unless told: it then runs only as a stage of a workflow.</summary>
    public IReadOnlyList<FunctionTrigger> Triggers { get; init; } = [];

    /// <summary>What it may use.</summary>
    public FunctionLimits Limits { get; init; } = FunctionLimits.Default;

    /// <summary>What must hold of the node.</summary>
    public FunctionConstraints Constraints { get; init; } = FunctionConstraints.Default;

    /// <summary>By when, and how urgent.</summary>
    public FunctionObjective Objective { get; init; } = FunctionObjective.Default;

    /// <summary>Which backing services it uses; none unless told.</summary>
    public FunctionNeeds Needs { get; init; }

    /// <summary>All that is wrong with the manifest, each as <c>key: expected, found</c>; empty when it may be deployed.</summary>
    public IReadOnlyList<string> Faults()
    {
        List<string> faults = [];
        if (!FunctionNames.IsLabel(Name))
            faults.Add(FunctionNames.Fault("name", Name));
        if (Version is not { Length: >= 1 and <= VersionCharsMax } || !Version.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '-' or '+'))
            faults.Add($"version: expected 1 to {VersionCharsMax} letters, digits, dots, hyphens and plus signs, found \"{Version}\"");
        if (Kind is not (FunctionKind.Reactor or FunctionKind.Command))
            faults.Add($"kind: expected reactor or command, found {(int)Kind}");
        if (ModuleDigest.Length != DigestBytes)
            faults.Add($"moduleDigest: expected {DigestBytes} bytes, found {ModuleDigest.Length}");
        if (Triggers.Count > TriggersMax)
            faults.Add($"triggers: expected at most {TriggersMax}, found {Triggers.Count}");
        for (int i = 0; i < Triggers.Count; i++)
            faults.AddRange(Triggers[i].Faults($"triggers[{i}]"));
        if (Triggers.Any(t => t is TimerTrigger) && !Needs.HasFlag(FunctionNeeds.Timers))
            faults.Add("needs: expected timers, because a trigger is a timer, found none");
        faults.AddRange(Limits.Faults());
        faults.AddRange(Constraints.Faults());
        faults.AddRange(Objective.Faults());
        if ((int)Needs is < 0 or > 7)
            faults.Add($"needs: expected a set of state, timers and object store, found bits {(int)Needs:x}");
        return faults;
    }

    /// <inheritdoc/>
    public static FunctionManifest Read(CborReader reader)
    {
        ArgumentNullException.ThrowIfNull(reader);
        string? name = null, version = null;
        FunctionKind? kind = null;
        byte[]? digest = null;
        List<FunctionTrigger> triggers = [];
        var limits = FunctionLimits.Default;
        var constraints = FunctionConstraints.Default;
        var objective = FunctionObjective.Default;
        var needs = FunctionNeeds.None;
        int pairs = reader.ReadStartMapUpTo(9);
        for (int i = 0; i < pairs; i++)
        {
            ulong key = reader.ReadUpTo(9);
            switch (key)
            {
                case 1: name = reader.ReadTextUpTo(FunctionNames.CharsMax); break;
                case 2: version = reader.ReadTextUpTo(VersionCharsMax); break;
                case 3: kind = (FunctionKind)reader.ReadInt32UpTo(1); break;
                case 4: digest = reader.ReadBytesUpTo(DigestBytes); break;
                case 5: triggers = ReadTriggers(reader); break;
                case 6: limits = FunctionLimits.Read(reader); break;
                case 7: constraints = FunctionConstraints.Read(reader); break;
                case 8: objective = FunctionObjective.Read(reader); break;
                case 9: needs = (FunctionNeeds)reader.ReadInt32UpTo(7); break;
                default: throw new WireFormatException($"expected a key of 1 to 9, found {key}");
            }
        }
        reader.ReadEndMap();
        var manifest = new FunctionManifest
        {
            Name = name ?? throw new WireFormatException("expected a name, found none"),
            Version = version ?? throw new WireFormatException("expected a version, found none"),
            Kind = kind ?? throw new WireFormatException("expected a kind, found none"),
            ModuleDigest = digest ?? throw new WireFormatException("expected a module digest, found none"),
            Triggers = triggers,
            Limits = limits,
            Constraints = constraints,
            Objective = objective,
            Needs = needs,
        };
        return manifest.Faults() is { Count: > 0 } faults ? throw new WireFormatException(string.Join("; ", faults)) : manifest;
    }

    /// <inheritdoc/>
    public void Write(CborWriter writer)
    {
        ArgumentNullException.ThrowIfNull(writer);
        writer.WriteStartMap(9);
        writer.WriteUInt32(1);
        writer.WriteTextString(Name);
        writer.WriteUInt32(2);
        writer.WriteTextString(Version);
        writer.WriteUInt32(3);
        writer.WriteInt32((int)Kind);
        writer.WriteUInt32(4);
        writer.WriteByteString(ModuleDigest.Span);
        writer.WriteUInt32(5);
        writer.WriteStartArray(Triggers.Count);
        foreach (FunctionTrigger trigger in Triggers)
            trigger.Write(writer);
        writer.WriteEndArray();
        writer.WriteUInt32(6);
        Limits.Write(writer);
        writer.WriteUInt32(7);
        Constraints.Write(writer);
        writer.WriteUInt32(8);
        Objective.Write(writer);
        writer.WriteUInt32(9);
        writer.WriteInt32((int)Needs);
        writer.WriteEndMap();
    }

    private static List<FunctionTrigger> ReadTriggers(CborReader reader)
    {
        List<FunctionTrigger> triggers = [];
        int count = reader.ReadStartArrayUpTo(TriggersMax);
        for (int i = 0; i < count; i++)
            triggers.Add(FunctionTrigger.Read(reader));
        reader.ReadEndArray();
        return triggers;
    }
}
