using SatNode.Flight.Sensors;
using SatNode.Protocol.Quantities;

namespace SatNode.Flight.Model;

/// <summary>State of charge by counting, corrected by voltage. What the coulomb counter (or, where there is none, the integrated current) moved is
/// believed from sample to sample; where charge stands is believed to the extent that voltage less I·R agrees. A Kalman filter over three unknowns: the
/// charge, how far this battery's curve lies beside the typical one (it forgets that as charge moves along the curve, so one place of the curve never
/// decides alone), and the current sensor's offset. A flat curve and a large current weigh little by themselves. A counter that jumps keeps the charge.
/// Allocates nothing after construction.</summary>
/// <remarks>Source: G. L. Plett, Extended Kalman filtering for battery management systems, part 3, J. Power Sources 134 (2004), with the voltage's error
/// as a state of its own.</remarks>
public sealed class ChargeEstimator
{
    private const double CounterSigma = 0.008; // where the counter stands at boot
    private const double VoltageSigma = 0.10; // where only the voltage tells
    private const double LostSigma = 0.25;
    private const double CountErrorShare = 0.02; // of what is counted, the same over
    private const double CountErrorReach = 0.1; // this much charge
    private const double CellErrorVolts = 0.03; // between makes and ages of one chemistry
    private const double GaugeErrorVolts = 0.04; // with a gauge that knows its voltage within 1.3 % (LTC2944), where no monitor within 0.1 % (INA226) tells
    private const double CurveReach = 0.25; // charge over which the curve's error keeps its sign
    private const double SampleNoiseVolts = 0.02;
    private const double PolarisationShare = 0.3; // of I·R: what a cell does after minutes, beyond the drop that a step shows
    private const double OffsetSigmaAmperes = 0.02;
    private const double OffsetWalkAmperesPerHour = 0.002;
    private const double StepAmperes = 0.3; // a change of current that shows the resistance
    private const double VoltageIntervalSeconds = 30; // what disturbs a voltage lasts longer than a sample
    private const double MaxGapSeconds = 60; // within which current may be integrated
    private const double JumpShare = 0.01;
    private const double MaxRatePerHour = 2; // no battery here moves faster than 2 C
    private const double BlindRatePerHour = 0.2; // what may have gone while neither counter nor current told
    private const double GateSigmas = 3;
    private const int OutliersToDoubt = 6;

    private readonly double _ampereHours;
    private double _curveSigma;
    private readonly CellCurve _curve;
    private readonly ParameterFilter _ohms = new([(0.1, 0.08, 0.005, 2)], noise: 0.04, driftPerUpdate: 0.02);
    private bool _isCounted; // the counter has told where it stands
    private double _charge = double.NaN;
    private double _curveError;
    private double _offset;
    private double _p00, _p01, _p02, _p11, _p12, _p22; // the covariance of charge, curve's error, offset
    private double _lastCounter = double.NaN;
    private double _lastAmperes = double.NaN;
    private double _lastVolts = double.NaN;
    private double _lastMilliseconds = double.NaN;
    private double _sinceVoltage;
    private double _movedSinceCounter;
    private double _blindSeconds; // since the counter last told, with no current either
    private double _blindVariance;
    private int _outliers;

    /// <summary>Creates an estimator.</summary>
    /// <param name="capacity">The battery's energy, above 0; with <paramref name="ampereHours"/> it tells how many cells are in series.</param>
    /// <param name="ampereHours">The battery's charge, Ah, above 0; null where it is not known: then the counter is believed as it is.</param>
    public ChargeEstimator(Energy capacity, double? ampereHours)
    {
        if (ampereHours is { } given && !(given > 0))
            throw new ArgumentOutOfRangeException(nameof(ampereHours), ampereHours, "expected a charge above 0 Ah");
        _ampereHours = ampereHours ?? double.NaN;
        _curve = new(ampereHours is null ? 1 : capacity.WattHours / _ampereHours);
        _curveSigma = GaugeErrorVolts * _curve.Cells;
    }

    /// <summary>The estimate, 0 to 1; NaN while neither counter nor current tells.</summary>
    public Ratio Charge { get; private set; } = new(double.NaN);

