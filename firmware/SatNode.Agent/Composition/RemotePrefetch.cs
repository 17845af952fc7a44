using SatNode.Functions.Prefetch;
using SatNode.Network.State;
using SatNode.Protocol.Functions;
using SatNode.Protocol.State;

namespace SatNode.Agent.Composition;

/// <summary>Brings the shared keys that a manifest names under <c>prefetch</c> to the node: a global one from its home, one of the neighbourhood from the neighbours, where they have a
/// newer version. What is not there, or does not come in time, the function does without, as at any time.</summary>
/// <param name="states">What is here.</param>
/// <param name="node">This node's number.</param>
/// <param name="fetch">Asks a node for a key of at least a version.</param>
/// <param name="neighbours">The nodes with a link to this one.</param>
internal sealed class RemotePrefetch(FunctionStates states, ulong node, RemotePrefetch.FetchState fetch, Func<IReadOnlyList<ulong>> neighbours)
{
    /// <summary>The most neighbours that are asked for a key: those of a +Grid.</summary>
    public const int NeighboursMax = 4;

    /// <summary>Asks a node for a state and keeps it here; null when it has none, or none came in time.</summary>
    public delegate Task<StateEntry?> FetchState(ulong holder, string key, ulong minVersion, TimeSpan timeout, CancellationToken cancellation);

    /// <summary>Fetches; never fails. At most <see cref="PrefetchLimits.BytesMax"/> come, however large each turns out to be.</summary>
    public async Task Fetch(FunctionManifest manifest, TimeSpan timeout, CancellationToken cancellation)
    {
        long bytes = 0;
        List<Task<int>> asked = [];
        foreach ((ulong holder, string key) in Wanted(manifest))
        {
            // Each that is asked for may be as large as a state can be.
            while (bytes + ((asked.Count + 1L) * StateLimits.MaxBytes) > PrefetchLimits.BytesMax)
            {
                if (asked.Count == 0)
                    return;
                Task<int> ended = await Task.WhenAny(asked);
                asked.Remove(ended);
                bytes += await ended;
            }
            asked.Add(Fetch(holder, manifest.Name, key, timeout, cancellation));
        }
        await Task.WhenAll(asked);
    }

    private IEnumerable<(ulong Holder, string Key)> Wanted(FunctionManifest manifest)
    {
        foreach (string key in manifest.Prefetch.Take(PrefetchLimits.KeysMax))
        {
            if (key.StartsWith(FunctionStates.Global, StringComparison.Ordinal))
            {
                if (states.HomeOf(manifest.Name, key) is ulong home && home != node)
                    yield return (home, key);
            }
            else if (key.StartsWith(FunctionStates.Neighbourhood, StringComparison.Ordinal))
            {
                foreach (ulong neighbour in neighbours().Take(NeighboursMax))
                    yield return (neighbour, key);
            }
        }
    }

    private async Task<int> Fetch(ulong holder, string function, string key, TimeSpan timeout, CancellationToken cancellation)
    {
        ulong newer = states.Describe(function, key).Version + 1;
        try
        {
            return await fetch(holder, FunctionStates.StoreKey(function, key), newer, timeout, cancellation) is { } entry ? entry.Bytes.Length : 0;
        }
        catch (OperationCanceledException) // the node stops
        {
            return 0;
        }
    }
}
