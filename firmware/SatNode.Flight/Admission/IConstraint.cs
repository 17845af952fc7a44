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

    /// <summary>True when a start is certainly not kept, by a look at less than <see cref="Judge"/> looks at; false says nothing. It spares the search for a later start the long way, and is asked only
    /// where all that is forecast is known, which no constraint may then call unknown.</summary>
    bool IsSurelyBroken(in AdmissionRequest request, in Candidate candidate) => false;
}
