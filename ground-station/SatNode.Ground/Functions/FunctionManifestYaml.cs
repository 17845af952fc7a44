using System.Security.Cryptography;
using SatNode.Ground.Configuration;
using SatNode.Protocol.Functions;
using SatNode.Protocol.Quantities;

namespace SatNode.Ground.Functions;

/// <summary>Reads a function manifest as people write it. What is absent has the safe default; unknown keys are refused with their line.</summary>
internal static class FunctionManifestYaml
{
    /// <summary>The longest manifest.</summary>
    public const int MaxCharacters = 64 * 1024;
    private const string DigestPrefix = "sha256:";
    private static ReadOnlySpan<byte> WasmHeader => [0, (byte)'a', (byte)'s', (byte)'m', 1, 0, 0, 0];

    /// <summary>Reads the manifest of a module and checks the module against it.</summary>
    /// <param name="source">What error texts call the manifest.</param>
    /// <param name="text">The YAML.</param>
    /// <param name="module">The WebAssembly module.</param>
    /// <exception cref="YamlInputException">The manifest is not one, or the module is not the manifest's.</exception>
    public static FunctionManifest Read(string source, string text, ReadOnlySpan<byte> module)
    {
        YamlSection root = YamlSection.Parse(source, text, MaxCharacters);
        if (!module.StartsWith(WasmHeader))
            throw root.Fault("module", $"expected a WebAssembly module of version 1 (00 61 73 6d 01 00 00 00), found {(module.IsEmpty ? "nothing" : Convert.ToHexStringLower(module[..Math.Min(8, module.Length)]))}");
        byte[] digest = SHA256.HashData(module);
        string found = DigestPrefix + Convert.ToHexStringLower(digest);
        if (root.OptionalText("digest") is { } wanted && !string.Equals(wanted, found, StringComparison.OrdinalIgnoreCase))
            throw root.Fault("digest", $"expected the module with {wanted}, found {found}");
        _ = root.OptionalText("module"); // the file's name, for whoever reads the folder
        var manifest = new FunctionManifest
        {
            Name = root.Text("name"),
            Version = root.Text("version"),
            Kind = root.Choice("kind", ["reactor", "command"]) is "command" ? FunctionKind.Command : FunctionKind.Reactor,
            ModuleDigest = digest,
            Triggers = [.. root.Sections("triggers", FunctionManifest.TriggersMax).Select(Trigger)],
            Limits = Limits(root.OptionalSection("limits")),
            Constraints = Constraints(root.OptionalSection("constraints")),
            Objective = Objective(root.OptionalSection("slo")),
            Needs = Needs(root),
            Handler = root.OptionalText("handler") ?? FunctionManifest.DefaultHandler,
            Instances = Instances(root.OptionalSection("instances")),
            Prefetch = root.Texts("prefetch", FunctionManifest.PrefetchMax),
            Actor = Actor(root.OptionalSection("actor")),
            Isolation = root.Choice("isolation", ["shared", "process"], "shared") is "process" ? FunctionIsolation.Process : FunctionIsolation.Shared,
        };
        root.End();
        return manifest.Faults() is [{ } fault, ..] ? throw new YamlInputException(source, root.Line, fault) : manifest;
    }

    private static FunctionTrigger Trigger(YamlSection section)
    {
        FunctionTrigger? trigger = null;
        if (section.OptionalSection("timer") is { } timer)
            Take(timer, new TimerTrigger(TimeSpan.FromMilliseconds(timer.Whole("periodMs", 1_000, 86_400_000))));
        if (section.OptionalSection("observation") is { } target)
            Take(target, new ObservationTrigger(target.Real("latitude", -90, 90), target.Real("longitude", -180, 180), target.Real("radiusKm", 1, 3000)));
        if (section.OptionalSection("state") is { } state)
            Take(state, new StateTrigger(state.Text("key")));
        if (section.OptionalSection("command") is { } command)
            Take(command, new CommandTrigger());
        if (section.OptionalSection("bundle") is { } bundle)
            Take(bundle, new BundleTrigger((ulong)bundle.Whole("service", (long)BundleTrigger.ServiceMin, (long)BundleTrigger.ServiceMax)));
        if (section.OptionalSection("threshold") is { } threshold)
            Take(threshold, Threshold(threshold));
        if (section.OptionalSection("output") is { } output)
            Take(output, new OutputTrigger(output.Text("function")));
        section.End();
        return trigger ?? throw section.Fault("", "expected timer, observation, state, command, bundle, threshold or output, found nothing");

        void Take(YamlSection kind, FunctionTrigger taken)
        {
            kind.End();
            trigger = trigger is null ? taken : throw section.Fault("", "expected one kind of trigger an item, found two");
        }
    }

    private static ThresholdTrigger Threshold(YamlSection section)
    {
        bool isAbove = section.OptionalText("above") is not null;
        if (isAbove == (section.OptionalText("below") is not null))
            throw section.Fault("", $"expected above or below with a value, found {(isAbove ? "both" : "neither")}");
        return new(section.Text("parameter"), isAbove ? ThresholdSide.Above : ThresholdSide.Below,
            section.Real(isAbove ? "above" : "below", -1e12, 1e12));
    }

