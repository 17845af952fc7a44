using SatNode.Flight.Sensors;
using SatNode.Protocol.Dictionary;
using SatNode.Protocol.Telemetry;

namespace SatNode.Flight.Housekeeping;

/// <summary>Makes housekeeping of readings and facts: every parameter of the dictionary, by rising number; what is unknown is left out.</summary>
public static class HousekeepingCollector
{
    /// <summary>Makes one record's body.</summary>
    public static Protocol.Telemetry.Housekeeping Collect(in SensorReadings readings, in AgentFacts facts)
    {
        var samples = new List<ParameterSample>(Parameters.All.Count);
        Add(samples, Parameters.BoardTemperature, readings.Board.Kelvin);
        Add(samples, Parameters.StructureTemperature, readings.Structure.Kelvin);
        Add(samples, Parameters.StateOfCharge, readings.StateOfCharge.Value);
        Add(samples, Parameters.BatteryVoltage, readings.BatteryVoltage.Volts);
        Add(samples, Parameters.BatteryCurrent, readings.BatteryCurrent.Amperes);
        Add(samples, Parameters.SolarPower, readings.Solar.Watts);
        Add(samples, Parameters.BoardPower, readings.BoardPower.Watts);
        Add(samples, Parameters.SunFraction, facts.SunFraction.Value);
        Add(samples, Parameters.Latitude, facts.LatitudeDegrees);
        Add(samples, Parameters.Longitude, facts.LongitudeDegrees);
        Add(samples, Parameters.Altitude, facts.AltitudeMetres);
        Add(samples, Parameters.ForecastPeakTemperature, facts.ForecastPeak.Kelvin);
        Add(samples, Parameters.ForecastLowestCharge, facts.ForecastLowestCharge.Value);
        Add(samples, Parameters.CpuTime, facts.CpuTime.TotalSeconds);
        Add(samples, Parameters.ResidentMemory, facts.ResidentMemory);
        Add(samples, Parameters.OutboxDepth, facts.OutboxDepth);
        Add(samples, Parameters.OutboxDropped, facts.OutboxDropped);
        Add(samples, Parameters.FunctionsRunning, facts.FunctionsRunning);
        Add(samples, Parameters.FunctionsQueued, facts.FunctionsQueued);
        Add(samples, Parameters.LinksUp, facts.LinksUp);
        Add(samples, Parameters.BundlesStored, facts.BundlesStored);
        Add(samples, Parameters.SensorFailures, facts.SensorFailures);
        Add(samples, Parameters.Mode, (double)facts.Mode);
        Add(samples, Parameters.TickSlips, facts.TickSlips);
        Add(samples, Parameters.StateLocalHits, facts.StateLocalHits);
        Add(samples, Parameters.StateRemoteHits, facts.StateRemoteHits);
        Add(samples, Parameters.FunctionEnergy, facts.FunctionEnergy.Joules);
        Add(samples, Parameters.BootSlot, facts.BootSlot);
        Add(samples, Parameters.SlotTrial, facts.SlotTrial);
        Add(samples, Parameters.WatchdogResets, facts.WatchdogResets);
        Add(samples, Parameters.PanelTemperature, readings.Panel.Kelvin);
        Add(samples, Parameters.BatteryTemperature, readings.Battery.Kelvin);
        Add(samples, Parameters.BatteryPower, readings.BatteryRail.Watts);
        Add(samples, Parameters.LoadPower, readings.Loads.Watts);
        Add(samples, Parameters.ClockOffset, readings.ClockOffsetSeconds);
        Add(samples, Parameters.DutyCycle, facts.DutyCycle);
        Add(samples, Parameters.FunctionsSuspended, facts.FunctionsSuspended);
        Add(samples, Parameters.ModeReason, (double)facts.ModeReasons);
        Add(samples, Parameters.EnergyFunctions, facts.Energy.Functions.Joules);
        Add(samples, Parameters.EnergyAgent, facts.Energy.Agent.Joules);
        Add(samples, Parameters.EnergyLinks, facts.Energy.Links.Joules);
        Add(samples, Parameters.EnergyIdle, facts.Energy.Idle.Joules);
        Add(samples, Parameters.EnergyMeasured, facts.Energy.Measured.Joules);
        Add(samples, Parameters.ForecastPeakForeseen, facts.ForecastPeakForeseen.Kelvin);
        Add(samples, Parameters.ForecastPeakCame, facts.ForecastPeakCame.Kelvin);
        Add(samples, Parameters.ForecastChargeError, facts.ForecastChargeError);
        Add(samples, Parameters.ForecastLeastPower, facts.ForecastLeastPower.Watts);
        Add(samples, Parameters.StateOfChargeSigma, facts.StateOfChargeSigma.Value);
        Add(samples, Parameters.SensorsOverruns, Parameters.SensorsLongest, facts.SensorsGroup);
        Add(samples, Parameters.ModelOverruns, Parameters.ModelLongest, facts.ModelGroup);
        Add(samples, Parameters.HousekeepingOverruns, Parameters.HousekeepingLongest, facts.HousekeepingGroup);
        Add(samples, Parameters.SchedulerOverruns, Parameters.SchedulerLongest, facts.SchedulerGroup);
        return new(samples);
    }

    private static void Add(List<ParameterSample> samples, ParameterDefinition parameter, double value)
    {
        if (double.IsFinite(value))
            samples.Add(new(parameter.Id, value));
    }

    private static void Add(List<ParameterSample> samples, ParameterDefinition overruns, ParameterDefinition longest, RateGroupFacts group)
    {
        Add(samples, overruns, group.Overruns);
        Add(samples, longest, group.Longest.TotalSeconds);
    }
}
