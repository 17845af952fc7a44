using SatNode.Ground.Archive;
using SatNode.Ground.Commanding;
using SatNode.Ground.Functions;
using SatNode.Protocol.Dictionary;
using SatNode.Protocol.Functions;

namespace SatNode.Ground.Placement;

/// <summary>The front door for requests: each goes to the one satellite that has the function and can answer best. Nothing waits here: what no satellite
/// can take now is refused with the reason, and whoever asks decides whether to ask again.</summary>
internal sealed class RequestRouter(Fleet fleet, FunctionLibrary library, PlacementPipeline pipeline, CommandQueue queue, ArchiveReader archive, TimeProvider clock) : IDisposable
{
    private readonly SemaphoreSlim _one = new(1); // a request counts as outstanding before the next one is routed

    public void Dispose() => _one.Dispose();

    /// <summary>Sends a request on its way.</summary>
    public async Task<RoutedRequest> SendAsync(string function, byte[] input, CancellationToken cancellation)
    {
        await _one.WaitAsync(cancellation);
        try
        {
            Candidate[] candidates = [.. (await fleet.LookAsync()).Select(member => member.Candidate).Where(candidate => candidate.Functions.ContainsKey(function))];
            if (candidates.Length == 0)
            {
                return library.List().Any(image => image.Manifest.Name == function)
                    ? new(RouteResult.Unavailable, Fault: $"no satellite has function '{function}'; deploy it first")
                    : new(RouteResult.Unknown, Fault: $"no function '{function}'{Configuration.Suggestion.For(function, library.List().Select(image => image.Manifest.Name).Distinct(StringComparer.Ordinal))}");
            }
            SortedDictionary<string, Refusal> refused = new(StringComparer.Ordinal);
            HashSet<string> leaving = [.. archive.Read(connection => CommandStore.Deployments(connection, function)).Where(command => command is { IsDeploy: false, IsOnItsWay: true })
                .Select(command => command.Node)];
            foreach (Candidate satellite in Rank(function, candidates, leaving, refused))
            {
                var arguments = new Dictionary<string, ArgumentValue>(StringComparer.Ordinal) { ["name"] = function, ["input"] = input };
                if (await queue.EnqueueAsync(satellite.Name, Commands.InvokeFunction.Name, arguments, cancellation) is { } id)
                    return new(RouteResult.Sent, id, satellite.Name);
                refused[satellite.Name] = new(RefusalReason.QueueFull);
            }
            return new(RouteResult.Unavailable, Fault: $"no satellite that has function '{function}' can take a request now: {PlacementVerdict.Words(refused)}");
        }
        finally
        {
            _one.Release();
        }
    }

    /// <summary>The satellites that can take a request, best first: the fewest requests outstanding, then the scores of placement, then the name.</summary>
    private IEnumerable<Candidate> Rank(string function, IEnumerable<Candidate> candidates, HashSet<string> leaving, SortedDictionary<string, Refusal> refused)
    {
        List<(Candidate Candidate, double Score)> able = [];
        foreach (Candidate candidate in candidates)
        {
            if (leaving.Contains(candidate.Name))
                refused[candidate.Name] = new(RefusalReason.BeingRemoved);
            else if (Judge(candidate) is { } refusal)
                refused[candidate.Name] = refusal;
            else
                able.Add((candidate, pipeline.Score(new(ManifestOf(candidate.Functions[function].Image, function), clock.GetUtcNow()), candidate, [])));
        }
        return able.OrderBy(pair => pair.Candidate.Outstanding).ThenByDescending(pair => pair.Score).ThenBy(pair => pair.Candidate.Name, StringComparer.Ordinal).Select(pair => pair.Candidate);
    }

    private static Refusal? Judge(Candidate candidate)
    {
        if (!candidate.IsReachable)
            return new(RefusalReason.OutOfContact, Detail: candidate.NextPass is { } pass ? $"next pass {Cloud.Words.Time(pass.Start)} over {pass.Station}" : "");
        return candidate.IsSafeMode switch
        {
            false => null,
            true => new(RefusalReason.SafeMode),
            null => new(RefusalReason.TelemetryMissing, Detail: "agent.mode was never measured"),
        };
    }

    /// <summary>The manifest of an image; with safe defaults when it is not in the library.</summary>
    private FunctionManifest ManifestOf(string image, string function) => library.Find(image)?.Manifest
        ?? new FunctionManifest { Name = function, Version = "0", Kind = FunctionKind.Reactor, ModuleDigest = ReadOnlyMemory<byte>.Empty };
}

/// <summary>What became of a request.</summary>
internal enum RouteResult
{
    /// <summary>Nobody knows the function.</summary>
    Unknown = 0,

    /// <summary>No satellite can take it now.</summary>
    Unavailable,

    /// <summary>It is on its way.</summary>
    Sent,
}

/// <summary>What became of a request: the command and the satellite, or why not.</summary>
internal sealed record RoutedRequest(RouteResult Result, string Command = "", string Satellite = "", string Fault = "");
