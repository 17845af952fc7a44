namespace SatNode.Orbit.Elements;

/// <summary>A state has no mean elements: what was expected and what was found.</summary>
public sealed class ElementFitException(string expected, string found) : Exception($"state: expected {expected}, found {found}")
{
    /// <summary>What was expected.</summary>
    public string Expected { get; } = expected;

    /// <summary>What was found.</summary>
    public string Found { get; } = found;
}
