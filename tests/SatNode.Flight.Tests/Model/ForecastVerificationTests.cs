using SatNode.Flight.Model;
using SatNode.Flight.Model.Learned;
using SatNode.Flight.Sensors;

namespace SatNode.Flight.Tests.Model;

public sealed class ForecastVerificationTests
{
    private static readonly double HalfHour = ForecastVerification.Ahead.TotalSeconds;

    private readonly TruthWorld _world = new(_ => 1, 6) { Charge = 0.6 };
    private readonly OnboardModel _model;
    private readonly Forecast _forecast = new();
    private readonly Forecast _other = new();

    public ForecastVerificationTests()
    {
        _model = new(_world.Options);
        _world.Fly(_model, 2 * TruthWorld.OrbitSeconds, seconds => (int)(seconds / 400) % 5 == 3 ? 2 : 0);
    }

    private void Keep(ForecastVerification verification, bool isCorrected = false, double warmer = 0)
    {
        _model.Predict(_world.SunAhead(), _forecast);
        _model.Predict(_world.SunAhead(), _other, planned: warmer == 0 ? [] : [new(_world.Now, TruthWorld.At(_world.Seconds + 9000), new(warmer))]);
        verification.Keep(_forecast, _other, isCorrected);
    }

    private void Sample(ForecastVerification verification) => verification.Update(_world.Now, _world.Read().Board, new(_world.Charge));

    [Fact]
    public void Compares_after_half_an_hour_and_not_before()
    {
        var verification = new ForecastVerification();
        Keep(verification);
        double foreseen = _forecast.PeakBoardWithin(ForecastVerification.Ahead).Kelvin, charge = _forecast.StateOfCharge[90], peak = 0;
        for (double seconds = 10; seconds < HalfHour; seconds += 10)
        {
            _world.BusyCores = seconds < 300 ? 2 : 0; // work that nobody had announced: the peak is long over when the forecast is due
            _world.Step(10);
            SensorReadings readings = _world.Read();
            peak = Math.Max(peak, readings.Board.Kelvin);
            verification.Update(_world.Now, readings.Board, new(_world.Charge));
            Assert.Equal(0, verification.Verified);
            Assert.True(double.IsNaN(verification.BoardErrorKelvin) && double.IsNaN(verification.BoardRmsKelvin) && double.IsNaN(verification.ChargeError));
        }
        _world.Step(10);
        Sample(verification);
        Assert.Equal(1, verification.Verified);
        Assert.Equal(peak - foreseen, verification.BoardErrorKelvin, 6);
        Assert.Equal(Math.Abs(peak - foreseen), verification.BoardRmsKelvin, 6);
        Assert.InRange(verification.BoardErrorKelvin, 5, 25);
        Assert.Equal((peak, foreseen), (verification.PeakCame.Kelvin, verification.PeakForeseen.Kelvin));
        Assert.Equal(_world.Charge - charge, verification.ChargeError, 9);
    }

    [Fact]
    public void A_forecast_that_knows_the_board_only_now_is_not_kept()
    {
        var verification = new ForecastVerification();
        _world.Step(10);
        _model.Update(_world.Read() with { Structure = new(double.NaN) }, TimeSpan.Zero, new(_world.Sun), _world.IsInContact);
        Keep(verification);
        Assert.True(double.IsFinite(_forecast.BoardKelvin[0]) && double.IsNaN(_forecast.BoardKelvin[1]));
        _world.Fly(_model, 60, _ => 0);
        Keep(verification);
        for (double seconds = 0; seconds <= HalfHour; seconds += 10)
        {
            _world.Step(10);
            Sample(verification);
        }
        Assert.Equal(1, verification.Verified);
        Assert.True(double.IsFinite(verification.BoardRmsKelvin));
    }

    [Fact]
    public void Keeps_one_forecast_a_minute_and_no_more_than_its_bound()
    {
        var verification = new ForecastVerification();
        for (int i = 0; i < 6 * 45; i++) // each ten seconds for 45 minutes
        {
            Keep(verification);
            _world.Fly(_model, 10, _ => 0);
            Sample(verification);
        }
        Assert.Equal(16, verification.Verified); // those of the first quarter of an hour
        var full = new ForecastVerification();
        for (int i = 0; i < ForecastVerification.MaxWaiting + 5; i++) // no sample comes meanwhile
        {
            Keep(full);
            _world.Fly(_model, 60, _ => 0);
        }
        for (int i = 0; i < 40; i++)
        {
            Sample(full);
            _world.Step(60);
        }
        Assert.Equal(ForecastVerification.MaxWaiting, full.Verified);
    }

