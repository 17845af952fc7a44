namespace SatNode.Flight.Housekeeping;

/// <summary>What monitoring has found of a parameter; below 0 under a limit, above 0 over one.</summary>
internal enum MonitoringState
{
    HardLow = -2,
    SoftLow = -1,
    Nominal = 0,
    SoftHigh = 1,
    HardHigh = 2,
    Stale = 3,
}
