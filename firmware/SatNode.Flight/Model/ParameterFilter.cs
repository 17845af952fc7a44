namespace SatNode.Flight.Model;

/// <summary>Identifies the constants of a model that is linear in them, one observation at a time: recursive least squares as a Kalman filter over
/// slowly drifting parameters. The drift is the forgetting; it is held below the prior's variance, so that quiet hours without excitation cannot
/// wind the gain up. Observations that fit nothing are left out; when they keep coming, the prior's uncertainty returns. Allocates nothing after
/// construction.</summary>
/// <remarks>Source: L. Ljung, System Identification, 2nd edition, sections 11.2 and 11.6.</remarks>
internal sealed class ParameterFilter
{
    private const double GateSigmas = 5;
    private const int OutliersToReset = 5;
    private const double NoiseMemory = 0.05;

    private readonly double[] _prior;
    private readonly double[] _priorVariance;
    private readonly double[] _drift;
    private readonly double[] _low;
    private readonly double[] _high;
    private readonly double[] _value;
    private readonly double[,] _covariance;
    private readonly double[] _gain;
    private readonly double _noiseVariance;
    private double _excessVariance;
    private int _outliers;

    /// <summary>Creates the filter at its priors.</summary>
    /// <param name="parameters">Each parameter: prior, its standard deviation, and the clamps that physics sets.</param>
    /// <param name="noise">Standard deviation of an observation by the sensors' data sheets.</param>
    /// <param name="driftPerUpdate">How far a parameter may wander between two observations, as a share of its prior's standard deviation.</param>
    public ParameterFilter(ReadOnlySpan<(double Prior, double Sigma, double Low, double High)> parameters, double noise, double driftPerUpdate)
    {
        int n = parameters.Length;
        _prior = new double[n];
        _priorVariance = new double[n];
        _drift = new double[n];
        _low = new double[n];
        _high = new double[n];
        _value = new double[n];
        _gain = new double[n];
        _covariance = new double[n, n];
        _noiseVariance = noise * noise;
        for (int i = 0; i < n; i++)
        {
            (_prior[i], double sigma, _low[i], _high[i]) = parameters[i];
            _priorVariance[i] = sigma * sigma;
            _drift[i] = _priorVariance[i] * driftPerUpdate * driftPerUpdate;
            _value[i] = _prior[i];
            _covariance[i, i] = _priorVariance[i];
        }
    }

    /// <summary>Observations taken.</summary>
    public int Updates { get; private set; }

    /// <summary>A parameter.</summary>
    public double this[int index] => _value[index];

    /// <summary>A parameter's standard deviation.</summary>
    public double Sigma(int index) => Math.Sqrt(_covariance[index, index]);

    /// <summary>The variance of a linear combination of the parameters' errors.</summary>
    public double VarianceOf(ReadOnlySpan<double> weights)
    {
        double sum = 0;
        for (int i = 0; i < weights.Length; i++)
        {
            for (int j = 0; j < weights.Length; j++)
                sum += weights[i] * _covariance[i, j] * weights[j];
        }
        return Math.Max(0, sum);
    }

    /// <summary>Takes an observation <paramref name="observed"/> = Σ regressor · parameter + noise. What is not finite is left out.</summary>
    public void Update(ReadOnlySpan<double> regressors, double observed)
    {
        double predicted = 0;
        for (int i = 0; i < _value.Length; i++)
            predicted += regressors[i] * _value[i];
        double innovation = observed - predicted;
        if (!double.IsFinite(innovation))
            return;
        for (int i = 0; i < _value.Length; i++)
        {
            if (_covariance[i, i] + _drift[i] <= _priorVariance[i])
                _covariance[i, i] += _drift[i];
        }
        double modelVariance = VarianceOf(regressors);
        double variance = modelVariance + _noiseVariance + _excessVariance;
        if (!(innovation * innovation <= GateSigmas * GateSigmas * variance))
        {
            if (++_outliers >= OutliersToReset)
                ResetCovariance();
            return;
        }
        _outliers = 0;
        double excess = Math.Max(0, (innovation * innovation) - modelVariance - _noiseVariance);
        _excessVariance += NoiseMemory * (excess - _excessVariance);
        Apply(regressors, innovation, variance);
        Updates++;
    }

    private void Apply(ReadOnlySpan<double> regressors, double innovation, double variance)
    {
        int n = _value.Length;
        for (int i = 0; i < n; i++)
        {
            double sum = 0;
            for (int j = 0; j < n; j++)
                sum += _covariance[i, j] * regressors[j];
            _gain[i] = sum / variance;
        }
        for (int i = 0; i < n; i++)
        {
            _value[i] = Math.Clamp(_value[i] + (_gain[i] * innovation), _low[i], _high[i]);
            for (int j = 0; j <= i; j++)
            {
                double entry = _covariance[i, j] - (_gain[i] * _gain[j] * variance);
                _covariance[i, j] = entry;
                _covariance[j, i] = entry;
            }
            _covariance[i, i] = Math.Max(_covariance[i, i], _drift[i]);
        }
    }

    private void ResetCovariance()
    {
        _outliers = 0;
        Array.Clear(_covariance);
        for (int i = 0; i < _value.Length; i++)
            _covariance[i, i] = _priorVariance[i];
    }
}
