using SatNode.Flight.Sensors;
using SatNode.Protocol.Quantities;

namespace SatNode.Flight.Model;

/// <summary>State of charge by counting, corrected by voltage. What the coulomb counter (or, where it is silent, the integrated current) moved is believed from sample to sample; where charge stands is believed
/// to the extent that voltage less I·R agrees. Voltage and current are those of the battery's monitor, of one moment; a board without one believes the counter as it is. A Kalman filter over four unknowns: the
/// charge; how far this battery's curve lies beside the typical one, all over and here (the second is forgotten as charge moves along the curve, so one place of the curve never decides alone); and the
/// current sensor's offset. A flat curve and a large current weigh little by themselves. A counter that jumps keeps the charge. Allocates nothing after construction.</summary>
/// <remarks>Source: G. L. Plett, Extended Kalman filtering for battery management systems, part 3, J. Power Sources 134 (2004), with the voltage's error
/// as states of its own.</remarks>
public sealed class ChargeEstimator
{
    private const double CounterSigma = 0.008; // where the counter stands at boot
    private const double VoltageSigma = 0.10; // where only the voltage tells
    private const double LostSigma = 0.25;
    private const double CountErrorShare = 0.02; // of what is counted, the same over
    private const double CountErrorReach = 0.1; // this much charge
    private const double CellShiftVolts = 0.025; // all over the curve, between makes and ages of one chemistry
    private const double CellTiltVolts = 0.10; // from empty to full
    private const double CellBendVolts = 0.015; // from place to place
    private const double BendReach = 0.15; // charge over which that keeps its sign
    private const double TiltCentre = 0.6;
    private const double ShiftWalk = 0.1; // of both, relearnt with each full charge that moved: what a battery's warmth and age do
    private const double SampleNoiseVolts = 0.02;
    private const double PolarisationShare = 0.3; // of I·R: what a cell does after minutes, beyond the drop that a step shows
    private const double OffsetSigmaAmperes = 0.01;
    private const double OffsetWalkAmperesPerHour = 0.002;
    private const double StepAmperes = 0.3; // a change of current that shows the resistance
    private const double VoltageIntervalSeconds = 30; // what disturbs a voltage lasts longer than a sample
    private const double MaxGapSeconds = 60; // within which current may be integrated
    private const double JumpShare = 0.01;
    private const double MaxRatePerHour = 2; // no battery here moves faster than 2 C
    private const double BlindRatePerHour = 0.2; // what may have gone while neither counter nor current told
    private const double GateSigmas = 3;
    private const int OutliersToDoubt = 20;

    private const int Place = 0; // of the states: charge
    private const int Shift = 1; // the curve's error all over, V
    private const int Tilt = 2; // and from empty to full, V
    private const int Bend = 3; // and here, V
    private const int Offset = 4; // of the current sensor, A
    private const int States = 5;

    private readonly double _ampereHours;
    private readonly CellCurve _curve;
    private readonly double[] _initialVariance = [0, 0, 0, 0, OffsetSigmaAmperes * OffsetSigmaAmperes];
    private readonly double[] _state = new double[States];
    private readonly double[,] _covariance = new double[States, States];
    private readonly ParameterFilter _ohms = new([(0.1, 0.08, 0.005, 2)], noise: 0.04, driftPerUpdate: 0.02);
    private bool _isMonitored; // voltage and current of one moment have come
    private bool _isCounted; // the counter has told where it stands
    private bool _hasBegun;
    private bool _isByVoltage; // where charge stands only voltage told
    private double _curveVariance; // of a charge that only voltage told: what the curve leaves open
    private double _lastCounter = double.NaN;
    private double _lastAmperes = double.NaN;
    private double _lastStepAmperes = double.NaN;
    private double _lastVolts = double.NaN;
    private double _lastMilliseconds = double.NaN;
    private double _sinceVoltage;
    private double _movedSinceCounter;
    private double _blindSeconds; // since the counter last told, with no current either
    private double _blindVariance;
    private int _outliers;

    /// <summary>Creates an estimator.</summary>
    /// <param name="capacity">The battery's energy, above 0; with <paramref name="ampereHours"/> it tells how many cells are in series, and where their curve lies.</param>
    /// <param name="ampereHours">The battery's charge, Ah, above 0; null where it is not known: then the counter is believed as it is.</param>
    public ChargeEstimator(Energy capacity, double? ampereHours)
    {
        if (ampereHours is { } given && !(given > 0))
            throw new ArgumentOutOfRangeException(nameof(ampereHours), ampereHours, "expected a charge above 0 Ah");
        _ampereHours = ampereHours ?? double.NaN;
        _curve = new(ampereHours is null ? 1 : capacity.WattHours / _ampereHours);
        _initialVariance[Shift] = Square(CellShiftVolts * _curve.Cells);
        _initialVariance[Tilt] = Square(CellTiltVolts * _curve.Cells);
        _initialVariance[Bend] = Square(CellBendVolts * _curve.Cells);
    }

