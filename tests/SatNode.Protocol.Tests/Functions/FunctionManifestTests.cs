using System.Formats.Cbor;
using SatNode.Protocol.Cbor;
using SatNode.Protocol.Functions;
using SatNode.Protocol.Quantities;

namespace SatNode.Protocol.Tests.Functions;

public sealed class FunctionManifestTests
{
    private static readonly FunctionManifest Least = new()
    {
        Name = "ingest",
        Version = "1",
        Kind = FunctionKind.Reactor,
        ModuleDigest = new byte[32],
    };

    private static readonly FunctionManifest Full = Least with
    {
        Kind = FunctionKind.Command,
        Version = "1.0.0-rc.1+b2",
        Triggers = [new TimerTrigger(TimeSpan.FromSeconds(1)), new ObservationTrigger(39.49, -122.98, 800), new StateTrigger("frames"), new CommandTrigger(),
            new BundleTrigger(100), new ThresholdTrigger("board.temperature", ThresholdSide.Below, -1.5), new OutputTrigger("ingest")],
        Limits = new()
        {
            MemoryBytesMax = 65536,
            FuelMax = 1,
            TimeMax = TimeSpan.FromMilliseconds(1),
            EnergyPerInvocationMax = new(0.001),
            InvocationsPerOrbitMax = 1,
            FanOutMax = 0,
            InputBytesMax = 0,
            OutputBytesMax = 0,
            StateBytesMax = 0,
            HostCallsMax = 1,
            LogLinesPerMinuteMax = 0,
            InvocationsPerSecondMax = 1,
            DepthMax = 0,
        },
        Constraints = new() { BoardTemperatureMax = Temperature.FromCelsius(-20), StateOfChargeMin = Ratio.FromPercent(100), Soft = new() { CoolBoard = 0.25, Sunlight = 10 } },
        Objective = new() { Deadline = TimeSpan.FromHours(24), Priority = 9 },
        Needs = FunctionNeeds.State | FunctionNeeds.Timers | FunctionNeeds.ObjectStore | FunctionNeeds.Queue,
        Instances = new() { IdleTimeout = TimeSpan.Zero, ConcurrencyMax = 1 },
        Prefetch = ["k"],
        Actor = new() { MemoryLifetime = TimeSpan.FromSeconds(1), MailboxMax = 1, MemoryBytesMax = 0 },
        Isolation = FunctionIsolation.Process,
    };

    [Fact]
    public void Has_safe_defaults_for_all_that_is_absent()
    {
        FunctionManifest read = CborDecoder.Decode<FunctionManifest>(Pairs((1, w => w.WriteTextString("a")), (2, w => w.WriteTextString("1")),
            (3, w => w.WriteInt32(0)), (4, w => w.WriteByteString(new byte[32]))));
        Assert.Equal((16 * 1024 * 1024, TimeSpan.FromSeconds(2), 20_000_000_000u), (read.Limits.MemoryBytesMax, read.Limits.TimeMax, read.Limits.FuelMax));
        Assert.Equal((new Energy(10), 100, 4), (read.Limits.EnergyPerInvocationMax, read.Limits.InvocationsPerOrbitMax, read.Limits.FanOutMax));
        Assert.Equal((2 * 1024 * 1024, 2 * 1024 * 1024), (read.Limits.InputBytesMax, read.Limits.OutputBytesMax));
        Assert.Equal((65, 30), (read.Constraints.BoardTemperatureMax.Celsius, read.Constraints.StateOfChargeMin.Percent));
        Assert.Equal((TimeSpan.FromMinutes(10), 5, FunctionNeeds.None), (read.Objective.Deadline, read.Objective.Priority, read.Needs));
        Assert.Equal((4 * 1024 * 1024, 100_000, 120, 10, 4), (read.Limits.StateBytesMax, read.Limits.HostCallsMax, read.Limits.LogLinesPerMinuteMax,
            read.Limits.InvocationsPerSecondMax, read.Limits.DepthMax));
        Assert.Equal(("satnode_handle", FunctionIsolation.Shared, null), (read.Handler, read.Isolation, read.Actor));
        Assert.Equal((0, TimeSpan.FromSeconds(60), 4), (read.Instances.KeepWarmMax, read.Instances.IdleTimeout, read.Instances.ConcurrencyMax));
        Assert.Empty(read.Triggers);
        Assert.Empty(read.Prefetch);
    }

