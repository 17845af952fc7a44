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

    private readonly double _capacityJoules;
    private readonly ParameterFilter _discharge = new([(1.0, 0.08, 0.6, 1.6)], noise: 0.05, driftPerUpdate: 0.05);
    private readonly ParameterFilter _charge = new([(1.0, 0.08, 0.6, 1.3)], noise: 0.05, driftPerUpdate: 0.05);
    private Average _solar;
    private Average _loadInSun;
    private Average _loadInEclipse;
    private SensorReadings _last;
    private double _windowStartCharge = double.NaN;
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
        MaxDischarge = options.MaxDischarge ?? new Power(options.BatteryCapacity.WattHours / 2);
    }

    /// <summary>The battery's capacity.</summary>
    public Energy Capacity => new(_capacityJoules);

    /// <summary>The most power that the battery may give.</summary>
    public Power MaxDischarge { get; }

    /// <summary>State of charge now; NaN when the last sample was not good.</summary>
    public Ratio ChargeNow => _last.Time.Milliseconds > 0 ? _last.StateOfCharge : new(double.NaN);

    /// <summary>The array in full sun; 0 until it was seen there.</summary>
    public Power Solar => new(_solar.IsKnown ? _solar.Mean : 0);

    /// <summary>One standard deviation of <see cref="Solar"/>.</summary>
    public Power SolarSigma => new(_solar.IsKnown ? _solar.Sigma : 0);

    /// <summary>The load besides the board, in sun; NaN until known.</summary>
    public Power OtherLoadInSun => new(_loadInSun.IsKnown ? _loadInSun.Mean : _loadInEclipse.IsKnown ? _loadInEclipse.Mean : double.NaN);

    /// <summary>The load besides the board, in eclipse; NaN until known.</summary>
    public Power OtherLoadInEclipse => new(_loadInEclipse.IsKnown ? _loadInEclipse.Mean : _loadInSun.IsKnown ? _loadInSun.Mean : double.NaN);

    /// <summary>One standard deviation of the load's average.</summary>
    public Power OtherLoadSigma => new(Math.Max(0.1, Math.Max(_loadInSun.Sigma, _loadInEclipse.Sigma)));

    /// <summary>Charge that leaves the counter a joule of discharge, as a multiple of 1 / capacity.</summary>
    public double DischargeFactor => _discharge[0];

    /// <summary>Charge that enters the counter a joule of charging, as a multiple of 1 / capacity.</summary>
    public double ChargeFactor => _charge[0];

    internal double DischargeFactorSigma => _discharge.Sigma(0);

    internal double ChargeFactorSigma => _charge.Sigma(0);

    /// <summary>Takes a sample; what is NaN in it is left out.</summary>
    /// <param name="readings">The sensors.</param>
    /// <param name="sun">The share of the Sun in view.</param>
    public void Update(in SensorReadings readings, Ratio sun)
    {
        double seconds = _last.Time.Milliseconds > 0 ? readings.Time.Since(_last.Time).TotalSeconds : double.NaN;
        double step = seconds is > 0 and <= MaxGapSeconds ? seconds : 10;
        UpdateSolar(readings, sun.Value, step);
        double other = readings.Solar.Watts - readings.BatteryPower.Watts - readings.BoardPower.Watts;
        if (double.IsFinite(other))
        {
            if (sun.Value >= FullSun)
                _loadInSun.Add(Math.Max(0, other), step, LoadMemorySeconds);
            else if (sun.Value <= Dark)
                _loadInEclipse.Add(Math.Max(0, other), step, LoadMemorySeconds);
        }
        UpdateFactor(readings, seconds);
        _last = readings;
    }

    private void UpdateSolar(in SensorReadings readings, double sun, double step)
    {
        double watts = Math.Max(0, readings.Solar.Watts);
        if (!(sun >= FullSun) || !double.IsFinite(watts))
            return;
        bool mayBeThrottled = !(readings.StateOfCharge.Value < Throttled);
        if (!mayBeThrottled || !_solar.IsKnown || watts > _solar.Mean)
            _solar.Add(watts, step, SolarMemorySeconds);
    }

    /// <summary>Compares the counter's way with the measured energy over windows in which the battery did one thing only.</summary>
    private void UpdateFactor(in SensorReadings readings, double seconds)
    {
        double joules = (readings.BatteryPower.Watts + _last.BatteryPower.Watts) / 2 * seconds;
        int sign = Math.Sign(double.IsFinite(joules) ? joules : 0);
        if (!(seconds is > 0 and <= MaxGapSeconds) || sign == 0 || sign != _windowSign || !double.IsFinite(readings.StateOfCharge.Value)
            || readings.StateOfCharge.Value >= 1)
        {
            (_windowStartCharge, _windowJoules, _windowSeconds, _windowSign) = (readings.StateOfCharge.Value, 0, 0, sign);
            return;
        }
        _windowJoules += joules;
        _windowSeconds += seconds;
        double share = _windowJoules / _capacityJoules;
        if (_windowSeconds < WindowSeconds || Math.Abs(share) < MinWindowShare)
            return;
        (sign > 0 ? _charge : _discharge).Update(stackalloc double[] { 1 }, (readings.StateOfCharge.Value - _windowStartCharge) / share);
        (_windowStartCharge, _windowJoules, _windowSeconds) = (readings.StateOfCharge.Value, 0, 0);
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
