namespace SatNode.Orbit.Elements;

/// <summary>What was read of a catalogue, and what could not be.</summary>
/// <param name="Elements">The element sets in the order of the text.</param>
/// <param name="Faults">Why the other lines are not element sets.</param>
public sealed record TleCatalog(IReadOnlyList<Tle> Elements, IReadOnlyList<TleFormatException> Faults);
