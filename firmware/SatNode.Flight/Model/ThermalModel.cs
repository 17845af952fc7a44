using SatNode.Flight.Sensors;
using SatNode.Protocol.Quantities;

namespace SatNode.Flight.Model;

/// <summary>The agent's own thermal model. The board follows the frame and its measured power:
/// <c>dT/dt = a·P − b·(T − Ts) + c</c>; the frame follows the Sun and the board's power around where it was at boot:
/// <c>dTs/dt = α·(s − s₀) − β·(Ts − T₀) + δ + γ·(P − P₀)</c>. All seven constants are identified in flight from integrals over windows, in
/// which the sensors' noise does not matter. Priors of the board: R = a/b = 8.9 K/W and τ = 1/b = 325 s, a Raspberry Pi 4 in orbit (Xing et al.,
/// MobiCom 2024).</summary>
public sealed class ThermalModel
{
    /// <summary>The frame's reference share of sunlight and board power; they only centre the regression.</summary>
    internal const double ReferenceSun = 0.62;
    internal const double ReferenceWatts = 4;

    private const double BoardWindowSeconds = 60;
    private const double StructureWindowSeconds = 300;
    private const double MaxGapSeconds = 60; // a longer silence starts the windows anew
    private const double DifferenceNoiseKelvin = 0.2; // of two samples, each 0.1 K of noise and 0.0625 K of step

    private SensorReadings _last;
    private double _lastSun = double.NaN;
    private double _referenceKelvin = double.NaN;
    private Window _board;
    private Window _structure;

    /// <summary>The board's constants a, b, c.</summary>
    internal ParameterFilter Board { get; } = new(
        [(0.0274, 0.009, 0.006, 0.12), (1 / 325.0, 0.0009, 1 / 2000.0, 1 / 60.0), (0, 0.002, -0.02, 0.02)], DifferenceNoiseKelvin, driftPerUpdate: 0.01);

    /// <summary>The frame's constants α, β, δ, γ.</summary>
    internal ParameterFilter Structure { get; } = new(
        [(0.005, 0.003, 0, 0.1), (2.8e-4, 1.2e-4, 2e-5, 4e-3), (0, 8e-4, -0.01, 0.01), (1e-4, 5e-5, 0, 2e-3)], DifferenceNoiseKelvin, driftPerUpdate: 0.03);

    /// <summary>The board's thermal resistance to the frame, K/W.</summary>
    public double ResistanceKelvinPerWatt => Board[0] / Board[1];

    /// <summary>The board's time constant.</summary>
    public TimeSpan TimeConstant => TimeSpan.FromSeconds(1 / Board[1]);

    /// <summary>The board now; NaN when its last sample was not good.</summary>
    public Temperature BoardNow => _last.Time.Milliseconds > 0 ? _last.Board : new(double.NaN);

    /// <summary>The frame now; NaN when its last sample was not good.</summary>
    public Temperature StructureNow => _last.Time.Milliseconds > 0 ? _last.Structure : new(double.NaN);

    /// <summary>The frame's reference temperature T₀.</summary>
    internal double ReferenceKelvin => _referenceKelvin;

    /// <summary>Takes a sample; samples with gaps in them start the windows anew.</summary>
    /// <param name="readings">The sensors.</param>
    /// <param name="sun">The share of the Sun in view.</param>
    public void Update(in SensorReadings readings, Ratio sun)
    {
        double seconds = _last.Time.Milliseconds > 0 ? readings.Time.Since(_last.Time).TotalSeconds : double.NaN;
        if (double.IsNaN(_referenceKelvin))
            _referenceKelvin = readings.Structure.Kelvin;
        if (seconds is > 0 and <= MaxGapSeconds)
            Integrate(readings, sun.Value, seconds);
        else
            (_board, _structure) = (default, default);
        _last = readings;
        _lastSun = sun.Value;
    }

    private void Integrate(in SensorReadings now, double sun, double seconds)
    {
        double watts = (now.BoardPower.Watts + _last.BoardPower.Watts) / 2;
        double aboveFrame = (now.Board.Kelvin - now.Structure.Kelvin + _last.Board.Kelvin - _last.Structure.Kelvin) / 2;
        double aboveReference = ((now.Structure.Kelvin + _last.Structure.Kelvin) / 2) - _referenceKelvin;
        double sunMean = (sun + _lastSun) / 2;

        _board.Add(_last.Board.Kelvin, seconds, watts, -aboveFrame, 1, 0);
        if (_board.Seconds >= BoardWindowSeconds)
            _board.Close(Board, now.Board.Kelvin, 3);
        else if (!_board.IsFinite)
            _board = default;

        _structure.Add(_last.Structure.Kelvin, seconds, sunMean - ReferenceSun, -aboveReference, 1, watts - ReferenceWatts);
        if (_structure.Seconds >= StructureWindowSeconds)
            _structure.Close(Structure, now.Structure.Kelvin, 4);
        else if (!_structure.IsFinite)
            _structure = default;
    }

    /// <summary>Integrals since a window's start.</summary>
    private struct Window
    {
        private double _startKelvin;
        private double _first;
        private double _second;
        private double _third;
        private double _fourth;

        public double Seconds { get; private set; }

        public readonly bool IsFinite => double.IsFinite(_first + _second + _third + _fourth + _startKelvin);

        public void Add(double previousKelvin, double seconds, double first, double second, double third, double fourth)
        {
            if (Seconds == 0)
                _startKelvin = previousKelvin;
            Seconds += seconds;
            _first += first * seconds;
            _second += second * seconds;
            _third += third * seconds;
            _fourth += fourth * seconds;
        }

        public void Close(ParameterFilter filter, double kelvin, int parameters)
        {
            Span<double> regressors = [_first, _second, _third, _fourth];
            filter.Update(regressors[..parameters], kelvin - _startKelvin);
            this = default;
        }
    }
}
