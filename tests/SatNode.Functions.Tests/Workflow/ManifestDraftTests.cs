using System.Security.Cryptography;
using SatNode.Functions.Runtime;
using SatNode.Functions.Tests.Runtime;
using SatNode.Protocol.Cbor;
using SatNode.Protocol.Functions;
using SatNode.Protocol.Quantities;
using YamlDotNet.Serialization;
using YamlDotNet.Serialization.NamingConventions;

namespace SatNode.Functions.Tests.Workflow;

/// <summary>Every committed function.yaml is a manifest that a node takes, and its limits are enough for the function's own work, but not ten thousand times that.</summary>
public sealed class ManifestDraftTests(WildfireChain chain) : IClassFixture<WildfireChain>
{
    public static TheoryData<string> Functions() =>
        [.. Directory.GetDirectories(Path.Combine(AppContext.BaseDirectory, "functions")).Select(d => Path.GetFileName(d)).Order(StringComparer.Ordinal)];

    [Theory]
    [MemberData(nameof(Functions))]
    public void Is_a_manifest_under_which_the_function_completes(string name)
    {
        (FunctionManifest manifest, byte[] module) = Read(name);
        Assert.Empty(manifest.Faults());
        Assert.Equal(name, manifest.Name);
        Assert.Equal(manifest.Encode(), CborDecoder.Decode<FunctionManifest>(manifest.Encode()).Encode());
        byte[] input = name switch
        {
            "ingest" => File.ReadAllBytes(WildfireChain.ScenePath),
            "extract-frames" => chain.Outputs["ingest"],
            "object-det" => chain.Outputs["extract-frames"],
            "prepare-ds" => chain.Outputs["object-det"],
            "greet" or "tally" => "Ada"u8.ToArray(),
            "ndvi" => chain.Outputs["ingest"],
            "fire-alarm" => "75"u8.ToArray(),
            _ => [],
        };
        using DeployedFunction function = chain.Runtime.Install(manifest, module);
        InvocationOutcome outcome = chain.Runtime.Invoke(function, input, new TestEnvironment { Actor = "redu" }, CancellationToken.None);
        Assert.True(outcome.Succeeded, $"{outcome.End}: {outcome.Reason}");
        // Room for a larger scene, but a limit all the same.
        Assert.InRange((double)outcome.FuelUsed / manifest.Limits.FuelMax, manifest.Kind == FunctionKind.Command ? 0 : 0.0001, 0.5);
        Assert.InRange((double)outcome.MemoryBytesHighest / manifest.Limits.MemoryBytesMax, 0.05, 0.5);
    }

    private static (FunctionManifest Manifest, byte[] Module) Read(string name)
    {
        string folder = Path.Combine(AppContext.BaseDirectory, "functions", name);
        // Unknown keys throw: a mistyped limit must never become a default.
        Draft draft = new DeserializerBuilder().WithNamingConvention(CamelCaseNamingConvention.Instance).Build()
            .Deserialize<Draft>(File.ReadAllText(Path.Combine(folder, "function.yaml")));
        byte[] module = File.ReadAllBytes(Path.Combine(folder, draft.Module));
        FunctionLimits limits = FunctionLimits.Default;
        limits = limits with
        {
            MemoryBytesMax = draft.Limits.MemoryBytesMax ?? limits.MemoryBytesMax,
            FuelMax = draft.Limits.FuelMax ?? limits.FuelMax,
            TimeMax = draft.Limits.TimeMaxMs is { } ms ? TimeSpan.FromMilliseconds(ms) : limits.TimeMax,
            EnergyPerInvocationMax = draft.Limits.EnergyPerInvocationMaxJoules is { } joules ? new(joules) : limits.EnergyPerInvocationMax,
            InvocationsPerOrbitMax = draft.Limits.InvocationsPerOrbitMax ?? limits.InvocationsPerOrbitMax,
            FanOutMax = draft.Limits.FanOutMax ?? limits.FanOutMax,
            InputBytesMax = draft.Limits.InputBytesMax ?? limits.InputBytesMax,
            OutputBytesMax = draft.Limits.OutputBytesMax ?? limits.OutputBytesMax,
            StateBytesMax = draft.Limits.StateBytesMax ?? limits.StateBytesMax,
        };
        return (new()
        {
            Name = draft.Name,
            Version = draft.Version,
            Kind = Enum.Parse<FunctionKind>(draft.Kind, ignoreCase: true),
            ModuleDigest = SHA256.HashData(module),
            Triggers = [.. draft.Triggers.Select(t => t.ToTrigger())],
            Limits = limits,
            Constraints = new()
            {
                BoardTemperatureMax = Temperature.FromCelsius(draft.Constraints.BoardTemperatureMaxCelsius),
                StateOfChargeMin = Ratio.FromPercent(draft.Constraints.StateOfChargeMinPercent),
            },
            Objective = new() { Deadline = TimeSpan.FromMilliseconds(draft.Slo.DeadlineMs), Priority = draft.Slo.Priority },
            Needs = draft.Needs.Aggregate(FunctionNeeds.None, (needs, need) => needs | Enum.Parse<FunctionNeeds>(need, ignoreCase: true)),
            Actor = draft.Actor?.ToActor(),
        }, module);
    }

