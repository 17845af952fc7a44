using SatNode.Flight.Sensors;
using SatNode.Protocol.Quantities;

namespace SatNode.Flight.Model;

/// <summary>The agent's own energy balance. From the array, the battery and the board's supply it finds the array's power in full sun, the load besides
/// the board in sun and in eclipse, and how fast the coulomb counter really moves at a given power while it charges and discharges. An array that was
/// never seen in the sun gives nothing; one beside a full battery is throttled, and only its highest power counts.</summary>
public sealed class BatteryModel
{
    private const double FullSun = 0.99;
    private const double Dark = 0.01;
    private const double Throttled = 0.97; // state of charge from which a charger may hold back
    private const double SolarMemorySeconds = 1800; // most of a pass through sunlight: attitude averages out
    private const double LoadMemorySeconds = 600;
    private const double WindowSeconds = 600;
    private const double MaxGapSeconds = 60;
    private const double MinWindowShare = 0.004; // of the capacity: ten steps of the counter

    private const double ContactMemorySeconds = 1200; // a few passes
    private const double PhaseSeconds = 200;
    private const int Phases = 32; // 107 minutes of sunlight: longer than any pass through it that has an eclipse
    private const double PhaseMemorySeconds = 400; // two orbits

    private readonly double _capacityJoules;
    private readonly ParameterFilter _discharge = new([(1.0, 0.08, 0.6, 1.6)], noise: 0.05, driftPerUpdate: 0.05);
    private readonly ParameterFilter _charge = new([(1.0, 0.08, 0.6, 1.3)], noise: 0.05, driftPerUpdate: 0.05);
    private readonly Average[] _solarByPhase = new Average[Phases];
    private Average _solar;
    private Average _solarBesideProfile;
    private Average _loadInSun;
    private Average _loadInEclipse;
    private Average _contactLoad;
    private double _litSeconds = double.NaN;
    private SensorReadings _last;
    private double _windowStartCharge;
    private double _windowJoules;
    private double _windowSeconds;
    private int _windowSign;

    /// <summary>Creates the model.</summary>
    public BatteryModel(ModelOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        if (options.BatteryCapacity.Joules is not > 0)
            throw new ArgumentOutOfRangeException(nameof(options), options.BatteryCapacity, "expected a capacity above 0");
        _capacityJoules = options.BatteryCapacity.Joules;
        Estimator = new(options.BatteryCapacity, options.BatteryAmpereHours);
        MaxDischarge = options.MaxDischarge ?? new Power(options.BatteryCapacity.WattHours / 2);
    }

    /// <summary>The battery's capacity.</summary>
    public Energy Capacity => new(_capacityJoules);

    /// <summary>The most power that the battery may give.</summary>
    public Power MaxDischarge { get; }

    /// <summary>How charge is found from counter, current and voltage.</summary>
    public ChargeEstimator Estimator { get; }

    /// <summary>State of charge now; NaN when the last sample did not tell.</summary>
    public Ratio ChargeNow => Estimator.Charge;

    /// <summary>The array in full sun; 0 until it was seen there.</summary>
    public Power Solar => new(_solar.IsKnown ? _solar.Mean : 0);

    /// <summary>One standard deviation of <see cref="SolarAfter"/>.</summary>
    public Power SolarSigma => new(_solarBesideProfile.IsKnown ? _solarBesideProfile.Sigma : _solar.IsKnown ? _solar.Sigma : 0);

    /// <summary>The load that a contact adds: the transmitter; 0 until a contact was seen.</summary>
    public Power ContactLoad => new(_contactLoad.IsKnown ? Math.Max(0, _contactLoad.Mean) : 0);

    /// <summary>The load besides the board and contacts, in sun; NaN until known.</summary>
    public Power OtherLoadInSun => new(_loadInSun.IsKnown ? _loadInSun.Mean : _loadInEclipse.IsKnown ? _loadInEclipse.Mean : double.NaN);

    /// <summary>The load besides the board and contacts, in eclipse; NaN until known.</summary>
    public Power OtherLoadInEclipse => new(_loadInEclipse.IsKnown ? _loadInEclipse.Mean : _loadInSun.IsKnown ? _loadInSun.Mean : double.NaN);

    /// <summary>One standard deviation of the load's average.</summary>
    public Power OtherLoadSigma => new(Math.Max(0.1, Math.Max(_loadInSun.Sigma, _loadInEclipse.Sigma)));

    /// <summary>Charge that leaves the counter a joule of discharge, as a multiple of 1 / capacity.</summary>
    public double DischargeFactor => _discharge[0];

    /// <summary>Charge that enters the counter a joule of charging, as a multiple of 1 / capacity.</summary>
    public double ChargeFactor => _charge[0];

    /// <summary>World seconds since the last sunrise; NaN in the dark, and until a sunrise was seen.</summary>
    internal double LitSeconds => _litSeconds;

    internal double DischargeFactorSigma => _discharge.Sigma(0);

    internal double ChargeFactorSigma => _charge.Sigma(0);

