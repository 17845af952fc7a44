using SatNode.Flight.Housekeeping;
using SatNode.Flight.Sensors;
using SatNode.Protocol.Cbor;
using SatNode.Protocol.Dictionary;
using HousekeepingBody = SatNode.Protocol.Telemetry.Housekeeping;

namespace SatNode.Flight.Tests.Housekeeping;

public sealed class HousekeepingCollectorTests
{
    private static readonly AgentFacts Facts = new()
    {
        SunFraction = new(8),
        LatitudeDegrees = 9,
        LongitudeDegrees = 10,
        AltitudeMetres = 11,
        ForecastPeak = new(12),
        ForecastLowestCharge = new(13),
        CpuTime = TimeSpan.FromSeconds(14),
        ResidentMemory = 15,
        OutboxDepth = 16,
        OutboxDropped = 17,
        FunctionsRunning = 18,
        FunctionsQueued = 19,
        LinksUp = 20,
        BundlesStored = 21,
        SensorFailures = 22,
        Mode = OperatingMode.Safe,
        ModeReasons = (ModeReasons)38,
        TickSlips = 24,
        StateLocalHits = 25,
        StateRemoteHits = 26,
        FunctionEnergy = new(27),
        BootSlot = 28,
        SlotTrial = 29,
        WatchdogResets = 30,
        DutyCycle = 36,
        FunctionsSuspended = 37,
        Energy = new(new(39), new(40), new(41), new(42), new(43)),
        ForecastPeakForeseen = new(44),
        ForecastPeakCame = new(45),
        ForecastChargeError = 46,
        ForecastLeastPower = new(47),
        StateOfChargeSigma = new(48),
        SensorsGroup = new(49, TimeSpan.FromSeconds(50)),
        ModelGroup = new(51, TimeSpan.FromSeconds(52)),
        HousekeepingGroup = new(53, TimeSpan.FromSeconds(54)),
        SchedulerGroup = new(55, TimeSpan.FromSeconds(56)),
    };

    private static readonly SensorReadings Readings = new()
    {
        Time = new(1),
        Board = new(1),
        Structure = new(2),
        StateOfCharge = new(3),
        BatteryVoltage = new(4),
        BatteryCurrent = new(5),
        Solar = new(6),
        BoardPower = new(7),
        Panel = new(31),
        Battery = new(32),
        BatteryRail = new(33),
        Loads = new(34),
        ClockOffsetSeconds = 35,
    };

    [Fact] // each fact is given its parameter's number, but for the mode, which is 1
    public void Every_parameter_of_the_dictionary_is_in_its_place()
    {
        HousekeepingBody housekeeping = CborDecoder.Decode<HousekeepingBody>(HousekeepingCollector.Collect(Readings, Facts).Encode());
        Assert.Equal(Parameters.All.Count, housekeeping.Samples.Count);
        Assert.All(housekeeping.Samples, sample => Assert.Equal(sample.ParameterId == Parameters.Mode.Id ? 1 : sample.ParameterId, sample.Value));
    }

    [Fact]
    public void What_is_unknown_is_left_out()
    {
        HousekeepingBody housekeeping = HousekeepingCollector.Collect(SensorReadings.Unknown(new(1)), Facts with { ForecastPeak = new(double.NaN) });
        Assert.Equal(Parameters.All.Count - 13, housekeeping.Samples.Count);
        Assert.Null(housekeeping.Find(Parameters.BoardTemperature));
        Assert.Null(housekeeping.Find(Parameters.ForecastPeakTemperature));
    }
}