    private static FunctionLimits Limits(YamlSection? section)
    {
        FunctionLimits limits = FunctionLimits.Default;
        if (section is null)
            return limits;
        limits = limits with
        {
            MemoryBytesMax = section.Integer("memoryBytesMax", FunctionLimits.MemoryBytesFloor, FunctionLimits.MemoryBytesCeiling, limits.MemoryBytesMax),
            FuelMax = (ulong)section.Whole("fuelMax", 1, (long)FunctionLimits.FuelCeiling, (long)limits.FuelMax),
            TimeMax = TimeSpan.FromMilliseconds(section.Whole("timeMaxMs", (long)FunctionLimits.TimeFloor.TotalMilliseconds, (long)FunctionLimits.TimeCeiling.TotalMilliseconds, (long)limits.TimeMax.TotalMilliseconds)),
            EnergyPerInvocationMax = new Energy(section.Real("energyPerInvocationMaxJoules", 0.001, FunctionLimits.EnergyCeiling.Joules, limits.EnergyPerInvocationMax.Joules)),
            InvocationsPerOrbitMax = section.Integer("invocationsPerOrbitMax", 1, FunctionLimits.InvocationsPerOrbitCeiling, limits.InvocationsPerOrbitMax),
            FanOutMax = section.Integer("fanOutMax", 0, FunctionLimits.FanOutCeiling, limits.FanOutMax),
            InputBytesMax = section.Integer("inputBytesMax", 0, FunctionLimits.BytesCeiling, limits.InputBytesMax),
            OutputBytesMax = section.Integer("outputBytesMax", 0, FunctionLimits.BytesCeiling, limits.OutputBytesMax),
            StateBytesMax = section.Integer("stateBytesMax", 0, FunctionLimits.StateBytesCeiling, limits.StateBytesMax),
            HostCallsMax = section.Integer("hostCallsMax", 1, FunctionLimits.HostCallsCeiling, limits.HostCallsMax),
            LogLinesPerMinuteMax = section.Integer("logLinesPerMinuteMax", 0, FunctionLimits.LogLinesPerMinuteCeiling, limits.LogLinesPerMinuteMax),
            InvocationsPerSecondMax = section.Integer("invocationsPerSecondMax", 1, FunctionLimits.InvocationsPerSecondCeiling, limits.InvocationsPerSecondMax),
            DepthMax = section.Integer("depthMax", 0, FunctionLimits.DepthCeiling, limits.DepthMax),
        };
        section.End();
        return limits;
    }

    private static FunctionConstraints Constraints(YamlSection? section)
    {
        FunctionConstraints constraints = FunctionConstraints.Default;
        if (section is null)
            return constraints;
        constraints = new FunctionConstraints
        {
            BoardTemperatureMax = Temperature.FromCelsius(section.Real("boardTemperatureMaxCelsius", -20, 85, constraints.BoardTemperatureMax.Celsius)),
            StateOfChargeMin = Ratio.FromPercent(section.Real("stateOfChargeMinPercent", 0, 100, constraints.StateOfChargeMin.Value * 100)),
            Soft = Soft(section.OptionalSection("soft")),
        };
        section.End();
        return constraints;
    }

    private static SoftConstraints Soft(YamlSection? section)
    {
        if (section is null)
            return SoftConstraints.None;
        var soft = new SoftConstraints { CoolBoard = section.Real("coolBoard", 0, SoftConstraints.WeightMax, 0), Sunlight = section.Real("sunlight", 0, SoftConstraints.WeightMax, 0) };
        section.End();
        return soft;
    }

    private static FunctionObjective Objective(YamlSection? section)
    {
        FunctionObjective objective = FunctionObjective.Default;
        if (section is null)
            return objective;
        objective = new FunctionObjective
        {
            Deadline = TimeSpan.FromMilliseconds(section.Whole("deadlineMs", 1, (long)FunctionObjective.DeadlineCeiling.TotalMilliseconds, (long)objective.Deadline.TotalMilliseconds)),
            Priority = section.Integer("priority", 0, 9, objective.Priority),
        };
        section.End();
        return objective;
    }

    private static FunctionInstances Instances(YamlSection? section)
    {
        FunctionInstances instances = FunctionInstances.Default;
        if (section is null)
            return instances;
        instances = new FunctionInstances
        {
            KeepWarmMax = section.Integer("keepWarmMax", 0, FunctionInstances.KeepWarmCeiling, instances.KeepWarmMax),
            IdleTimeout = TimeSpan.FromMilliseconds(section.Whole("idleTimeoutMs", 0, (long)FunctionInstances.IdleTimeoutCeiling.TotalMilliseconds, (long)instances.IdleTimeout.TotalMilliseconds)),
            ConcurrencyMax = section.Integer("concurrencyMax", 1, FunctionInstances.ConcurrencyCeiling, instances.ConcurrencyMax),
        };
        section.End();
        return instances;
    }

    private static FunctionActor? Actor(YamlSection? section)
    {
        if (section is null)
            return null;
        var actor = new FunctionActor();
        actor = new FunctionActor
        {
            MemoryLifetime = TimeSpan.FromMilliseconds(section.Whole("memoryLifetimeMs", (long)FunctionActor.MemoryLifetimeFloor.TotalMilliseconds,
                (long)FunctionActor.MemoryLifetimeCeiling.TotalMilliseconds, (long)actor.MemoryLifetime.TotalMilliseconds)),
            MailboxMax = section.Integer("mailboxMax", 1, FunctionActor.MailboxCeiling, actor.MailboxMax),
            MemoryBytesMax = section.Integer("memoryBytesMax", 0, FunctionActor.MemoryBytesCeiling, actor.MemoryBytesMax),
        };
        section.End();
        return actor;
    }

    private static FunctionNeeds Needs(YamlSection root)
    {
        var needs = FunctionNeeds.None;
        foreach (string need in root.Texts("needs", 4))
        {
            needs |= need switch
            {
                "state" => FunctionNeeds.State,
                "timers" => FunctionNeeds.Timers,
                "objectStore" => FunctionNeeds.ObjectStore,
                "queue" => FunctionNeeds.Queue,
                _ => throw root.Fault("needs", $"expected state, timers, objectStore or queue, found '{need}'{Suggestion.For(need, ["state", "timers", "objectStore", "queue"])}"),
            };
        }
        return needs;
    }
}
