using System.Globalization;
using System.Numerics;
using System.Runtime.InteropServices;
using System.Text;

namespace SatNode.Flight.Model.Learned;

/// <summary>A small LSTM with a linear output, in plain arithmetic. A step allocates nothing.</summary>
/// <remarks>Source: S. Hochreiter, J. Schmidhuber, Long short-term memory, Neural Computation 9 (1997), with the forget gate of F. Gers et al. (2000). A file of
/// weights is a line of text that says what it is and how it was trained, and single-precision numbers, low byte first.</remarks>
internal sealed class RecurrentNetwork
{
    /// <summary>The most cells: what a board computes in a millisecond.</summary>
    public const int HiddenMax = 64;

    private const string Magic = "satnode-network 1";
    private const int HeaderBytesMax = 400;

    private readonly float[] _gates; // a row of 4 · Hidden for each input, each cell of the step before, and the bias: input, forget, candidate, output gate
    private readonly float[] _outputs; // a row of Hidden + 1 for each output
    private readonly float[] _pre;
    private readonly float[] _hidden;
    private readonly float[] _cells;

    /// <summary>Creates a network.</summary>
    public RecurrentNetwork(int inputs, int hidden, int outputs, ReadOnlySpan<float> weights, string description)
    {
        if (inputs < 1 || hidden is < 1 or > HiddenMax || outputs < 1 || weights.Length != WeightCount(inputs, hidden, outputs))
            throw new InvalidDataException($"network: expected 1 to {HiddenMax} cells and the weights for {inputs} inputs, {hidden} cells and {outputs} outputs, found {weights.Length}");
        (Inputs, Hidden, Outputs, Description) = (inputs, hidden, outputs, description);
        _gates = weights[..GateCount(inputs, hidden)].ToArray();
        _outputs = weights[GateCount(inputs, hidden)..].ToArray();
        _pre = new float[4 * hidden];
        _hidden = new float[hidden];
        _cells = new float[hidden];
    }

    /// <summary>Numbers in a step's input.</summary>
    public int Inputs { get; }

    /// <summary>Cells.</summary>
    public int Hidden { get; }

    /// <summary>Numbers in a step's output.</summary>
    public int Outputs { get; }

    /// <summary>What it is and how it was trained.</summary>
    public string Description { get; }

    /// <summary>Weights of a network of a shape.</summary>
    public static int WeightCount(int inputs, int hidden, int outputs) => GateCount(inputs, hidden) + (outputs * (hidden + 1));

    /// <summary>Reads a file of weights.</summary>
    /// <exception cref="InvalidDataException">It is none, or not whole.</exception>
    public static RecurrentNetwork Read(ReadOnlySpan<byte> file)
    {
        int end = file[..Math.Min(file.Length, HeaderBytesMax)].IndexOf((byte)'\n');
        string header = end < 0 ? "" : Encoding.ASCII.GetString(file[..end]);
        if (!header.StartsWith(Magic, StringComparison.Ordinal))
            throw new InvalidDataException($"network: expected a first line that begins with \"{Magic}\"");
        ReadOnlySpan<byte> body = file[(end + 1)..];
        if (body.Length % sizeof(float) != 0)
            throw new InvalidDataException($"network: expected whole numbers of {sizeof(float)} bytes, found {body.Length} bytes");
        float[] weights = MemoryMarshal.Cast<byte, float>(body).ToArray();
        foreach (float weight in weights)
        {
            if (!float.IsFinite(weight))
                throw new InvalidDataException("network: expected finite weights");
        }
        return new(Number(header, "inputs"), Number(header, "hidden"), Number(header, "outputs"), weights, header);
    }

    /// <summary>Writes a file of weights.</summary>
    public static byte[] Write(int inputs, int hidden, int outputs, ReadOnlySpan<float> weights, string training) =>
        [.. Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{Magic}; inputs={inputs}; hidden={hidden}; outputs={outputs}; {training}\n")),
            .. MemoryMarshal.AsBytes(weights)];

    /// <summary>Forgets.</summary>
    public void Reset()
    {
        Array.Clear(_hidden);
        Array.Clear(_cells);
    }

    /// <summary>Takes a step.</summary>
    public void Step(ReadOnlySpan<float> input)
    {
        int width = 4 * Hidden;
        _gates.AsSpan(width * (Inputs + Hidden), width).CopyTo(_pre);
        for (int j = 0; j < Inputs; j++)
            AddScaled(_pre, _gates.AsSpan(j * width, width), input[j]);
        for (int j = 0; j < Hidden; j++)
            AddScaled(_pre, _gates.AsSpan((Inputs + j) * width, width), _hidden[j]);
        for (int j = 0; j < Hidden; j++)
        {
            float cell = (Sigmoid(_pre[Hidden + j]) * _cells[j]) + (Sigmoid(_pre[j]) * MathF.Tanh(_pre[(2 * Hidden) + j]));
            _cells[j] = cell;
            _hidden[j] = Sigmoid(_pre[(3 * Hidden) + j]) * MathF.Tanh(cell);
        }
    }

    /// <summary>An output after the last step.</summary>
    public float Output(int index)
    {
        ReadOnlySpan<float> row = _outputs.AsSpan(index * (Hidden + 1), Hidden + 1);
        float sum = row[Hidden];
        for (int j = 0; j < Hidden; j++)
            sum += row[j] * _hidden[j];
        return sum;
    }

    internal static float Sigmoid(float x) => 1 / (1 + MathF.Exp(-x));

    internal static void AddScaled(Span<float> sum, ReadOnlySpan<float> row, float factor)
    {
        if (factor == 0)
            return;
        int i = 0;
        for (; i <= sum.Length - Vector<float>.Count; i += Vector<float>.Count)
            (new Vector<float>(sum[i..]) + (new Vector<float>(row[i..]) * factor)).CopyTo(sum[i..]);
        for (; i < sum.Length; i++)
            sum[i] += row[i] * factor;
    }

    private static int GateCount(int inputs, int hidden) => 4 * hidden * (inputs + hidden + 1);

    private static int Number(string header, string key)
    {
        foreach (string part in header.Split("; "))
        {
            if (part.StartsWith(key + "=", StringComparison.Ordinal) && int.TryParse(part.AsSpan(key.Length + 1), NumberStyles.None, CultureInfo.InvariantCulture, out int value))
                return value;
        }
        throw new InvalidDataException($"network: expected {key}=NUMBER in its first line");
    }
}
