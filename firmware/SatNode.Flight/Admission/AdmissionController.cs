using SatNode.Flight.Model;
using SatNode.Protocol.Time;

namespace SatNode.Flight.Admission;

/// <summary>Judges whether an invocation may start: now, later, or not at all. Every constraint is judged for a start now; when one that time can heal
/// forbids it, later starts are tried in steps of <see cref="Forecast.StepSeconds"/> until all are kept. Where all are kept now, soft constraints may still choose a later start. What is unknown refuses. Judging allocates
/// nothing and is thread-safe.</summary>
public sealed class AdmissionController
{
    private const string SoftName = "soft-constraints";

    private readonly AdmissionOptions _options;
    private readonly IConstraint[] _constraints;
    private readonly double[] _boardUpper = new double[Forecast.MaxPoints];
    private readonly double[] _boardLimit = new double[Forecast.MaxPoints];
    private readonly double[] _chargeLower = new double[Forecast.MaxPoints];
    private readonly double[] _load = new double[Forecast.MaxPoints];
    private readonly Lock _gate = new();
    private int _hottest;
    private int _lowest;

    /// <summary>Creates the controller.</summary>
    /// <param name="options">The node's limits.</param>
    /// <param name="constraints">What is judged, in this order; null takes those of the options' policy.</param>
    /// <exception cref="ArgumentException">No constraint, or <see cref="Verdict.MaxMargins"/> and more.</exception>
    public AdmissionController(AdmissionOptions options, IReadOnlyList<IConstraint>? constraints = null)
    {
        ArgumentNullException.ThrowIfNull(options);
        _options = options;
        _constraints = constraints is null ? AdmissionPolicies.ConstraintsOf(options.Policy) : [.. constraints];
        if (_constraints.Length is 0 or >= Verdict.MaxMargins) // one place is that of the soft constraints
            throw new ArgumentException($"expected 1 to {Verdict.MaxMargins - 1} constraints, found {_constraints.Length}", nameof(constraints));
    }

    /// <summary>Judges a request.</summary>
    /// <param name="request">What it asks for.</param>
    /// <param name="admitted">What was admitted before and has not ended.</param>
    /// <param name="forecast">The forecast; not filled meanwhile.</param>
    /// <param name="isSafeMode">True in safe mode.</param>
    /// <param name="now">Now.</param>
    public Verdict Judge(in AdmissionRequest request, ReadOnlySpan<AdmittedLoad> admitted, Forecast forecast, bool isSafeMode, DtnTime now)
    {
        ArgumentNullException.ThrowIfNull(forecast);
        lock (_gate)
        {
            double nowSeconds = forecast.SecondsTo(now);
            bool isFresh = nowSeconds >= 0 && nowSeconds <= _options.MaxForecastAge.TotalSeconds;
            int count = isFresh ? forecast.Count : 0; // an old forecast is none: every prediction becomes unknown
            double chargeLimit = Load(admitted, forecast, count);
            Verdict.Margins margins = default;
            int binding = JudgeAt(nowSeconds, nowSeconds, request, forecast, count, chargeLimit, isSafeMode, ref margins, out int judged);
            if (binding < 0)
                return Prefer(nowSeconds, request, forecast, count, chargeLimit, isSafeMode, ref margins, ref judged) is { } better
                    ? new(Decision.Defer, At(forecast, better), margins, judged, judged - 1)
                    : new(Decision.Admit, now, margins, judged, binding);
            Verdict.Margins later = default;
            bool mayImprove = _constraints[binding].MayImprove && !double.IsNaN(margins[binding].Predicted);
            bool isKnown = mayImprove && IsKnown(request, forecast, count);
            for (int point = (int)(nowSeconds / Forecast.StepSeconds) + 1; mayImprove && point < count; point++)
            {
                double seconds = point * Forecast.StepSeconds;
                if (isKnown && IsSurelyBroken(request, CandidateAt(seconds, nowSeconds, forecast, count, chargeLimit, isSafeMode)))
                    continue;
                int next = JudgeAt(seconds, nowSeconds, request, forecast, count, chargeLimit, isSafeMode, ref later, out _);
                if (next < 0)
                    return new(Decision.Defer, At(forecast, seconds), margins, judged, binding);
                mayImprove = _constraints[next].MayImprove && !double.IsNaN(later[next].Predicted);
            }
            return new(Decision.Refuse, default, margins, judged, binding);
        }
    }

    private static DtnTime At(Forecast forecast, double seconds) => new(forecast.Start.Milliseconds + (ulong)(seconds * 1000));

    /// <summary>Looks for a later start that keeps all constraints too and that the function would rather have; notes both costs as a margin.</summary>
    /// <returns>The start, or null when now is as good.</returns>
    private double? Prefer(double nowSeconds, in AdmissionRequest request, Forecast forecast, int count, double chargeLimit, bool isSafeMode, ref Verdict.Margins margins, ref int judged)
    {
        if (request.Soft is not { IsNone: false } soft || _options.Policy != AdmissionPolicy.Forecast)
            return null;
        double duration = request.Duration.TotalSeconds, end = (count - 1) * Forecast.StepSeconds;
        double latest = Math.Min(end, request.Deadline is { } deadline ? forecast.SecondsTo(deadline) : end) - duration - SoftCost.SpareSeconds;
        double cost = SoftCost.Of(soft, request, CandidateAt(nowSeconds, nowSeconds, forecast, count, chargeLimit, isSafeMode), latest), least = cost - SoftCost.GainMin, best = double.NaN;
        Verdict.Margins later = default;
        for (int point = (int)(nowSeconds / Forecast.StepSeconds) + 1; point * Forecast.StepSeconds <= latest; point++)
        {
            double seconds = point * Forecast.StepSeconds, here = SoftCost.Of(soft, request, CandidateAt(seconds, nowSeconds, forecast, count, chargeLimit, isSafeMode), latest);
            if (here < least && JudgeAt(seconds, nowSeconds, request, forecast, count, chargeLimit, isSafeMode, ref later, out _) < 0) // NaN is no better
                (least, best) = (here, seconds);
        }
        if (double.IsNaN(best))
            return null;
        margins[judged++] = new(SoftName, Quantity.Cost, Bound.AtMost, cost, least);
        return best;
    }