    [Theory]
    [InlineData(0.0, 6.0, false)] // the correction foresees what does not come
    [InlineData(3.0, 3.0, true)] // it foresees what the model does not know
    public void A_correction_is_used_until_it_has_proved_worse(double watts, double foreseen, bool expected)
    {
        var verification = new ForecastVerification();
        int before = 0;
        for (int minute = 0; minute < 29 + ForecastVerification.ProofForecasts; minute++)
        {
            before += verification.CorrectsBoard && verification.CorrectsCharge ? 1 : 0;
            Keep(verification, isCorrected: true, foreseen);
            for (int i = 0; i < 6; i++)
            {
                _world.Fly(_model, 10, _ => watts / 1.46);
                Sample(verification);
            }
        }
        Assert.Equal(29 + ForecastVerification.ProofForecasts, before);
        Assert.Equal(ForecastVerification.ProofForecasts, verification.Verified);
        Assert.Equal((expected, expected), (verification.CorrectsBoard, verification.CorrectsCharge));
    }

    [Fact]
    public void What_was_not_corrected_proves_nothing_against_a_correction()
    {
        var verification = new ForecastVerification();
        for (int minute = 0; minute < 80; minute++)
        {
            Keep(verification, isCorrected: false, warmer: 3);
            _world.Fly(_model, 60, _ => 0);
            Sample(verification);
        }
        Assert.True(verification.Verified > ForecastVerification.ProofForecasts);
        Assert.True(verification.CorrectsBoard && verification.CorrectsCharge);
    }

    [Fact]
    public void A_silence_of_the_sensors_proves_nothing()
    {
        var verification = new ForecastVerification();
        Keep(verification);
        _world.Step(HalfHour);
        Sample(verification); // the first sample: no silence is known before it
        Assert.Equal(1, verification.Verified);
        _world.Fly(_model, 10, _ => 0);
        Keep(verification);
        _world.Step(HalfHour);
        Sample(verification);
        Assert.Equal(1, verification.Verified);
        verification.Update(_world.Now, new(double.NaN), new(double.NaN));
        Assert.Equal(1, verification.Verified);
    }

    [Fact]
    public void An_outlook_allocates_nothing_and_stays_within_a_deviation_of_the_model()
    {
        var outlook = new Outlook(_model, LearnedForecast.Residual());
        var admission = new Forecast();
        List<SunInterval> sun = _world.SunAhead();
        ContactInterval[] contacts = [new(TruthWorld.At(2000), TruthWorld.At(14_000))];
        PlannedLoad[] planned = [new(TruthWorld.At(1500), TruthWorld.At(19_000), new(3))];
        SensorReadings[] readings = [.. Enumerable.Range(0, 900).Select(_ =>
        {
            _world.Step(10);
            return _world.Read();
        })];
        void Round(int from, int to)
        {
            for (int i = from; i < to; i++)
            {
                _model.Update(readings[i], TimeSpan.Zero, new(1));
                outlook.Update(readings[i], new(1), isInContact: false);
                if (i % 3 == 0)
                    outlook.Predict(sun, contacts, planned, admission);
            }
        }
        Round(0, 700);
        long before = GC.GetAllocatedBytesForCurrentThread();
        Round(700, 900);
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
        Assert.True(outlook.Verification.Verified > 0);
        for (int i = 0; i < outlook.Corrected.Count; i++)
        {
            Assert.InRange(Math.Abs(outlook.Corrected.BoardKelvin[i] - outlook.Identified.BoardKelvin[i]), 0, outlook.Identified.BoardSigmaKelvin[i] + 1e-9);
            Assert.InRange(Math.Abs(outlook.Corrected.StateOfCharge[i] - outlook.Identified.StateOfCharge[i]), 0, outlook.Identified.StateOfChargeSigma[i] + 1e-9);
        }
        Assert.NotEqual(outlook.Corrected.BoardKelvin[60], outlook.Identified.BoardKelvin[60]);
    }
}