    [Fact]
    public void Round_trips_at_both_ends_of_every_range()
    {
        AssertRoundTrips(Least);
        AssertRoundTrips(Full);
        AssertRoundTrips(Least with
        {
            Name = new('z', 63),
            Limits = new()
            {
                MemoryBytesMax = FunctionLimits.MemoryBytesCeiling,
                FuelMax = FunctionLimits.FuelCeiling,
                TimeMax = FunctionLimits.TimeCeiling,
                EnergyPerInvocationMax = FunctionLimits.EnergyCeiling,
                InvocationsPerOrbitMax = FunctionLimits.InvocationsPerOrbitCeiling,
                FanOutMax = FunctionLimits.FanOutCeiling,
                InputBytesMax = FunctionLimits.BytesCeiling,
                OutputBytesMax = FunctionLimits.BytesCeiling,
                StateBytesMax = FunctionLimits.StateBytesCeiling,
                HostCallsMax = FunctionLimits.HostCallsCeiling,
                LogLinesPerMinuteMax = FunctionLimits.LogLinesPerMinuteCeiling,
                InvocationsPerSecondMax = FunctionLimits.InvocationsPerSecondCeiling,
                DepthMax = FunctionLimits.DepthCeiling,
            },
            Constraints = new() { BoardTemperatureMax = Temperature.FromCelsius(85), StateOfChargeMin = new(0) },
            Objective = new() { Deadline = TimeSpan.FromMilliseconds(1), Priority = 0 },
            Needs = FunctionNeeds.State,
            Handler = new('~', 64),
            Instances = new() { KeepWarmMax = 8, IdleTimeout = TimeSpan.FromHours(24), ConcurrencyMax = 16 },
            Prefetch = [.. Enumerable.Range(0, 16).Select(i => new string((char)('a' + i), 128))],
            Actor = new() { MemoryLifetime = TimeSpan.FromHours(24), MailboxMax = 1024, MemoryBytesMax = 65536 },
            Triggers = [new BundleTrigger(999), new ThresholdTrigger("battery.state-of-charge", ThresholdSide.Above, double.MaxValue), new OutputTrigger(new('z', 63))],
        });
    }

    [Fact]
    public void Encodes_to_known_bytes() => Assert.Equal(
        "a90166696e67657374026131030004582000000000000000000000000000000000000000000000000000000000000000000580" // name, version, kind, digest, triggers
            + "06a8011a01000000021b00000004a817c800031a001e8480041927100518640604071a00200000081a00200000" // limits
            + "07821a000528e619012c" // 338.15 K, 300 per mille
            + "08821a000927c005" // 600,000 ms, 5
            + "0900", // no needs
        Convert.ToHexStringLower(Least.Encode()));

