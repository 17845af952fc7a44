namespace SatNode.Ground.Placement;

/// <summary>Finds satellites for a function in the stages of the Kubernetes scheduler: every filter must be kept, then the weighted mean of the scores decides.
/// Pure and deterministic: equal scores are decided by name.</summary>
internal sealed class PlacementPipeline(IReadOnlyList<IPlacementFilter> filters, IReadOnlyList<IPlacementScore> scores, PlacementWeights weights)
{
    private readonly double[] _weights = [.. scores.Select(score => (double)weights[score.Name])];

    /// <summary>The station's pipeline.</summary>
    public static PlacementPipeline Of(PlacementOptions options) => new(
        [
            new SelectionFilter(), new TelemetryAgeFilter(options.TelemetryMaxAge), new ModeFilter(), new ResourceFilter(options.FunctionsMax, options.MemoryBytesMax),
            new HeatFilter(), new ChargeFilter(), new ContactFilter(options.PassHorizon),
        ],
        [new LatencyScore(), new TemperatureScore(), new ChargeScore(), new SpreadScore()],
        options.Weights);

    /// <summary>The same pipeline with other weights; what is null stays.</summary>
    public PlacementPipeline With(int? latency, int? temperature, int? charge, int? spread) => new(filters, scores, new(
        latency ?? weights.Latency, temperature ?? weights.Temperature, charge ?? weights.Charge, spread ?? weights.Spread));

    /// <summary>Why a satellite is refused, or null.</summary>
    public Refusal? Judge(PlacementRequest request, Candidate candidate)
    {
        foreach (IPlacementFilter filter in filters)
        {
            if (filter.Judge(request, candidate) is { } refusal)
                return refusal;
        }
        return null;
    }

    /// <summary>The weighted mean of the scores, 0 to 100.</summary>
    public double Score(PlacementRequest request, Candidate candidate, IReadOnlyCollection<Candidate> taken)
    {
        double sum = 0;
        double total = 0;
        for (int i = 0; i < _weights.Length; i++)
        {
            if (_weights[i] > 0)
                sum += _weights[i] * scores[i].Score(request, candidate, taken);
            total += _weights[i];
        }
        return total > 0 ? sum / total : 0;
    }

    /// <summary>Chooses satellites one after the other, so that each choice sees the one before.</summary>
    /// <param name="request">What a place is sought for.</param>
    /// <param name="candidates">Satellites to choose from, none of them taken.</param>
    /// <param name="taken">Satellites that the function is placed on already.</param>
    /// <param name="count">How many to choose.</param>
    public PlacementVerdict Choose(PlacementRequest request, IEnumerable<Candidate> candidates, IReadOnlyCollection<Candidate> taken, int count)
    {
        List<Candidate> fitting = [];
        Dictionary<string, Refusal> refused = new(StringComparer.Ordinal);
        foreach (Candidate candidate in candidates)
        {
            if (Judge(request, candidate) is { } refusal)
                refused[candidate.Name] = refusal;
            else
                fitting.Add(candidate);
        }
        List<Candidate> all = [.. taken];
        List<ScoredCandidate> chosen = [];
        while (chosen.Count < count && fitting.Count > 0)
        {
            ScoredCandidate best = new(fitting[0], Score(request, fitting[0], all));
            foreach (Candidate candidate in fitting.Skip(1))
            {
                double score = Score(request, candidate, all);
                if (score > best.Score || (score >= best.Score && string.CompareOrdinal(candidate.Name, best.Candidate.Name) < 0))
                    best = new(candidate, score);
            }
            chosen.Add(best);
            all.Add(best.Candidate);
            fitting.Remove(best.Candidate);
        }
        return new(chosen, refused);
    }
}

/// <summary>A satellite that keeps all rules, with its score of 0 to 100.</summary>
internal readonly record struct ScoredCandidate(Candidate Candidate, double Score);

/// <summary>What was chosen, best first, and why the others were refused.</summary>
internal sealed record PlacementVerdict(IReadOnlyList<ScoredCandidate> Chosen, IReadOnlyDictionary<string, Refusal> Refused)
{
    /// <summary>Satellites that are named for one reason; the others are counted.</summary>
    public const int NamedMax = 3;

    /// <summary>The refusals in words, grouped as kubectl's users know it: <c>3 too hot (p21-s05 63.2 °C, at most 60.0 °C; …), 1 in safe mode</c>.</summary>
    public static string Words(IReadOnlyDictionary<string, Refusal> refused) => string.Join(", ", refused
        .GroupBy(pair => pair.Value.Title, StringComparer.Ordinal)
        .OrderByDescending(group => group.Count()).ThenBy(group => group.Key, StringComparer.Ordinal)
        .Select(group => $"{group.Count()} {group.Key} ({string.Join("; ", group.OrderBy(pair => pair.Key, StringComparer.Ordinal).Take(NamedMax).Select(Named))}{(group.Count() > NamedMax ? "; …" : "")})"));

    private static string Named(KeyValuePair<string, Refusal> pair)
    {
        string words = pair.Value.ToString();
        return words == pair.Value.Title ? pair.Key : $"{pair.Key} {words}";
    }
}
