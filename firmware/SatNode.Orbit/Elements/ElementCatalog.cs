namespace SatNode.Orbit.Elements;

/// <summary>What was read of a catalogue, and what could not be.</summary>
/// <param name="Format">How the catalogue is written.</param>
/// <param name="Elements">The element sets in the order of the text.</param>
/// <param name="Faults">Why the rest are not element sets.</param>
public sealed record ElementCatalog(ElementFormat Format, IReadOnlyList<Tle> Elements, IReadOnlyList<ElementFormatException> Faults);
