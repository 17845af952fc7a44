namespace SatNode.Orbit.Propagation;

/// <summary>The functions of inclination in the periodic terms: constant near the Earth, moving with the Moon and the Sun in deep space.</summary>
internal readonly struct InclinationTerms
{
    private const double NearlyRetrogradeEquatorial = 1.5e-12;

    internal InclinationTerms(double sinI, double cosI)
    {
        double cos2 = cosI * cosI;
        double onePlusCos = Math.Abs(cosI + 1.0) > NearlyRetrogradeEquatorial ? 1.0 + cosI : NearlyRetrogradeEquatorial;
        SinI = sinI;
        CosI = cosI;
        ThreeCosI2Minus1 = (3.0 * cos2) - 1.0;
        OneMinusCosI2 = 1.0 - cos2;
        SevenCosI2Minus1 = (7.0 * cos2) - 1.0;
        LongPeriodY = -0.5 * Wgs72.J3OverJ2 * sinI;
        LongPeriodLongitude = -0.25 * Wgs72.J3OverJ2 * sinI * (3.0 + (5.0 * cosI)) / onePlusCos;
    }

    internal double SinI { get; }
    internal double CosI { get; }
    internal double ThreeCosI2Minus1 { get; }
    internal double OneMinusCosI2 { get; }
    internal double SevenCosI2Minus1 { get; }
    internal double LongPeriodY { get; }
    internal double LongPeriodLongitude { get; }
}