    /// <summary>The estimate, 0 to 1; NaN while neither counter nor current tells.</summary>
    public Ratio Charge { get; private set; } = new(double.NaN);

    /// <summary>One standard deviation of <see cref="Charge"/>; NaN with it, and 0 where the counter is believed as it is. A charge that only voltage told is not better known than where the curve lies.</summary>
    public Ratio Sigma => new(double.IsNaN(Charge.Value) ? double.NaN : _hasBegun ? Math.Sqrt(_covariance[Place, Place] + _curveVariance) : 0);

    /// <summary>Charge counted since the start, as a share of the capacity, without the corrections by voltage.</summary>
    public double Counted { get; private set; }

    /// <summary>The battery's resistance as steps of the current show it, Ω.</summary>
    public double Ohms => _ohms[0];

    /// <summary>The offset found in the current sensor.</summary>
    public ElectricCurrent CurrentOffset => new(_state[Offset]);

    /// <summary>Jumps of the counter that were not followed.</summary>
    public int CounterJumps { get; private set; }

    /// <summary>Takes a sample; <see cref="SensorReadings.StateOfCharge"/> is the counter's.</summary>
    public void Update(in SensorReadings readings)
    {
        double seconds = (readings.Time.Milliseconds - _lastMilliseconds) / 1000;
        double counter = readings.StateOfCharge.Value, volts = readings.BatteryRailVoltage.Volts, monitored = readings.BatteryRailCurrent.Amperes;
        _isMonitored |= volts > 0 && double.IsFinite(monitored);
        _lastMilliseconds = readings.Time.Milliseconds;
        if (double.IsNaN(_ampereHours) || !_isMonitored)
        {
            Counted += double.IsFinite(counter - _lastCounter) ? counter - _lastCounter : 0;
            (_lastCounter, Charge) = (counter, readings.StateOfCharge);
            return;
        }
        double amperes = double.IsFinite(monitored) ? monitored : readings.BatteryCurrent.Amperes;
        bool isTold = double.IsFinite(counter) || double.IsFinite(amperes);
        if (!_hasBegun || (!_isCounted && double.IsFinite(counter))) // a counter that answers late knows more than the voltage did
            Begin(counter, monitored, volts);
        else if (seconds > 0)
            Move(counter, amperes, seconds);
        FindResistance(monitored, volts, seconds);
        _sinceVoltage += seconds > 0 ? seconds : 0;
        if (double.IsFinite(counter))
            (_lastCounter, _movedSinceCounter, _blindSeconds, _blindVariance) = (counter, 0, 0, 0);
        if (_hasBegun && _sinceVoltage >= VoltageIntervalSeconds)
            Correct(monitored, volts);
        (_lastAmperes, _lastStepAmperes, _lastVolts) = (amperes, monitored, volts);
        Charge = new(_hasBegun && isTold ? _state[Place] : double.NaN);
    }

    private static double Square(double value) => value * value;

    private void Begin(double counter, double amperes, double volts)
    {
        _isCounted = double.IsFinite(counter);
        double charge = _isCounted ? counter : _curve.Charge(volts - (amperes * Ohms));
        if (double.IsNaN(charge))
            return;
        _hasBegun = true;
        _state.AsSpan().Clear();
        _state[Place] = charge;
        Forget(_isCounted ? CounterSigma : VoltageSigma);
        _isByVoltage = !_isCounted;
        _curveVariance = 0;
        _covariance[Offset, Offset] = _initialVariance[Offset];
    }

