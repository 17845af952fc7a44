using System.Numerics;
using SatNode.Flight.Model.Learned;

namespace SatNode.ForecastTrainer;

/// <summary>Trains an LSTM by backpropagation through time with Adam. One seed is one network.</summary>
/// <remarks>Source: D. Kingma, J. Ba, Adam, ICLR 2015.</remarks>
internal sealed class Trainer
{
    private const int Batch = 24;
    private const float ClipNorm = 1;

    private readonly int _inputs;
    private readonly int _hidden;
    private readonly int _outputs;
    private readonly int _gateCount;
    private readonly float[] _weights;
    private readonly float[] _gradient;
    private readonly float[] _mean;
    private readonly float[] _square;
    private readonly Random _random;
    private float[] _gates = []; // a row of 4 · hidden a step, after the squashing
    private float[] _cells = []; // a row a step, the first is the start
    private float[] _states = [];
    private int _updates;

    public Trainer(int inputs, int hidden, int outputs, int seed)
    {
        (_inputs, _hidden, _outputs) = (inputs, hidden, outputs);
        _gateCount = 4 * hidden * (inputs + hidden + 1);
        int count = RecurrentNetwork.WeightCount(inputs, hidden, outputs);
        _random = new(seed);
        _weights = new float[count];
        _gradient = new float[count];
        _mean = new float[count];
        _square = new float[count];
        float reach = MathF.Sqrt(3f / (inputs + hidden));
        for (int i = 0; i < _gateCount - (4 * hidden); i++)
            _weights[i] = reach * ((2 * _random.NextSingle()) - 1);
        _weights.AsSpan(_gateCount - (4 * hidden) + hidden, hidden).Fill(1); // remember at first
        for (int i = _gateCount; i < count; i++)
            _weights[i] = (i - _gateCount) % (hidden + 1) == hidden ? 0 : 0.1f * ((2 * _random.NextSingle()) - 1);
    }

    public ReadOnlySpan<float> Weights => _weights;

    /// <summary>Goes through all examples once, in an order of the seed.</summary>
    /// <returns>The mean loss.</returns>
    public double Epoch(Example[] examples, float rate)
    {
        int[] order = [.. Enumerable.Range(0, examples.Length)];
        _random.Shuffle(order);
        double loss = 0;
        for (int i = 0; i < order.Length; i++)
        {
            loss += Backpropagate(examples[order[i]]);
            if ((i + 1) % Batch == 0 || i == order.Length - 1)
                Adam(rate);
        }
        return loss / order.Length;
    }

    /// <summary>The mean loss without learning.</summary>
    public double Loss(Example[] examples) => examples.Average(example => Forward(example));

    private double Forward(Example example)
    {
        int steps = example.Inputs.Length / _inputs, width = 4 * _hidden;
        if (_gates.Length < steps * width)
            (_gates, _cells, _states) = (new float[steps * width], new float[(steps + 1) * _hidden], new float[(steps + 1) * _hidden]);
        double loss = 0;
        for (int t = 0; t < steps; t++)
        {
            Span<float> pre = _gates.AsSpan(t * width, width);
            ReadOnlySpan<float> before = _states.AsSpan(t * _hidden, _hidden), cells = _cells.AsSpan(t * _hidden, _hidden);
            Span<float> state = _states.AsSpan((t + 1) * _hidden, _hidden), cell = _cells.AsSpan((t + 1) * _hidden, _hidden);
            _weights.AsSpan(width * (_inputs + _hidden), width).CopyTo(pre);
            for (int j = 0; j < _inputs; j++)
                RecurrentNetwork.AddScaled(pre, _weights.AsSpan(j * width, width), example.Inputs[(t * _inputs) + j]);
            for (int j = 0; j < _hidden; j++)
                RecurrentNetwork.AddScaled(pre, _weights.AsSpan((_inputs + j) * width, width), before[j]);
            for (int j = 0; j < _hidden; j++)
            {
                pre[j] = RecurrentNetwork.Sigmoid(pre[j]);
                pre[_hidden + j] = RecurrentNetwork.Sigmoid(pre[_hidden + j]);
                pre[(2 * _hidden) + j] = MathF.Tanh(pre[(2 * _hidden) + j]);
                pre[(3 * _hidden) + j] = RecurrentNetwork.Sigmoid(pre[(3 * _hidden) + j]);
                cell[j] = (pre[_hidden + j] * cells[j]) + (pre[j] * pre[(2 * _hidden) + j]);
                state[j] = pre[(3 * _hidden) + j] * MathF.Tanh(cell[j]);
            }
            for (int output = 0; output < _outputs && t >= example.Past; output++)
            {
                (float error, float weight) = Error(example, t, output, state);
                loss += weight * error * error / 2;
            }
        }
        return loss;
    }

