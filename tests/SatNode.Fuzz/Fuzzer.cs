using System.Text;

namespace SatNode.Fuzz;

/// <summary>Tries inputs on a target for a time. An input that the target answers in a way not seen before is kept to be changed further: what coverage is to other fuzzers, the
/// words of the answer are to this one, which needs no instrumented build.</summary>
internal sealed class Fuzzer(FuzzTarget target, int seed, string crashFolder)
{
    private const int PoolMax = 4_000;
    private const int AnswersMax = 20_000;

    // A thousand times what the slowest input takes, on a machine that does other things as well.
    private static readonly TimeSpan HangsAfter = TimeSpan.FromSeconds(30);

    private readonly Random _random = new(seed);
    private readonly HashSet<string> _answers = new(StringComparer.Ordinal);
    private readonly List<byte[]> _pool = [];

    /// <summary>Inputs that were tried.</summary>
    public long Tried { get; private set; }

    /// <summary>Kinds of answers that were seen.</summary>
    public int Answers => _answers.Count;

    /// <summary>Tries the corpus, each as it is.</summary>
    public void Replay(IEnumerable<byte[]> corpus)
    {
        foreach (byte[] input in corpus)
        {
            Try(input);
            _pool.Add(input);
        }
    }

    /// <summary>Tries changed inputs until the time is over.</summary>
    public void Run(TimeSpan time)
    {
        var mutator = new Mutator(_random, target.Words, target.InputBytesMax);
        long began = TimeProvider.System.GetTimestamp();
        while (TimeProvider.System.GetElapsedTime(began) < time)
        {
            byte[] input = mutator.Change(Pick(), Pick());
            if (Try(input) && _pool.Count < PoolMax)
                _pool.Add(input);
        }
    }

    private byte[] Pick() => _pool.Count == 0 ? [] : _pool[_random.Next(_pool.Count)];

    /// <summary>Tries an input; true when the answer is of a new kind.</summary>
    private bool Try(byte[] input)
    {
        Tried++;
        if (target.MayEndTheProcess)
            File.WriteAllBytes(PathOf("last"), input); // what is still there when the process is gone did it
        string answer = "taken";
        long allocated = GC.GetAllocatedBytesForCurrentThread(), began = TimeProvider.System.GetTimestamp();
        try
        {
            target.Take(input);
        }
        catch (Exception e) when (target.IsRefusal(e))
        {
            answer = WithoutNumbers(e.Message);
        }
#pragma warning disable CA1031 // any other kind is what is looked for
        catch (Exception e)
#pragma warning restore CA1031
        {
            Fail(input, $"threw {e}");
        }
        TimeSpan took = TimeProvider.System.GetElapsedTime(began);
        allocated = GC.GetAllocatedBytesForCurrentThread() - allocated;
        if (took > HangsAfter)
            Fail(input, $"took {took.TotalSeconds:F0} s");
        if (allocated > target.AllocatedBytesMax(input.Length))
            Fail(input, $"allocated {allocated} bytes for {input.Length}; expected at most {target.AllocatedBytesMax(input.Length)}");
        return _answers.Count < AnswersMax && _answers.Add(answer);
    }

    private void Fail(byte[] input, string what)
    {
        string path = PathOf($"crash-{Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(input).AsSpan(0, 6))}");
        File.WriteAllBytes(path, input);
        Assert.Fail($"{target.Name}: an input of {input.Length} bytes {what}\nseed {seed}, input {Tried}, kept in {path}; put it into tests/SatNode.Fuzz/corpus/{target.Name} once it is mended");
    }

    private string PathOf(string name) => Path.Combine(Directory.CreateDirectory(crashFolder).FullName, $"{target.Name}-{name}.bin");

    private static string WithoutNumbers(string text)
    {
        const int Shown = 200; // what follows is the input's own text
        var kind = new StringBuilder(Shown);
        bool quoted = false;
        foreach (char c in text.AsSpan(0, Math.Min(text.Length, Shown)))
        {
            if (c is '"' or '\'')
                quoted = !quoted;
            if (!quoted && !char.IsAsciiHexDigit(c))
                kind.Append(c);
        }
        return kind.ToString();
    }
}
