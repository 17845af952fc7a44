using SatNode.Flight.Model;
using SatNode.Flight.Sensors;

namespace SatNode.Flight.Tests.Model.Quality;

/// <summary>Flies a mission for two orbits to learn, asks for forecasts over the third, and flies on to see what came.</summary>
internal sealed class ForecastTrial
{
    public const double InstantSeconds = 300;
    public const double PeakSeconds = 30 * 60;

    private const double SampleSeconds = 10;
    public const double LearningSeconds = 2 * TruthWorld.OrbitSeconds;

    private readonly List<double> _board = [];
    private readonly List<double> _measured = [];
    private readonly List<double> _charge = [];
    private readonly List<double> _estimated = [];
    private readonly Forecast _forecast = new();

    /// <summary>Flies.</summary>
    /// <param name="mission">The mission, at its start.</param>
    /// <param name="sampled">Called with every sample.</param>
    /// <param name="ask">Called at every instant with the forecast of the model, and with which sample was the last.</param>
    public ForecastTrial(Mission mission, Action<SensorReadings> sampled, Action<Forecast, int> ask)
    {
        double end = LearningSeconds + TruthWorld.OrbitSeconds;
        double next = LearningSeconds;
        while (mission.World.Seconds < end + (2.5 * TruthWorld.OrbitSeconds))
        {
            if (mission.World.Seconds >= next && mission.World.Seconds < end)
            {
                next += InstantSeconds;
                mission.Model.Predict(mission.World.SunAhead(), _forecast, mission.Contacts, mission.Planned());
                ask(_forecast, _board.Count - 1);
            }
            SensorReadings readings = mission.Step();
            sampled(readings);
            _board.Add(mission.World.Board);
            _measured.Add(readings.Board.Kelvin);
            _charge.Add(mission.World.Charge);
            _estimated.Add(mission.Model.Battery.ChargeNow.Value);
        }
    }

    /// <summary>The truth so long after a sample, in kelvin.</summary>
    public double Board(int sample, double seconds) => _board[sample + (int)Math.Round(seconds / SampleSeconds)];

    public double Charge(int sample, double seconds) => _charge[sample + (int)Math.Round(seconds / SampleSeconds)];

    /// <summary>The estimate, as it was; negative seconds for the past.</summary>
    public double Estimated(int sample, double seconds) => _estimated[sample + (int)Math.Round(seconds / SampleSeconds)];

    public double TruePeak(int sample) => Peak(_board, sample, 0);

    /// <summary>The peak that the thermometer saw in the same half hour an orbit ago.</summary>
    public double MeasuredPeakAnOrbitAgo(int sample) => Peak(_measured, sample, -TruthWorld.OrbitSeconds);

    public double MeasuredNow(int sample) => _measured[sample];

    private static double Peak(List<double> values, int sample, double seconds) =>
        values.Skip(sample + (int)(seconds / SampleSeconds)).Take((int)(PeakSeconds / SampleSeconds) + 1).Max();
}
