using SatNode.Protocol.State;

namespace SatNode.Flight.Invocations;

/// <summary>Collects the inputs of stages that wait for several predecessors, until all have arrived.</summary>
/// <remarks>Bounded: beyond <see cref="MaxJoins"/> that wait the oldest one is given up, and so is what a lost predecessor leaves behind. The last
/// <see cref="MaxRemembered"/> complete ones are remembered, so that what is sent twice starts nothing twice. Thread-safe.</remarks>
public sealed class JoinBoard
{
    /// <summary>The most joins that wait. A join holds at most 31 references of 200 characters: 1 MB in all.</summary>
    public const int MaxJoins = 64;

    /// <summary>The most complete joins that are remembered: four times what can wait.</summary>
    public const int MaxRemembered = 256;

    private readonly OrderedDictionary<(string Run, string Stage), Dictionary<string, StateReference>> _joins = [];
    private readonly HashSet<(string Run, string Stage)> _complete = [];
    private readonly Queue<(string Run, string Stage)> _completed = new();
    private readonly Lock _lock = new();

    /// <summary>Takes in the output of one predecessor.</summary>
    /// <param name="run">The workflow's run.</param>
    /// <param name="stage">The stage that waits.</param>
    /// <param name="after">The names of all its predecessors.</param>
    /// <param name="from">The predecessor whose output arrived; one that is not in <paramref name="after"/> is left out.</param>
    /// <param name="state">The output.</param>
    /// <returns>All inputs in the order of <paramref name="after"/> once they are there, else null. A repeated arrival completes nothing twice; a stage
    /// with one predecessor waits for nobody and completes at each.</returns>
    public IReadOnlyList<StateReference>? Arrive(string run, string stage, IReadOnlyList<string> after, string from, StateReference state)
    {
        ArgumentNullException.ThrowIfNull(after);
        if (after.Count <= 1)
            return [state];
        if (!after.Contains(from, StringComparer.Ordinal))
            return null;
        lock (_lock)
        {
            if (_complete.Contains((run, stage)))
                return null;
            if (!_joins.TryGetValue((run, stage), out Dictionary<string, StateReference>? inputs))
            {
                inputs = new Dictionary<string, StateReference>(StringComparer.Ordinal);
                if (_joins.Count == MaxJoins)
                    _joins.RemoveAt(0);
                _joins.Add((run, stage), inputs);
            }
            inputs[from] = state;
            if (inputs.Count < after.Count)
                return null;
            _joins.Remove((run, stage));
            Remember((run, stage));
            return [.. after.Select(name => inputs[name])];
        }
    }

    private void Remember((string Run, string Stage) join)
    {
        if (_completed.Count == MaxRemembered)
            _complete.Remove(_completed.Dequeue());
        _completed.Enqueue(join);
        _complete.Add(join);
    }
}