    public static TheoryData<string, FunctionManifest> Nonsense() => new()
    {
        { "name: expected 1 to 63 of a-z, 0-9 and inner hyphens, found \"\"", Least with { Name = "" } },
        { "name: expected 1 to 63 of a-z, 0-9 and inner hyphens, found \"Ingest\"", Least with { Name = "Ingest" } },
        { "name: expected 1 to 63 of a-z, 0-9 and inner hyphens, found \"-a\"", Least with { Name = "-a" } },
        { "name: expected 1 to 63 of a-z, 0-9 and inner hyphens, found \"a-\"", Least with { Name = "a-" } },
        { "version: expected 1 to 32 letters, digits, dots, hyphens and plus signs, found \"1 0\"", Least with { Version = "1 0" } },
        { "moduleDigest: expected 32 bytes, found 31", Least with { ModuleDigest = new byte[31] } },
        { "limits.memoryBytesMax: expected 65536 to 67108864, found 65535", Least with { Limits = new() { MemoryBytesMax = 65535 } } },
        { "limits.memoryBytesMax: expected 65536 to 67108864, found 67108865", Least with { Limits = new() { MemoryBytesMax = 67108865 } } },
        { "limits.fuelMax: expected 1 to 1000000000000, found 0", Least with { Limits = new() { FuelMax = 0 } } },
        { "limits.fuelMax: expected 1 to 1000000000000, found 1000000000001", Least with { Limits = new() { FuelMax = 1_000_000_000_001 } } },
        { "limits.timeMax: expected 1 ms to 10 min, found 0 ms", Least with { Limits = new() { TimeMax = TimeSpan.Zero } } },
        { "limits.energyPerInvocationMax: expected 0.001 J to 10000 J, found 0 J", Least with { Limits = new() { EnergyPerInvocationMax = new(0) } } },
        { "limits.energyPerInvocationMax: expected 0.001 J to 10000 J, found 10000.5 J", Least with { Limits = new() { EnergyPerInvocationMax = new(10000.5) } } },
        { "limits.invocationsPerOrbitMax: expected 1 to 10000, found 0", Least with { Limits = new() { InvocationsPerOrbitMax = 0 } } },
        { "limits.fanOutMax: expected 0 to 32, found 33", Least with { Limits = new() { FanOutMax = 33 } } },
        { "limits.inputBytesMax: expected 0 to 16777216, found 16777217", Least with { Limits = new() { InputBytesMax = 16777217 } } },
        { "limits.outputBytesMax: expected 0 to 16777216, found 16777217", Least with { Limits = new() { OutputBytesMax = 16777217 } } },
        { "constraints.boardTemperatureMax: expected -20 to 85 °C, found 85.1 °C", Least with { Constraints = new() { BoardTemperatureMax = Temperature.FromCelsius(85.1) } } },
        { "constraints.soft.coolBoard: expected 0 to 10, found 10.1", Least with { Constraints = new() { Soft = new() { CoolBoard = 10.1 } } } },
        { "constraints.soft.sunlight: expected 0 to 10, found 11", Least with { Constraints = new() { Soft = new() { Sunlight = 11 } } } },
        { "constraints.boardTemperatureMax: expected -20 to 85 °C, found -20.1 °C", Least with { Constraints = new() { BoardTemperatureMax = Temperature.FromCelsius(-20.1) } } },
        { "slo.deadline: expected 1 ms to 24 h, found 0 ms", Least with { Objective = new() { Deadline = TimeSpan.Zero } } },
        { "triggers[0].period: expected 1 s to 24 h, found 0.999 s", Least with { Triggers = [new TimerTrigger(TimeSpan.FromMilliseconds(999))], Needs = FunctionNeeds.Timers } },
        { "needs: expected timers, because a trigger is a timer, found none", Least with { Triggers = [new TimerTrigger(TimeSpan.FromSeconds(1))] } },
        { "triggers[0].latitude: expected -90 to 90 degrees, found 90.5", Least with { Triggers = [new ObservationTrigger(90.5, 0, 1)] } },
        { "triggers[0].longitude: expected -180 to 180 degrees, found -180.5", Least with { Triggers = [new ObservationTrigger(0, -180.5, 1)] } },
        { "triggers[0].radiusKm: expected 1 to 3000, found 0.5", Least with { Triggers = [new ObservationTrigger(0, 0, 0.5)] } },
        { "triggers[0].key: expected 1 to 128 characters, found 0", Least with { Triggers = [new StateTrigger("")] } },
        { "triggers[0].service: expected 100 to 999, found 99", Least with { Triggers = [new BundleTrigger(99)] } },
        { "triggers[0].service: expected 100 to 999, found 1000", Least with { Triggers = [new BundleTrigger(1000)] } },
        { "triggers[0].parameter: expected the name of a telemetry parameter of docs/dictionary.md, found \"board.temp\"",
            Least with { Triggers = [new ThresholdTrigger("board.temp", ThresholdSide.Above, 0)] } },
        { "triggers[0].function: expected 1 to 63 of a-z, 0-9 and inner hyphens, found \"A\"", Least with { Triggers = [new OutputTrigger("A")] } },
        { "limits.stateBytesMax: expected 0 to 67108864, found 67108865", Least with { Limits = new() { StateBytesMax = 67108865 } } },
        { "limits.hostCallsMax: expected 1 to 1000000000, found 0", Least with { Limits = new() { HostCallsMax = 0 } } },
        { "limits.hostCallsMax: expected 1 to 1000000000, found 1000000001", Least with { Limits = new() { HostCallsMax = 1_000_000_001 } } },
        { "limits.logLinesPerMinuteMax: expected 0 to 6000, found 6001", Least with { Limits = new() { LogLinesPerMinuteMax = 6001 } } },
        { "limits.invocationsPerSecondMax: expected 1 to 1000, found 0", Least with { Limits = new() { InvocationsPerSecondMax = 0 } } },
        { "limits.invocationsPerSecondMax: expected 1 to 1000, found 1001", Least with { Limits = new() { InvocationsPerSecondMax = 1001 } } },
        { "limits.depthMax: expected 0 to 16, found 17", Least with { Limits = new() { DepthMax = 17 } } },
        { "handler: expected 1 to 64 printable characters of ASCII, found \"\"", Least with { Handler = "" } },
        { "handler: expected 1 to 64 printable characters of ASCII, found \"a b\"", Least with { Handler = "a b" } },
        { "handler: expected none, because a command is called by _start, found \"x\"", Least with { Kind = FunctionKind.Command, Handler = "x" } },
        { "instances.keepWarmMax: expected 0 to 8, found 9", Least with { Instances = new() { KeepWarmMax = 9 } } },
        { "instances.keepWarmMax: expected 0, because a command ends with its invocation, found 1",
            Least with { Kind = FunctionKind.Command, Instances = new() { KeepWarmMax = 1 } } },
        { "instances.concurrencyMax: expected 1 to 16, found 0", Least with { Instances = new() { ConcurrencyMax = 0 } } },
        { "instances.concurrencyMax: expected 1 to 16, found 17", Least with { Instances = new() { ConcurrencyMax = 17 } } },
        { "needs: expected state, because there are keys to prefetch, found none", Least with { Prefetch = ["a"] } },
        { "prefetch[0]: expected 1 to 128 characters, found 0", Least with { Prefetch = [""], Needs = FunctionNeeds.State } },
        { "actor.memoryLifetime: expected 1 s to 24 h, found 999 ms", Least with { Actor = new() { MemoryLifetime = TimeSpan.FromMilliseconds(999) } } },
        { "actor.mailboxMax: expected 1 to 1024, found 0", Least with { Actor = new() { MailboxMax = 0 } } },
        { "actor.mailboxMax: expected 1 to 1024, found 1025", Least with { Actor = new() { MailboxMax = 1025 } } },
        { "actor.memoryBytesMax: expected 0 to 65536, found 65537", Least with { Actor = new() { MemoryBytesMax = 65537 } } },
    };

