using SatNode.Protocol.Quantities;
using SatNode.Protocol.Time;

namespace SatNode.Flight.Model;

/// <summary>Compares what was foreseen half an hour ago with what came: the peak of the board in that time and the charge at its end, by the identified model and as
/// the network corrected it. A correction is used until it has proved worse than the model, on this satellite, over the last forecasts and by more than the sensors could
/// tell. Allocates nothing after construction.</summary>
public sealed class ForecastVerification
{
    /// <summary>How far ahead is compared.</summary>
    public static readonly TimeSpan Ahead = TimeSpan.FromMinutes(30);

    /// <summary>World seconds between two forecasts that are kept.</summary>
    public const double IntervalSeconds = 60;

    /// <summary>The most forecasts that wait: one a minute for <see cref="Ahead"/>, and the one that is due.</summary>
    public const int MaxWaiting = 31;

    /// <summary>Corrected forecasts that must have come due before the correction may be judged worse.</summary>
    public const int ProofForecasts = 30;

    private const double BoardAccuracyKelvin = 0.5; // TMP102
    private const double ChargeAccuracy = 0.01; // what is measured of charge is an estimate itself

    private const double MaxSilenceSeconds = 120; // a peak in a longer one is missed: those forecasts prove nothing
    private const double Memory = 1.0 / 90; // an orbit's forecasts

    private readonly Waiting[] _waiting = new Waiting[MaxWaiting];
    private Score _board = new(BoardAccuracyKelvin);
    private Score _charge = new(ChargeAccuracy);
    private DtnTime _last;
    private int _first;
    private int _count;

    /// <summary>Forecasts that came due.</summary>
    public int Verified { get; private set; }

    /// <summary>The board's peak in the half hour that ended last; NaN before.</summary>
    public Temperature PeakCame { get; private set; } = new(double.NaN);

    /// <summary>The same as the forecast in use had foreseen it; NaN before.</summary>
    public Temperature PeakForeseen { get; private set; } = new(double.NaN);

    /// <summary>What came less what was foreseen, K; NaN before.</summary>
    public double BoardErrorKelvin => PeakCame.Kelvin - PeakForeseen.Kelvin;

    /// <summary>The state of charge that came less the one that was foreseen; NaN before.</summary>
    public double ChargeError { get; private set; } = double.NaN;

    /// <summary>Root of the mean squared error of the board's peak in use, K; NaN before.</summary>
    public double BoardRmsKelvin => Verified == 0 ? double.NaN : Math.Sqrt(_board.InUse);

    /// <summary>The same for the state of charge.</summary>
    public double ChargeRms => Verified == 0 ? double.NaN : Math.Sqrt(_charge.InUse);

    /// <summary>True until the network's correction of the board has proved worse, and again when it no longer is.</summary>
    public bool CorrectsBoard => !_board.IsCorrectionWorse;

    /// <summary>The same for charge.</summary>
    public bool CorrectsCharge => !_charge.IsCorrectionWorse;

    /// <summary>Takes what the sensors say.</summary>
    /// <param name="time">When.</param>
    /// <param name="board">The board; NaN is left out.</param>
    /// <param name="charge">The state of charge; NaN is left out.</param>
    public void Update(DtnTime time, Temperature board, Ratio charge)
    {
        if (!double.IsFinite(board.Kelvin + charge.Value))
            return;
        double silence = _last.Milliseconds > 0 ? time.Since(_last).TotalSeconds : 0;
        if (silence is < 0 or > MaxSilenceSeconds)
            _count = 0;
        _last = time;
        for (int i = 0; i < _count; i++)
        {
            ref Waiting waiting = ref _waiting[(_first + i) % MaxWaiting];
            waiting.Peak = Math.Max(waiting.Peak, board.Kelvin);
        }
        while (_count > 0 && time.Since(_waiting[_first].Time) >= Ahead)
        {
            Judge(_waiting[_first], charge.Value);
            _first = (_first + 1) % MaxWaiting;
            _count--;
        }
    }

    /// <summary>Keeps a forecast until it is due; no more than one each <see cref="IntervalSeconds"/>, and none that does not reach so far.</summary>
    /// <param name="model">By the identified model.</param>
    /// <param name="corrected">As the network corrects it; the same where it does not.</param>
    /// <param name="isCorrected">Whether it does.</param>
    public void Keep(Forecast model, Forecast corrected, bool isCorrected)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(corrected);
        int due = (int)(Ahead.TotalSeconds / Forecast.StepSeconds);
        if (_count > 0 && model.Start.Since(_waiting[(_first + _count - 1) % MaxWaiting].Time).TotalSeconds < IntervalSeconds)
            return;
        if (_count == MaxWaiting || due >= model.Count || due >= corrected.Count || !double.IsFinite(model.BoardKelvin[due] + model.StateOfCharge[due] + corrected.BoardKelvin[due] + corrected.StateOfCharge[due]))
            return;
        _waiting[(_first + _count++) % MaxWaiting] = new()
        {
            Time = model.Start,
            Peak = model.BoardKelvin[0],
            ModelPeak = model.PeakBoardWithin(Ahead).Kelvin,
            CorrectedPeak = corrected.PeakBoardWithin(Ahead).Kelvin,
            ModelCharge = model.StateOfCharge[due],
            CorrectedCharge = corrected.StateOfCharge[due],
            IsCorrected = isCorrected,
        };
    }

    private void Judge(Waiting waiting, double charge)
    {
        PeakCame = new(waiting.Peak);
        PeakForeseen = new(CorrectsBoard ? waiting.CorrectedPeak : waiting.ModelPeak);
        ChargeError = charge - (CorrectsCharge ? waiting.CorrectedCharge : waiting.ModelCharge);
        _board.Take(waiting.Peak - waiting.ModelPeak, waiting.Peak - waiting.CorrectedPeak, waiting.IsCorrected);
        _charge.Take(charge - waiting.ModelCharge, charge - waiting.CorrectedCharge, waiting.IsCorrected);
        Verified++;
    }

    private struct Waiting
    {
        public DtnTime Time;
        public double Peak;
        public double ModelPeak;
        public double CorrectedPeak;
        public double ModelCharge;
        public double CorrectedCharge;
        public bool IsCorrected;
    }

    /// <summary>Mean squared errors. Model and correction are compared over the same forecasts.</summary>
    private struct Score(double accuracy)
    {
        private double _model;
        private double _correction;
        private int _all;
        private int _corrected;

        public double InUse { get; private set; }

        public readonly bool IsCorrectionWorse => _corrected >= ProofForecasts && _correction > _model + (accuracy * accuracy);

        public void Take(double model, double corrected, bool isCorrected)
        {
            double used = IsCorrectionWorse ? model : corrected;
            InUse += Math.Max(1.0 / ++_all, Memory) * ((used * used) - InUse);
            if (!isCorrected)
                return;
            double weight = Math.Max(1.0 / ++_corrected, Memory);
            _model += weight * ((model * model) - _model);
            _correction += weight * ((corrected * corrected) - _correction);
        }
    }
}