    /// <summary>The array in full sun, so long after sunrise: as at the same time of the orbits before, where they were seen, which has the attitude in
    /// it; else <see cref="Solar"/>.</summary>
    /// <param name="litSeconds">World seconds since sunrise; NaN where there was none.</param>
    public Power SolarAfter(double litSeconds)
    {
        double phase = litSeconds / PhaseSeconds;
        return phase is >= 0 and < Phases && _solarByPhase[(int)phase].IsKnown ? new(_solarByPhase[(int)phase].Mean) : Solar;
    }

    /// <summary>Takes a sample; what is NaN in it is left out.</summary>
    /// <param name="readings">The sensors.</param>
    /// <param name="sun">The share of the Sun in view.</param>
    /// <param name="isInContact">True while a ground station is in view.</param>
    public void Update(in SensorReadings readings, Ratio sun, bool isInContact)
    {
        double seconds = _last.Time.Milliseconds > 0 ? readings.Time.Since(_last.Time).TotalSeconds : double.NaN;
        double step = seconds is > 0 and <= MaxGapSeconds ? seconds : 10;
        Estimator.Update(readings);
        if (!(sun.Value > Dark))
            _litSeconds = sun.Value <= Dark ? 0 : double.NaN; // the next light is a sunrise
        else if (!double.IsNaN(_litSeconds))
            _litSeconds += seconds is > 0 and <= MaxGapSeconds ? seconds : double.NaN;
        UpdateSolar(readings, sun.Value, step);
        UpdateLoads(readings.Solar.Watts - readings.BatteryPower.Watts - readings.BoardPower.Watts, sun.Value, isInContact, step);
        UpdateFactor(readings, seconds);
        _last = readings;
    }

    private void UpdateLoads(double other, double sun, bool isInContact, double step)
    {
        if (!double.IsFinite(other) || sun is > Dark and < FullSun)
            return;
        double usual = (sun >= FullSun ? OtherLoadInSun : OtherLoadInEclipse).Watts;
        if (isInContact && double.IsFinite(usual))
            _contactLoad.Add(other - usual, step, ContactMemorySeconds);
        else if (sun >= FullSun)
            _loadInSun.Add(Math.Max(0, other), step, LoadMemorySeconds);
        else if (sun <= Dark)
            _loadInEclipse.Add(Math.Max(0, other), step, LoadMemorySeconds);
    }

    private void UpdateSolar(in SensorReadings readings, double sun, double step)
    {
        double watts = Math.Max(0, readings.Solar.Watts);
        if (!(sun >= FullSun) || !double.IsFinite(watts))
            return;
        bool mayBeThrottled = !(Estimator.Charge.Value < Throttled);
        if (!mayBeThrottled || !_solar.IsKnown || watts > _solar.Mean)
            _solar.Add(watts, step, SolarMemorySeconds);
        double phase = _litSeconds / PhaseSeconds;
        if (phase is not (>= 0 and < Phases))
            return;
        ref Average usual = ref _solarByPhase[(int)phase];
        if (mayBeThrottled && !(usual.IsKnown && watts > usual.Mean))
            return;
        if (usual.IsKnown)
            _solarBesideProfile.Add(watts - usual.Mean, step, SolarMemorySeconds);
        usual.Add(watts, step, PhaseMemorySeconds);
    }

    /// <summary>Compares the counter's way with the measured energy over windows in which the battery did one thing only.</summary>
    private void UpdateFactor(in SensorReadings readings, double seconds)
    {
        double joules = (readings.BatteryPower.Watts + _last.BatteryPower.Watts) / 2 * seconds;
        int sign = Math.Sign(double.IsFinite(joules) ? joules : 0);
        if (!(seconds is > 0 and <= MaxGapSeconds) || sign == 0 || sign != _windowSign || !(Estimator.Charge.Value < 1))
        {
            (_windowStartCharge, _windowJoules, _windowSeconds, _windowSign) = (Estimator.Counted, 0, 0, sign);
            return;
        }
        _windowJoules += joules;
        _windowSeconds += seconds;
        double share = _windowJoules / _capacityJoules;
        if (_windowSeconds < WindowSeconds || Math.Abs(share) < MinWindowShare)
            return;
        (sign > 0 ? _charge : _discharge).Update(stackalloc double[] { 1 }, (Estimator.Counted - _windowStartCharge) / share);
        (_windowStartCharge, _windowJoules, _windowSeconds) = (Estimator.Counted, 0, 0);
    }

    /// <summary>A mean that forgets, with the spread of what it saw.</summary>
    private struct Average
    {
        private double _variance;
        private double _seconds;

        public double Mean { get; private set; }

        public readonly bool IsKnown => _seconds > 0;

        /// <summary>Half the spread: the average over a forecast of an hour moves less than its samples do.</summary>
        public readonly double Sigma => Math.Sqrt(_variance) / 2;

        public void Add(double value, double seconds, double memorySeconds)
        {
            _seconds += seconds;
            double weight = Math.Max(seconds / _seconds, Math.Min(1, seconds / memorySeconds));
            double difference = value - Mean;
            Mean += weight * difference;
            _variance = (1 - weight) * (_variance + (weight * difference * difference));
        }
    }
}