    [Theory]
    [MemberData(nameof(Nonsense))]
    public void Refuses_nonsense_before_and_after_the_wire(string fault, FunctionManifest manifest)
    {
        Assert.Equal([fault], manifest.Faults());
        WireFormatException e = Assert.Throws<WireFormatException>(() => CborDecoder.Decode<FunctionManifest>(manifest.Encode()));
        Assert.EndsWith($": {fault}; dropped", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Refuses_what_is_not_a_number()
    {
        Assert.Equal(["limits.energyPerInvocationMax: expected 0.001 J to 10000 J, found NaN J"],
            (Least with { Limits = new() { EnergyPerInvocationMax = new(double.NaN) } }).Faults());
        Assert.Equal(["constraints.boardTemperatureMax: expected -20 to 85 °C, found NaN °C", "constraints.stateOfChargeMin: expected 0 to 100 %, found NaN %"],
            (Least with { Constraints = new() { BoardTemperatureMax = new(double.NaN), StateOfChargeMin = new(double.NaN) } }).Faults());
    }

    [Fact]
    public void Refuses_a_ninth_trigger()
    {
        FunctionManifest eight = Least with { Triggers = [.. Enumerable.Repeat(new CommandTrigger(), 8)] };
        AssertRoundTrips(eight);
        FunctionManifest nine = Least with { Triggers = [.. Enumerable.Repeat(new CommandTrigger(), 9)] };
        Assert.Equal(["triggers: expected at most 8, found 9"], nine.Faults());
        Assert.Throws<WireFormatException>(() => CborDecoder.Decode<FunctionManifest>(nine.Encode()));
    }

    [Theory]
    [InlineData(1, "expected a name, found none")]
    [InlineData(2, "expected a version, found none")]
    [InlineData(3, "expected a kind, found none")]
    [InlineData(4, "expected a module digest, found none")]
    public void Refuses_a_manifest_without_a_required_key(int missing, string reason)
    {
        (uint Key, Action<CborWriter> Write)[] pairs = [(1, w => w.WriteTextString("a")), (2, w => w.WriteTextString("1")), (3, w => w.WriteInt32(0)),
            (4, w => w.WriteByteString(new byte[32]))];
        WireFormatException e = Assert.Throws<WireFormatException>(() => CborDecoder.Decode<FunctionManifest>(Pairs([.. pairs.Where(p => p.Key != missing)])));
        Assert.Contains(reason, e.Message, StringComparison.Ordinal);
    }

    // Every byte changed to every other value, and every cut: decodes to something valid or is refused, and nothing else.
    [Fact]
    public void Survives_all_damage_of_one_byte_and_every_cut()
    {
        byte[] whole = Full.Encode();
        for (int at = 0; at < whole.Length; at++)
        {
            AssertRefused(whole[..at]);
            for (int value = 0; value < 256; value++)
            {
                byte[] damaged = [.. whole];
                damaged[at] = (byte)value;
                try
                {
                    Assert.Empty(CborDecoder.Decode<FunctionManifest>(damaged).Faults());
                }
                catch (WireFormatException)
                {
                    // refused, as it should be
                }
            }
        }
    }

    private static void AssertRefused(byte[] encoded) => Assert.Throws<WireFormatException>(() => CborDecoder.Decode<FunctionManifest>(encoded));

    private static void AssertRoundTrips(FunctionManifest manifest)
    {
        Assert.Empty(manifest.Faults());
        byte[] encoded = manifest.Encode();
        FunctionManifest read = CborDecoder.Decode<FunctionManifest>(encoded);
        Assert.Equal(encoded, read.Encode());
        Assert.Equal(manifest.Triggers, read.Triggers);
        Assert.Equal((manifest.Name, manifest.Version, manifest.Kind, manifest.Needs), (read.Name, read.Version, read.Kind, read.Needs));
        Assert.Equal((manifest.Limits, manifest.Objective), (read.Limits, read.Objective));
        Assert.Equal((manifest.Handler, manifest.Instances, manifest.Actor, manifest.Isolation), (read.Handler, read.Instances, read.Actor, read.Isolation));
        Assert.Equal(manifest.Prefetch, read.Prefetch);
        Assert.Equal(manifest.Constraints.BoardTemperatureMax.Kelvin, read.Constraints.BoardTemperatureMax.Kelvin, 0.0005);
        Assert.Equal((manifest.Constraints.StateOfChargeMin, manifest.Constraints.Soft), (read.Constraints.StateOfChargeMin, read.Constraints.Soft));
    }

    private static byte[] Pairs(params ReadOnlySpan<(uint Key, Action<CborWriter> Write)> pairs)
    {
        var writer = new CborWriter();
        writer.WriteStartMap(pairs.Length);
        foreach ((uint key, Action<CborWriter> write) in pairs)
        {
            writer.WriteUInt32(key);
            write(writer);
        }
        writer.WriteEndMap();
        return writer.Encode();
    }
}
