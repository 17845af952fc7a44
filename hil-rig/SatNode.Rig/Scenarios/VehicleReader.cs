using SatNode.Rig.Scenarios.Yaml;
using SatNode.Rig.World;

namespace SatNode.Rig.Scenarios;

/// <summary>Reads what a satellite is built of; what is not told is taken from a given vehicle.</summary>
internal static class VehicleReader
{
    private static readonly string[] Attitudes = ["constant", "nadir", "sun", "tumbling"]; // AttitudeMode, by its numbers

    /// <summary>Reads the vehicle's keys of a map.</summary>
    /// <param name="map">The map.</param>
    /// <param name="basis">Where values come from that are not told.</param>
    /// <param name="close">True when the map has no other keys.</param>
    public static VehicleSpec Read(YamlMap map, VehicleSpec basis, bool close)
    {
        VehicleSpec told = basis;
        if (map.Find("preset")?.AsOneOf([.. SatellitePresets.Satellites]) is { } preset && SatellitePresets.Satellite(preset) is { } satellite)
            basis = VehicleSpec.Of(satellite) with { StateOfChargeReserve = told.StateOfChargeReserve, HousekeepingPeriodSeconds = told.HousekeepingPeriodSeconds };
        if (map.Find("board")?.AsOneOf([.. SatellitePresets.Boards]) is { } board && SatellitePresets.WithBoard(board, basis.Satellite) is { } withBoard)
            basis = basis with { Satellite = withBoard, BoardCores = withBoard.BoardCores, BoardIdleWatts = withBoard.BoardIdleWatts, BoardCoreWatts = withBoard.BoardCoreWatts };
        if (map.Find("attitude")?.AsOneOf(Attitudes) is { } attitude && Enum.TryParse(attitude, ignoreCase: true, out AttitudeMode mode))
            basis = basis with { Satellite = basis.Satellite with { Attitude = mode } };
        basis = basis with
        {
            Satellite = basis.Satellite with
            {
                BoardStructureWattsPerKelvin = map.Find("boardStructureWattsPerKelvin")?.AsNumber(0.001, 100) ?? basis.Satellite.BoardStructureWattsPerKelvin,
                TransmitterWatts = map.Find("transmitterWatts")?.AsNumber(0, 1000) ?? basis.Satellite.TransmitterWatts,
            },
        };
        VehicleSpec vehicle = basis with
        {
            StateOfChargeInitial = map.Find("stateOfChargeInitial")?.AsNumber(0, 1) ?? basis.StateOfChargeInitial,
            StateOfChargeReserve = map.Find("stateOfChargeReserve")?.AsNumber(0, 0.99) ?? basis.StateOfChargeReserve,
            BoardTemperatureCelsius = map.Find("boardTemperatureCelsius")?.AsNumber(-60, 120) ?? basis.BoardTemperatureCelsius,
            StructureTemperatureCelsius = map.Find("structureTemperatureCelsius")?.AsNumber(-100, 120) ?? basis.StructureTemperatureCelsius,
            BatteryCapacityWattHours = map.Find("batteryCapacityWattHours")?.AsNumber(1, 10_000) ?? basis.BatteryCapacityWattHours,
            BatteryCapacityMilliampereHours = map.Find("batteryCapacityMilliampereHours")?.AsNumber(100, 1_000_000) ?? basis.BatteryCapacityMilliampereHours,
            SolarPeakWatts = map.Find("solarPeakWatts")?.AsNumber(0, 5000) ?? basis.SolarPeakWatts,
            AttitudeFactor = map.Find("attitudeFactor")?.AsNumber(0, 1) ?? basis.AttitudeFactor,
            BaselineWatts = map.Find("baselineWatts")?.AsNumber(0, 1000) ?? basis.BaselineWatts,
            BoardIdleWatts = map.Find("boardIdleWatts")?.AsNumber(0, 100) ?? basis.BoardIdleWatts,
            BoardCores = (int)(map.Find("boardCores")?.AsInteger(1, 64) ?? basis.BoardCores),
            BoardCoreWatts = map.Find("boardCoreWatts")?.AsNumber(0, 100) ?? basis.BoardCoreWatts,
            HousekeepingPeriodSeconds = (int)(map.Find("housekeepingPeriodSeconds")?.AsInteger(1, 3600) ?? basis.HousekeepingPeriodSeconds),
        };
        if (map.Find("attitudeFactor") is { } factor && vehicle.Attitude != AttitudeMode.Constant)
            factor.Fault($"expected a constant attitude, found {Attitudes[(int)vehicle.Attitude]}; its geometry says what the array gives");
        if (close)
            map.Close();
        return vehicle;
    }
}
