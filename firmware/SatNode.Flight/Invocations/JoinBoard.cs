using SatNode.Protocol.State;

namespace SatNode.Flight.Invocations;

/// <summary>Collects the inputs of stages that wait for several predecessors, until all have arrived.</summary>
/// <remarks>Bounded: beyond <see cref="MaxJoins"/> the oldest one is given up, and so is what a lost predecessor leaves behind.</remarks>
public sealed class JoinBoard
{
    /// <summary>The most joins that wait.</summary>
    public const int MaxJoins = 64;

    private readonly Dictionary<(string Run, string Stage), Dictionary<string, StateReference>> _joins = [];
    private readonly Queue<(string Run, string Stage)> _order = new();
    private readonly Lock _lock = new();

    /// <summary>Takes in the output of one predecessor.</summary>
    /// <param name="run">The workflow's run.</param>
    /// <param name="stage">The stage that waits.</param>
    /// <param name="after">The names of all its predecessors.</param>
    /// <param name="from">The predecessor whose output arrived.</param>
    /// <param name="state">The output.</param>
    /// <returns>All inputs in the order of <paramref name="after"/> once they are there, else null. A repeated arrival completes nothing twice.</returns>
    public IReadOnlyList<StateReference>? Arrive(string run, string stage, IReadOnlyList<string> after, string from, StateReference state)
    {
        ArgumentNullException.ThrowIfNull(after);
        if (after.Count <= 1)
            return [state];
        lock (_lock)
        {
            if (!_joins.TryGetValue((run, stage), out Dictionary<string, StateReference>? inputs))
            {
                inputs = new Dictionary<string, StateReference>(StringComparer.Ordinal);
                _joins.Add((run, stage), inputs);
                _order.Enqueue((run, stage));
                while (_joins.Count > MaxJoins && _order.TryDequeue(out (string Run, string Stage) oldest))
                    _joins.Remove(oldest);
            }
            inputs[from] = state;
            if (after.Any(name => !inputs.ContainsKey(name)))
                return null;
            _joins.Remove((run, stage));
            return [.. after.Select(name => inputs[name])];
        }
    }
}
