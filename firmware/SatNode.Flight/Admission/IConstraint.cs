namespace SatNode.Flight.Admission;

/// <summary>One thing that must hold for an invocation to start at a time.</summary>
public interface IConstraint
{
    /// <summary>The name in events, for example <c>board-temperature</c>.</summary>
    string Name { get; }

    /// <summary>True when a later start may keep what an earlier one does not.</summary>
    bool MayImprove { get; }

    /// <summary>Predicts for a start; allocates nothing.</summary>
    Margin Judge(in AdmissionRequest request, in Candidate candidate);
}