    /// <summary>One standard deviation of <see cref="Charge"/>; NaN with it, and 0 where the counter is believed as it is.</summary>
    public Ratio Sigma => new(double.IsNaN(Charge.Value) ? double.NaN : double.IsNaN(_ampereHours) ? 0 : Math.Sqrt(_p00));

    /// <summary>Charge counted since the start, as a share of the capacity, without the corrections by voltage.</summary>
    public double Counted { get; private set; }

    /// <summary>The battery's resistance as steps of the current show it, Ω.</summary>
    public double Ohms => _ohms[0];

    /// <summary>The offset found in the current sensor.</summary>
    public ElectricCurrent CurrentOffset => new(_offset);

    /// <summary>Jumps of the counter that were not followed.</summary>
    public int CounterJumps { get; private set; }

    /// <summary>Takes a sample; <see cref="SensorReadings.StateOfCharge"/> is the counter's.</summary>
    public void Update(in SensorReadings readings)
    {
        double seconds = (readings.Time.Milliseconds - _lastMilliseconds) / 1000;
        double counter = readings.StateOfCharge.Value, amperes = readings.BatteryCurrent.Amperes;
        bool isMonitored = readings.BatteryRailVoltage.Volts > 0;
        double volts = (isMonitored ? readings.BatteryRailVoltage : readings.BatteryVoltage).Volts;
        _curveSigma = (isMonitored ? CellErrorVolts : GaugeErrorVolts) * _curve.Cells;
        if (double.IsNaN(_ampereHours))
        {
            Counted += double.IsFinite(counter - _lastCounter) ? counter - _lastCounter : 0;
            (_lastCounter, Charge) = (counter, readings.StateOfCharge);
            return;
        }
        bool isTold = double.IsFinite(counter) || double.IsFinite(amperes);
        if (double.IsNaN(_charge) || (!_isCounted && double.IsFinite(counter))) // a counter that answers late knows more than the voltage did
            Begin(counter, amperes, volts);
        else if (seconds > 0)
            Move(counter, amperes, seconds);
        FindResistance(amperes, volts, seconds);
        _sinceVoltage += seconds > 0 ? seconds : 0;
        if (double.IsFinite(counter))
            (_lastCounter, _movedSinceCounter, _blindSeconds, _blindVariance) = (counter, 0, 0, 0);
        if (!double.IsNaN(_charge) && _sinceVoltage >= VoltageIntervalSeconds)
            Correct(amperes, volts);
        (_lastAmperes, _lastVolts, _lastMilliseconds) = (amperes, volts, readings.Time.Milliseconds);
        Charge = new(isTold ? _charge : double.NaN);
    }

    private void Begin(double counter, double amperes, double volts)
    {
        _isCounted = double.IsFinite(counter);
        _charge = _isCounted ? counter : _curve.Charge(volts - (amperes * Ohms));
        double sigma = _isCounted ? CounterSigma : VoltageSigma;
        (_p00, _p01, _p02, _p11, _p12, _p22) = (sigma * sigma, 0, 0, _curveSigma * _curveSigma, 0, OffsetSigmaAmperes * OffsetSigmaAmperes);
    }

