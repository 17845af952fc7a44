namespace SatNode.Ground.Placement;

/// <summary>What makes one satellite that keeps all rules better than another. Pure.</summary>
internal interface IPlacementScore
{
    /// <summary>The name under which its weight is configured.</summary>
    string Name { get; }

    /// <summary>0 (bad) to 100 (good); what is not known is 0.</summary>
    /// <param name="request">What a place is sought for.</param>
    /// <param name="candidate">The satellite.</param>
    /// <param name="taken">Satellites that the function is placed on already.</param>
    double Score(PlacementRequest request, Candidate candidate, IReadOnlyCollection<Candidate> taken);
}