    internal sealed class Draft
    {
        public string Name { get; set; } = "";
        public string Version { get; set; } = "";
        public string Kind { get; set; } = "";
        public string Module { get; set; } = "";
        public List<TriggerDraft> Triggers { get; set; } = [];
        public LimitsDraft Limits { get; set; } = new();
        public ConstraintsDraft Constraints { get; set; } = new();
        public SloDraft Slo { get; set; } = new();
        public List<string> Needs { get; set; } = [];
        public ActorDraft? Actor { get; set; }
        public InstancesDraft? Instances { get; set; }
    }

    internal sealed class InstancesDraft
    {
        public int ConcurrencyMax { get; set; }
    }

    internal sealed class ActorDraft
    {
        public long MemoryLifetimeMs { get; set; }
        public int MailboxMax { get; set; }
        public int MemoryBytesMax { get; set; }

        public FunctionActor ToActor() => new() { MemoryLifetime = TimeSpan.FromMilliseconds(MemoryLifetimeMs), MailboxMax = MailboxMax, MemoryBytesMax = MemoryBytesMax };
    }

    internal sealed class TriggerDraft
    {
        public TimerDraft? Timer { get; set; }
        public ObservationDraft? Observation { get; set; }
        public StateDraft? State { get; set; }
        public object? Command { get; set; }

        public FunctionTrigger ToTrigger() =>
            Timer is { } timer ? new TimerTrigger(TimeSpan.FromMilliseconds(timer.PeriodMs))
            : Observation is { } target ? new ObservationTrigger(target.Latitude, target.Longitude, target.RadiusKm)
            : State is { } state ? new StateTrigger(state.Key)
            : Command is not null ? new CommandTrigger()
            : throw new FormatException("expected timer, observation, state or command");
    }

    internal sealed class TimerDraft
    {
        public long PeriodMs { get; set; }
    }

    internal sealed class ObservationDraft
    {
        public double Latitude { get; set; }
        public double Longitude { get; set; }
        public double RadiusKm { get; set; }
    }

    internal sealed class StateDraft
    {
        public string Key { get; set; } = "";
    }

    internal sealed class LimitsDraft
    {
        public int? MemoryBytesMax { get; set; }
        public ulong? FuelMax { get; set; }
        public long? TimeMaxMs { get; set; }
        public double? EnergyPerInvocationMaxJoules { get; set; }
        public int? InvocationsPerOrbitMax { get; set; }
        public int? FanOutMax { get; set; }
        public int? InputBytesMax { get; set; }
        public int? OutputBytesMax { get; set; }
        public int? StateBytesMax { get; set; }
    }

    internal sealed class ConstraintsDraft
    {
        public double BoardTemperatureMaxCelsius { get; set; } = 65;
        public double StateOfChargeMinPercent { get; set; } = 30;
    }

    internal sealed class SloDraft
    {
        public long DeadlineMs { get; set; } = 600_000;
        public int Priority { get; set; } = 5;
    }
}
