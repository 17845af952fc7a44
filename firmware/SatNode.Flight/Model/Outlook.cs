using SatNode.Flight.Model.Learned;
using SatNode.Flight.Sensors;
using SatNode.Protocol.Quantities;

namespace SatNode.Flight.Model;

/// <summary>All that the node expects: the identified model's forecast, corrected by the learned network until that has proved worse on this satellite. One thread
/// updates and predicts; both allocate nothing.</summary>
/// <param name="model">The identified model.</param>
/// <param name="learned">The network that corrects it.</param>
public sealed class Outlook(OnboardModel model, LearnedForecast learned)
{
    private readonly Forecast _identified = new();

    /// <summary>What is expected, with the functions that are known.</summary>
    public Forecast Expected { get; } = new();

    /// <summary>How good the forecasts were.</summary>
    public ForecastVerification Verification { get; } = new();

    /// <summary>By the identified model alone.</summary>
    internal Forecast Identified => _identified;

    /// <summary>Corrected by the network, worse or not.</summary>
    internal Forecast Corrected { get; } = new();

    /// <summary>Takes a sample, after the model did.</summary>
    /// <param name="readings">The sensors.</param>
    /// <param name="sun">The share of the Sun in view.</param>
    /// <param name="isInContact">True while a ground station is in view.</param>
    public void Update(in SensorReadings readings, Ratio sun, bool isInContact)
    {
        Ratio charge = model.Battery.ChargeNow;
        learned.Update(readings, charge, sun, isInContact);
        Verification.Update(readings.Time, readings.Board, charge);
    }

    /// <summary>Forecasts from the last sample on.</summary>
    /// <param name="sun">The coming views of the Sun, as <see cref="OnboardModel.Predict"/> asks for them.</param>
    /// <param name="contacts">The coming passes over ground stations.</param>
    /// <param name="planned">The functions that are admitted.</param>
    /// <param name="withoutFunctions">Filled with the same forecast without these functions: what admission judges by.</param>
    public void Predict(IReadOnlyList<SunInterval> sun, IReadOnlyList<ContactInterval> contacts, ReadOnlySpan<PlannedLoad> planned, Forecast withoutFunctions)
    {
        model.Predict(sun, _identified, contacts, planned);
        model.Predict(sun, Corrected, contacts, planned);
        model.Predict(sun, Expected, contacts, planned);
        model.Predict(sun, withoutFunctions, contacts);
        learned.Predict(_identified);
        Corrected.Correct(learned, _identified, board: true, charge: true);
        Verification.Keep(_identified, Corrected, learned.Count > 0);
        Expected.Correct(learned, _identified, Verification.CorrectsBoard, Verification.CorrectsCharge);
        withoutFunctions.Correct(learned, _identified, Verification.CorrectsBoard, Verification.CorrectsCharge);
    }
}
