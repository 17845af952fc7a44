namespace SatNode.Flight.Admission;

/// <summary>What becomes of an invocation. The default refuses.</summary>
public enum Decision
{
    /// <summary>No start is allowed: never before the deadline, or something is unknown.</summary>
    Refuse = 0,

    /// <summary>Not now, but from <see cref="Verdict.Start"/> on.</summary>
    Defer,

    /// <summary>Now.</summary>
    Admit,
}