    /// <summary>Judges a start.</summary>
    /// <returns>The first constraint that is not kept, or −1.</returns>
    private int JudgeAt(double startSeconds, double nowSeconds, in AdmissionRequest request, Forecast forecast, int count, double chargeLimit,
        bool isSafeMode, ref Verdict.Margins margins, out int judged)
    {
        Candidate candidate = CandidateAt(startSeconds, nowSeconds, forecast, count, chargeLimit, isSafeMode);
        judged = 0;
        foreach (IConstraint constraint in _constraints)
        {
            margins[judged] = constraint.Judge(request, candidate);
            if (!margins[judged++].IsKept)
                return judged - 1;
        }
        return -1;
    }

    private Candidate CandidateAt(double startSeconds, double nowSeconds, Forecast forecast, int count, double chargeLimit, bool isSafeMode) => new()
    {
        Forecast = forecast,
        NowSeconds = nowSeconds,
        StartSeconds = startSeconds,
        BoardUpperKelvin = _boardUpper.AsSpan(0, count),
        BoardLimitKelvin = _boardLimit.AsSpan(0, count),
        ChargeLower = _chargeLower.AsSpan(0, count),
        ChargeLimit = chargeLimit,
        LoadWatts = _load.AsSpan(0, count),
        HottestPoint = _hottest,
        LowestPoint = _lowest,
        SafetySigmas = _options.SafetySigmas,
        IsSafeMode = isSafeMode,
    };

    private bool IsSurelyBroken(in AdmissionRequest request, in Candidate candidate)
    {
        foreach (IConstraint constraint in _constraints)
        {
            if (constraint.IsSurelyBroken(request, candidate))
                return true;
        }
        return false;
    }

    /// <summary>True when nothing that any start is judged by is unknown, so that a start is not kept by a number, and the search goes on after it. Notes the points that are likely not to be kept.</summary>
    private bool IsKnown(in AdmissionRequest request, Forecast forecast, int count)
    {
        double seconds = request.Duration.TotalSeconds, sum = forecast.HeatingSigma(request.Power.Watts, seconds) + forecast.Heating(request.Power.Watts, seconds, seconds)
            + forecast.MaxDischargeWatts + request.BoardTemperatureMax.Kelvin + request.StateOfChargeMin.Value + forecast.Drain(request.Power.Watts);
        _hottest = _lowest = 0;
        for (int i = 0; i < count; i++)
        {
            sum += _boardUpper[i] + _boardLimit[i] + _chargeLower[i] + _load[i] + forecast.SolarWatts[i];
            if (_boardUpper[i] - _boardLimit[i] > _boardUpper[_hottest] - _boardLimit[_hottest])
                _hottest = i;
            if (_chargeLower[i] < _chargeLower[_lowest])
                _lowest = i;
        }
        return double.IsFinite(sum); // NaN stays
    }

    /// <summary>Adds what is admitted to the forecast.</summary>
    /// <returns>The highest charge that node and admitted functions want left.</returns>
    private double Load(ReadOnlySpan<AdmittedLoad> admitted, Forecast forecast, int count)
    {
        double sigmas = _options.SafetySigmas;
        for (int i = 0; i < count; i++)
        {
            _boardUpper[i] = forecast.BoardKelvin[i] + (sigmas * forecast.BoardSigmaKelvin[i]);
            _boardLimit[i] = _options.BoardTemperatureMax.Kelvin;
            _chargeLower[i] = forecast.StateOfCharge[i] - (sigmas * forecast.StateOfChargeSigma[i]);
            _load[i] = forecast.LoadWatts[i];
        }
        double chargeLimit = _options.StateOfChargeReserve.Value;
        foreach (ref readonly AdmittedLoad load in admitted)
        {
            double start = Math.Max(0, forecast.SecondsTo(load.Start)); // what it did before is in the sensors already
            double end = forecast.SecondsTo(load.End);
            if (end <= start)
                continue;
            chargeLimit = Math.Max(chargeLimit, load.StateOfChargeMin.Value);
            double watts = load.Power.Watts;
            double sigma = sigmas * forecast.HeatingSigma(watts, end - start);
            for (int i = (int)(start / Forecast.StepSeconds); i < count; i++)
            {
                double seconds = i * Forecast.StepSeconds;
                _boardUpper[i] += forecast.Heating(watts, seconds - start, end - start) + sigma;
                _chargeLower[i] -= forecast.Drain(watts * Math.Clamp(seconds - start, 0, end - start));
                if (seconds > end + Forecast.StepSeconds)
                    continue;
                _load[i] += watts;
                _boardLimit[i] = Math.Min(_boardLimit[i], load.BoardTemperatureMax.Kelvin);
            }
        }
        return chargeLimit;
    }
}