    private (float Error, float Weight) Error(Example example, int t, int output, ReadOnlySpan<float> state)
    {
        float[] targets = output == 0 ? example.Board : example.Charge;
        int k = t - example.Past;
        if (k < 0 || k >= targets.Length)
            return (0, 0);
        ReadOnlySpan<float> row = _weights.AsSpan(_gateCount + (output * (_hidden + 1)), _hidden + 1);
        float said = row[_hidden];
        for (int j = 0; j < _hidden; j++)
            said += row[j] * state[j];
        return (said - targets[k], 1f / targets.Length);
    }

    private double Backpropagate(Example example)
    {
        double loss = Forward(example);
        int steps = example.Inputs.Length / _inputs, width = 4 * _hidden;
        float[] ofState = new float[_hidden], ofCell = new float[_hidden], ofPre = new float[width];
        for (int t = steps - 1; t >= 0; t--)
        {
            ReadOnlySpan<float> gates = _gates.AsSpan(t * width, width), before = _states.AsSpan(t * _hidden, _hidden), cells = _cells.AsSpan(t * _hidden, _hidden);
            ReadOnlySpan<float> state = _states.AsSpan((t + 1) * _hidden, _hidden), cell = _cells.AsSpan((t + 1) * _hidden, _hidden);
            for (int output = 0; output < _outputs && t >= example.Past; output++)
            {
                (float error, float weight) = Error(example, t, output, state);
                Span<float> gradient = _gradient.AsSpan(_gateCount + (output * (_hidden + 1)), _hidden + 1);
                ReadOnlySpan<float> row = _weights.AsSpan(_gateCount + (output * (_hidden + 1)), _hidden + 1);
                RecurrentNetwork.AddScaled(gradient[.._hidden], state, weight * error);
                gradient[_hidden] += weight * error;
                RecurrentNetwork.AddScaled(ofState, row[.._hidden], weight * error);
            }
            for (int j = 0; j < _hidden; j++)
            {
                float i = gates[j], f = gates[_hidden + j], g = gates[(2 * _hidden) + j], o = gates[(3 * _hidden) + j], squashed = MathF.Tanh(cell[j]);
                ofCell[j] += ofState[j] * o * (1 - (squashed * squashed));
                ofPre[j] = ofCell[j] * g * i * (1 - i);
                ofPre[_hidden + j] = ofCell[j] * cells[j] * f * (1 - f);
                ofPre[(2 * _hidden) + j] = ofCell[j] * i * (1 - (g * g));
                ofPre[(3 * _hidden) + j] = ofState[j] * squashed * o * (1 - o);
                ofCell[j] *= f;
            }
            for (int j = 0; j < _inputs; j++)
                RecurrentNetwork.AddScaled(_gradient.AsSpan(j * width, width), ofPre, example.Inputs[(t * _inputs) + j]);
            for (int j = 0; j < _hidden; j++)
            {
                RecurrentNetwork.AddScaled(_gradient.AsSpan((_inputs + j) * width, width), ofPre, before[j]);
                ofState[j] = Dot(_weights.AsSpan((_inputs + j) * width, width), ofPre);
            }
            RecurrentNetwork.AddScaled(_gradient.AsSpan((_inputs + _hidden) * width, width), ofPre, 1);
        }
        return loss;
    }

    private void Adam(float rate)
    {
        double norm = 0;
        foreach (float g in _gradient)
            norm += g * g / (double)(Batch * Batch);
        float scale = (float)Math.Min(1, ClipNorm / Math.Sqrt(norm)) / Batch;
        _updates++;
        float first = 1 - MathF.Pow(0.9f, _updates), second = 1 - MathF.Pow(0.999f, _updates);
        for (int i = 0; i < _weights.Length; i++)
        {
            float g = _gradient[i] * scale;
            _mean[i] += 0.1f * (g - _mean[i]);
            _square[i] += 0.001f * ((g * g) - _square[i]);
            _weights[i] -= rate * (_mean[i] / first) / (MathF.Sqrt(_square[i] / second) + 1e-8f);
        }
        Array.Clear(_gradient);
    }

    private static float Dot(ReadOnlySpan<float> one, ReadOnlySpan<float> other)
    {
        Vector<float> sum = Vector<float>.Zero;
        int i = 0;
        for (; i <= one.Length - Vector<float>.Count; i += Vector<float>.Count)
            sum += new Vector<float>(one[i..]) * new Vector<float>(other[i..]);
        float total = Vector.Sum(sum);
        for (; i < one.Length; i++)
            total += one[i] * other[i];
        return total;
    }
}
