using SatNode.Flight.Sensors;
using SatNode.Protocol.Quantities;
using SatNode.Protocol.Time;

namespace SatNode.Flight.Model;

/// <summary>Heat, charge and the cost of computing, identified in flight from the sensors alone, and the forecast made of them. One thread updates and
/// predicts; both allocate nothing.</summary>
/// <param name="options">What it must be told.</param>
public sealed class OnboardModel(ModelOptions options)
{
    private const double MaxRateSeconds = 120;

    private DtnTime _lastTime;

    /// <summary>Heat.</summary>
    public ThermalModel Thermal { get; } = new();

    /// <summary>Charge.</summary>
    public BatteryModel Battery { get; } = new(options);

    /// <summary>The cost of computing.</summary>
    public EnergyMeter Energy { get; } = new();

    /// <summary>Takes a sample of all sensors.</summary>
    /// <param name="readings">The sensors; NaN where one did not tell.</param>
    /// <param name="functionCpuTime">CPU time that functions used since the last sample, in the world's seconds.</param>
    /// <param name="sun">The share of the Sun in view, by the own orbit.</param>
    /// <param name="isInContact">True while a ground station is in view, by the own orbit.</param>
    /// <param name="boardCpuTime">CPU time of all that the board did since the last sample, in the world's seconds; null when only functions are known. It is measured as it passes, while a function's is
    /// known when it ends: by that alone the cost of a CPU-second would be found too low.</param>
    public void Update(in SensorReadings readings, TimeSpan functionCpuTime, Ratio sun, bool isInContact = false, TimeSpan? boardCpuTime = null)
    {
        double seconds = _lastTime.Milliseconds > 0 ? readings.Time.Since(_lastTime).TotalSeconds : double.NaN;
        if (seconds is > 0 and <= MaxRateSeconds)
            Energy.Update(readings.BoardPower, (boardCpuTime ?? functionCpuTime).TotalSeconds / seconds, functionCpuTime.TotalSeconds / seconds, seconds);
        Thermal.Update(readings, sun);
        Battery.Update(readings, sun, isInContact);
        _lastTime = readings.Time;
    }

    /// <summary>Forecasts board and battery from the last sample on, with the loads that are known and no other function running.</summary>
    /// <param name="sun">The coming views of the Sun, without gaps, by rising time, from the last sample or earlier on. The forecast ends where
    /// they end; an orbit and a half is enough to judge what starts now, two leave room to defer.</param>
    /// <param name="forecast">Filled anew.</param>
    /// <param name="contacts">The coming passes over ground stations, by rising time; null where none is known.</param>
    /// <param name="planned">Functions whose load counts.</param>
    public void Predict(IReadOnlyList<SunInterval> sun, Forecast forecast, IReadOnlyList<ContactInterval>? contacts = null, ReadOnlySpan<PlannedLoad> planned = default)
    {
        ArgumentNullException.ThrowIfNull(sun);
        ArgumentNullException.ThrowIfNull(forecast);
        forecast.Fill(_lastTime, sun, contacts ?? [], planned, this);
    }
}
