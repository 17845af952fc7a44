using System.Formats.Cbor;
using SatNode.Protocol.Cbor;

namespace SatNode.Protocol.Functions;

/// <summary>All that a node needs to know to take in, start and bound a function. CDDL: <c>function-manifest = { 1: name, 2: version, 3: kind, 4: sha256,
/// ? 5: [* trigger], ? 6: limits, ? 7: constraints, ? 8: slo, ? 9: needs,
/// ? 10: handler, ? 11: instances, ? 12: [* prefetch-key], ? 13: actor, ? 14: isolation }</c>. What is absent has the safe default; an unknown key is refused.</summary>
public sealed record FunctionManifest : ICborMessage<FunctionManifest>
{
    /// <summary>The bytes of a SHA-256 digest.</summary>
    public const int DigestBytes = 32;

    /// <summary>The most triggers.</summary>
    public const int TriggersMax = 8;

    /// <summary>The most keys to prefetch.</summary>
    public const int PrefetchMax = 16;

    /// <summary>The longest name of a handler.</summary>
    public const int HandlerCharsMax = 64;

    /// <summary>What a reactor exports to be called by unless its manifest says otherwise.</summary>
    public const string DefaultHandler = "satnode_handle";

    /// <summary>The longest version.</summary>
    public const int VersionCharsMax = 32;

    /// <inheritdoc/>
    public static string MessageName => "function-manifest";

    /// <inheritdoc/>
    public static int MaxEncodedBytes => 8 * 1024;

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

    /// <summary>The export that takes a reactor's input, 1 to 64 printable characters of ASCII; <c>satnode_handle</c> unless told. Functions of one module
    /// tell themselves apart by it.</summary>
    public string Handler { get; init; } = DefaultHandler;

    /// <summary>How many instances a node holds.</summary>
    public FunctionInstances Instances { get; init; } = FunctionInstances.Default;

    /// <summary>Keys of the state that it will read, 0 to 16: fetched while an invocation waits and starts.</summary>
    public IReadOnlyList<string> Prefetch { get; init; } = [];

    /// <summary>What makes it an actor; null when it is none.</summary>
    public FunctionActor? Actor { get; init; }

    /// <summary>Where it runs.</summary>
    public FunctionIsolation Isolation { get; init; }

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
        if ((int)Needs is < 0 or > 15)
            faults.Add($"needs: expected a set of state, timers, object store and queue, found bits {(int)Needs:x}");
        if (Handler is not { Length: >= 1 and <= HandlerCharsMax } || !Handler.All(c => c is > ' ' and <= '~'))
            faults.Add($"handler: expected 1 to {HandlerCharsMax} printable characters of ASCII, found \"{Handler}\"");
        else if (Kind == FunctionKind.Command && !string.Equals(Handler, DefaultHandler, StringComparison.Ordinal))
            faults.Add($"handler: expected none, because a command is called by _start, found \"{Handler}\"");
        faults.AddRange(Instances.Faults());
        if (Instances.KeepWarmMax > 0 && Kind == FunctionKind.Command)
            faults.Add($"instances.keepWarmMax: expected 0, because a command ends with its invocation, found {Instances.KeepWarmMax}");
        AddPrefetchFaults(faults);
        faults.AddRange(Actor?.Faults() ?? []);
        if (Isolation is not (FunctionIsolation.Shared or FunctionIsolation.Process))
            faults.Add($"isolation: expected shared or process, found {(int)Isolation}");
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
        string handler = DefaultHandler;
        var instances = FunctionInstances.Default;
        List<string> prefetch = [];
        FunctionActor? actor = null;
        var isolation = FunctionIsolation.Shared;
        int pairs = reader.ReadStartMapUpTo(14);
        for (int i = 0; i < pairs; i++)
        {
            ulong key = reader.ReadUpTo(14);
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
                case 9: needs = (FunctionNeeds)reader.ReadInt32UpTo(15); break;
                case 10: handler = reader.ReadTextUpTo(HandlerCharsMax); break;
                case 11: instances = FunctionInstances.Read(reader); break;
                case 12: prefetch = ReadPrefetch(reader); break;
                case 13: actor = FunctionActor.Read(reader); break;
                case 14: isolation = (FunctionIsolation)reader.ReadInt32UpTo(1); break;
                default: throw new WireFormatException($"expected a key of 1 to 14, found {key}");
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
            Handler = handler,
            Instances = instances,
            Prefetch = prefetch,
            Actor = actor,
            Isolation = isolation,
        };
        return manifest.Faults() is { Count: > 0 } faults ? throw new WireFormatException(string.Join("; ", faults)) : manifest;
    }

    /// <inheritdoc/>
    public void Write(CborWriter writer)
    {
        ArgumentNullException.ThrowIfNull(writer);
        bool hasHandler = !string.Equals(Handler, DefaultHandler, StringComparison.Ordinal), hasInstances = Instances != FunctionInstances.Default;
        writer.WriteStartMap(9 + (hasHandler ? 1 : 0) + (hasInstances ? 1 : 0) + (Prefetch.Count > 0 ? 1 : 0) + (Actor is null ? 0 : 1) + (Isolation == FunctionIsolation.Shared ? 0 : 1));
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
        if (hasHandler)
        {
            writer.WriteUInt32(10);
            writer.WriteTextString(Handler);
        }
        if (hasInstances)
        {
            writer.WriteUInt32(11);
            Instances.Write(writer);
        }
        if (Prefetch.Count > 0)
        {
            writer.WriteUInt32(12);
            writer.WriteStartArray(Prefetch.Count);
            foreach (string key in Prefetch)
                writer.WriteTextString(key);
            writer.WriteEndArray();
        }
        if (Actor is not null)
        {
            writer.WriteUInt32(13);
            Actor.Write(writer);
        }
        if (Isolation != FunctionIsolation.Shared)
        {
            writer.WriteUInt32(14);
            writer.WriteInt32((int)Isolation);
        }
        writer.WriteEndMap();
    }

    private void AddPrefetchFaults(List<string> faults)
    {
        if (Prefetch.Count > PrefetchMax)
            faults.Add($"prefetch: expected at most {PrefetchMax}, found {Prefetch.Count}");
        for (int i = 0; i < Prefetch.Count; i++)
        {
            if (Prefetch[i] is not { Length: >= 1 and <= FunctionLimits.StateKeyCharsMax })
                faults.Add($"prefetch[{i}]: expected 1 to {FunctionLimits.StateKeyCharsMax} characters, found {Prefetch[i]?.Length ?? 0}");
        }
        if (Prefetch.Count > 0 && !Needs.HasFlag(FunctionNeeds.State))
            faults.Add("needs: expected state, because there are keys to prefetch, found none");
    }

    private static List<string> ReadPrefetch(CborReader reader)
    {
        List<string> keys = [];
        int count = reader.ReadStartArrayUpTo(PrefetchMax);
        for (int i = 0; i < count; i++)
            keys.Add(reader.ReadTextUpTo(FunctionLimits.StateKeyCharsMax));
        reader.ReadEndArray();
        return keys;
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
