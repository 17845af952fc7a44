using SatNode.Rig.Scenarios.Yaml;

namespace SatNode.Rig.Scenarios;

/// <summary>Reads what a satellite is built of; what is not told is taken from a given vehicle.</summary>
internal static class VehicleReader
{
    /// <summary>Reads the vehicle's keys of a map.</summary>
    /// <param name="map">The map.</param>
    /// <param name="from">Where values come from that are not told.</param>
    /// <param name="close">True when the map has no other keys.</param>
    public static VehicleSpec Read(YamlMap map, VehicleSpec from, bool close)
    {
        var vehicle = new VehicleSpec
        {
            StateOfChargeInitial = map.Find("stateOfChargeInitial")?.AsNumber(0, 1) ?? from.StateOfChargeInitial,
            StateOfChargeReserve = map.Find("stateOfChargeReserve")?.AsNumber(0, 0.99) ?? from.StateOfChargeReserve,
            BoardTemperatureCelsius = map.Find("boardTemperatureCelsius")?.AsNumber(-60, 120) ?? from.BoardTemperatureCelsius,
            StructureTemperatureCelsius = map.Find("structureTemperatureCelsius")?.AsNumber(-100, 120) ?? from.StructureTemperatureCelsius,
            BatteryCapacityWattHours = map.Find("batteryCapacityWattHours")?.AsNumber(1, 10_000) ?? from.BatteryCapacityWattHours,
            BatteryCapacityMilliampereHours = map.Find("batteryCapacityMilliampereHours")?.AsNumber(100, 1_000_000) ?? from.BatteryCapacityMilliampereHours,
            SolarPeakWatts = map.Find("solarPeakWatts")?.AsNumber(0, 5000) ?? from.SolarPeakWatts,
            AttitudeFactor = map.Find("attitudeFactor")?.AsNumber(0, 1) ?? from.AttitudeFactor,
            BaselineWatts = map.Find("baselineWatts")?.AsNumber(0, 1000) ?? from.BaselineWatts,
            BoardIdleWatts = map.Find("boardIdleWatts")?.AsNumber(0, 100) ?? from.BoardIdleWatts,
            BoardCores = (int)(map.Find("boardCores")?.AsInteger(1, 64) ?? from.BoardCores),
            BoardCoreWatts = map.Find("boardCoreWatts")?.AsNumber(0, 100) ?? from.BoardCoreWatts,
            HousekeepingPeriodSeconds = (int)(map.Find("housekeepingPeriodSeconds")?.AsInteger(1, 3600) ?? from.HousekeepingPeriodSeconds),
        };
        if (close)
            map.Close();
        return vehicle;
    }
}
