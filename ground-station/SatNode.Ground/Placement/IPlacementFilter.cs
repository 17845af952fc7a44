namespace SatNode.Ground.Placement;

/// <summary>A rule that a satellite must keep. Pure.</summary>
internal interface IPlacementFilter
{
    /// <summary>Null when the satellite keeps the rule; what is not known refuses.</summary>
    Refusal? Judge(PlacementRequest request, Candidate candidate);
}