    /// <summary>Forgets what was known of charge and curve, but not of the current sensor.</summary>
    private void Forget(double sigma)
    {
        for (int i = 0; i < Offset; i++)
        {
            for (int j = 0; j < States; j++)
                _covariance[i, j] = _covariance[j, i] = 0;
            _covariance[i, i] = _initialVariance[i];
        }
        _covariance[Place, Place] = Square(sigma);
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
            _covariance[Place, Place] = Math.Max(1e-8, _covariance[Place, Place] - _blindVariance);
        }
        else if (!double.IsFinite(moved))
        {
            moved = 0;
            _blindSeconds += isAtStop ? 0 : seconds;
            double lost = BlindRatePerHour * _blindSeconds / 3600;
            _covariance[Place, Place] += Math.Max(0, Square(lost) - _blindVariance);
            _blindVariance = Math.Max(_blindVariance, Square(lost));
        }
        _movedSinceCounter += moved;
        Counted += moved;
        _state[Place] = Math.Clamp(_state[Place] + moved - (_state[Offset] * perAmpere), 0, 1);
        Spread(moved, perAmpere, seconds);
    }

    /// <summary>What is known less well after a move.</summary>
    private void Spread(double moved, double perAmpere, double seconds)
    {
        double keep = Math.Exp(-Math.Abs(moved) / BendReach);
        _state[Bend] *= keep;
        for (int i = 0; i < States; i++)
        {
            _covariance[i, Bend] *= keep;
            _covariance[Bend, i] *= keep;
        }
        _covariance[Bend, Bend] += _initialVariance[Bend] * (1 - Square(keep));
        for (int i = 0; i < States; i++)
            _covariance[i, Place] -= perAmpere * _covariance[i, Offset];
        for (int i = 0; i < States; i++)
            _covariance[Place, i] -= perAmpere * _covariance[Offset, i];
        _covariance[Place, Place] += CountErrorShare * CountErrorShare * CountErrorReach * Math.Abs(moved);
        for (int i = Shift; i <= Tilt; i++)
            _covariance[i, i] += Square(ShiftWalk) * _initialVariance[i] * Math.Abs(moved);
        _covariance[Offset, Offset] = Math.Min(_covariance[Offset, Offset] + (Square(OffsetWalkAmperesPerHour) * seconds / 3600), _initialVariance[Offset]);
    }

    private bool IsJump(double byCounter, double byCurrent, double seconds)
    {
        double expected = double.IsFinite(byCurrent) ? byCurrent : 0;
        double possible = MaxRatePerHour * (double.IsFinite(byCurrent) ? _blindSeconds : _blindSeconds + seconds) / 3600;
        return Math.Abs(byCounter - expected) > JumpShare + Math.Abs(expected) + possible; // NaN is none
    }

    private void FindResistance(double amperes, double volts, double seconds)
    {
        double step = amperes - _lastStepAmperes;
        if (seconds is > 0 and <= MaxGapSeconds && Math.Abs(step) >= StepAmperes)
            _ohms.Update([step], volts - _lastVolts);
    }

    private void Correct(double amperes, double volts)
    {
        (double open, double slope) = _curve.At(_state[Place]);
        double drop = amperes * Ohms, fromCentre = _state[Place] - TiltCentre;
        double beside = _state[Shift] + (_state[Tilt] * fromCentre) + _state[Bend];
        double innovation = volts - drop - open - beside;
        if (!double.IsFinite(innovation))
            return;
        _sinceVoltage = 0;
        if (_blindSeconds > 0)
            (_lastCounter, _movedSinceCounter, _blindSeconds, _blindVariance) = (double.NaN, 0, 0, 0); // voltage tells of the gap; told twice it would count twice
        double noise = Square(SampleNoiseVolts) + Square(PolarisationShare * drop) + Square(amperes * _ohms.Sigma(0));
        Span<double> gain = stackalloc double[States];
        double variance = Weigh(slope + _state[Tilt], fromCentre, gain) + noise;
        if (!(Square(innovation) <= Square(GateSigmas) * variance))
        {
            if (++_outliers < OutliersToDoubt)
                return;
            innovation += beside;
            _state[Shift] = _state[Tilt] = _state[Bend] = 0;
            Forget(LostSigma); // the count is lost: voltage decides
            _isByVoltage = true;
            variance = Weigh(slope + _state[Tilt], fromCentre, gain) + noise;
        }
        _outliers = 0;
        _curveVariance = _isByVoltage ? _initialVariance[Shift] / Square(slope) : 0;
        for (int i = 0; i < States; i++)
        {
            _state[i] += gain[i] / variance * innovation;
            for (int j = 0; j < States; j++)
                _covariance[i, j] -= gain[i] * gain[j] / variance;
        }
        _state[Place] = Math.Clamp(_state[Place], 0, 1);
        _state[Offset] = Math.Clamp(_state[Offset], -3 * OffsetSigmaAmperes, 3 * OffsetSigmaAmperes);
        for (int i = 0; i < States; i++)
            _covariance[i, i] = Math.Max(1e-12, _covariance[i, i]);
    }

    /// <summary>How far each state moves with the voltage, times the voltage's variance.</summary>
    /// <returns>The variance of the voltage by the states.</returns>
    private double Weigh(double slope, double fromCentre, Span<double> gain)
    {
        for (int i = 0; i < States; i++)
            gain[i] = (slope * _covariance[i, Place]) + _covariance[i, Shift] + (fromCentre * _covariance[i, Tilt]) + _covariance[i, Bend];
        return (slope * gain[Place]) + gain[Shift] + (fromCentre * gain[Tilt]) + gain[Bend];
    }
}
