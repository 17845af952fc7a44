using SatNode.Flight.Invocations;
using SatNode.Functions.Runtime;

namespace SatNode.Agent.Composition;

/// <summary>What became of the functions that one invocation called, gathered to one entry a function: a caller may call another a hundred thousand times, and must not have it held back by one
/// invocation. Used by one thread.</summary>
internal sealed class CalledFunctions
{
    private readonly Dictionary<string, CalledFunction> _byName = new(StringComparer.Ordinal);

    /// <summary>One entry a function.</summary>
    public IReadOnlyList<CalledFunction> All => _byName.Count == 0 ? [] : [.. _byName.Values];

    /// <summary>Takes in how a called function ended. The first offence says why; before one, the first limit or fault does.</summary>
    /// <returns>True when it is the first call of that function that did not complete.</returns>
    public bool Add(string name, in InvocationOutcome outcome)
    {
        string limit = outcome.IsCallersLimit ? "" : outcome.Limit;
        if (!_byName.TryGetValue(name, out CalledFunction? known))
        {
            _byName[name] = new(name, limit, outcome.Reason, outcome.IsOffence, outcome.Succeeded);
            return !outcome.Succeeded;
        }
        bool isFirstOffence = outcome.IsOffence && !known.IsOffence, isFirstFault = !outcome.Succeeded && known.Reason.Length == 0;
        bool isFirstLimit = limit.Length > 0 && known.Limit.Length == 0;
        if (isFirstOffence || isFirstFault || isFirstLimit || (outcome.Succeeded && !known.Succeeded)) // else it says nothing new, and nothing is allocated
        {
            _byName[name] = known with
            {
                Limit = isFirstOffence || isFirstLimit ? limit : known.Limit,
                Reason = isFirstOffence || isFirstFault ? outcome.Reason : known.Reason,
                IsOffence = known.IsOffence || outcome.IsOffence,
                Succeeded = known.Succeeded || outcome.Succeeded,
            };
        }
        return isFirstFault;
    }
}