    /// <summary>Follows what was counted since the last sample; a counter that was silent tells all of its silence that the current did not.</summary>
    private void Move(double counter, double amperes, double seconds)
    {
        double perAmpere = seconds / 3600 / _ampereHours;
        double byCurrent = seconds <= MaxGapSeconds ? (double.IsFinite(_lastAmperes) ? (amperes + _lastAmperes) / 2 : amperes) * perAmpere : double.NaN;
        bool isAtStop = counter is <= 0 or >= 1; // where it does not count
        double byCounter = isAtStop ? double.NaN : counter - _lastCounter - _movedSinceCounter;
        if (IsJump(byCounter, byCurrent, seconds))
        {
            CounterJumps++;
            byCounter = double.NaN;
        }
        double moved = double.IsFinite(byCounter) ? byCounter : byCurrent;
        if (double.IsFinite(byCounter))
        {
            _p00 = Math.Max(1e-8, _p00 - _blindVariance);
        }
        else if (!double.IsFinite(moved))
        {
            moved = 0;
            _blindSeconds += isAtStop ? 0 : seconds;
            double lost = BlindRatePerHour * _blindSeconds / 3600;
            _p00 += Math.Max(0, (lost * lost) - _blindVariance);
            _blindVariance = Math.Max(_blindVariance, lost * lost);
        }
        _movedSinceCounter += moved;
        Counted += moved;
        _charge = Math.Clamp(_charge + moved - (_offset * perAmpere), 0, 1);

        double keep = Math.Exp(-Math.Abs(moved) / CurveReach);
        double forgotten = _curveSigma * _curveSigma * (1 - (keep * keep));
        double offsetWalk = OffsetWalkAmperesPerHour * OffsetWalkAmperesPerHour * seconds / 3600;
        _p00 += (-2 * perAmpere * _p02) + (perAmpere * perAmpere * _p22) + (CountErrorShare * CountErrorShare * CountErrorReach * Math.Abs(moved));
        _p01 = keep * (_p01 - (perAmpere * _p12));
        _p02 -= perAmpere * _p22;
        _p11 = (keep * keep * _p11) + forgotten;
        _p12 *= keep;
        _p22 = Math.Min(_p22 + offsetWalk, OffsetSigmaAmperes * OffsetSigmaAmperes);
        _curveError *= keep;
    }

    private bool IsJump(double byCounter, double byCurrent, double seconds)
    {
        double expected = double.IsFinite(byCurrent) ? byCurrent : 0;
        double possible = MaxRatePerHour * (double.IsFinite(byCurrent) ? _blindSeconds : _blindSeconds + seconds) / 3600;
        return Math.Abs(byCounter - expected) > JumpShare + Math.Abs(expected) + possible; // NaN is none
    }

    private void FindResistance(double amperes, double volts, double seconds)
    {
        double step = amperes - _lastAmperes;
        if (seconds is > 0 and <= MaxGapSeconds && Math.Abs(step) >= StepAmperes)
            _ohms.Update([step], volts - _lastVolts);
    }

    private void Correct(double amperes, double volts)
    {
        (double open, double slope) = _curve.At(_charge);
        double drop = amperes * Ohms;
        double innovation = volts - drop - open - _curveError;
        if (!double.IsFinite(innovation))
            return;
        _sinceVoltage = 0;
        if (_blindSeconds > 0)
            (_lastCounter, _movedSinceCounter, _blindSeconds, _blindVariance) = (double.NaN, 0, 0, 0); // voltage tells of the gap; told twice it would count twice
        double noise = (SampleNoiseVolts * SampleNoiseVolts) + (PolarisationShare * PolarisationShare * drop * drop);
        double g0 = (slope * _p00) + _p01, g1 = (slope * _p01) + _p11, g2 = (slope * _p02) + _p12;
        double variance = (slope * g0) + g1 + noise;
        if (!(innovation * innovation <= GateSigmas * GateSigmas * variance))
        {
            if (++_outliers < OutliersToDoubt)
                return;
            (_p00, _p01, _p02, _p11, _p12) = (LostSigma * LostSigma, 0, 0, _curveSigma * _curveSigma, 0); // the count is lost: voltage decides
            (g0, g1, g2) = (slope * _p00, _p11, 0);
            variance = (slope * g0) + g1 + noise;
            innovation += _curveError;
            _curveError = 0;
        }
        _outliers = 0;
        (double k0, double k1, double k2) = (g0 / variance, g1 / variance, g2 / variance);
        _charge = Math.Clamp(_charge + (k0 * innovation), 0, 1);
        _curveError += k1 * innovation;
        _offset = Math.Clamp(_offset + (k2 * innovation), -3 * OffsetSigmaAmperes, 3 * OffsetSigmaAmperes);
        _p00 = Math.Max(1e-8, _p00 - (k0 * g0));
        _p01 -= k0 * g1;
        _p02 -= k0 * g2;
        _p11 = Math.Max(1e-8, _p11 - (k1 * g1));
        _p12 -= k1 * g2;
        _p22 = Math.Max(1e-12, _p22 - (k2 * g2));
    }
}
