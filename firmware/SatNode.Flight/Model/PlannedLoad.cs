using SatNode.Protocol.Quantities;
using SatNode.Protocol.Time;

namespace SatNode.Flight.Model;

/// <summary>A load on the board that is known already: an admitted function.</summary>
/// <param name="Start">When it started, or will.</param>
/// <param name="End">When it is expected to end.</param>
/// <param name="Power">The power that it adds.</param>
public readonly record struct PlannedLoad(DtnTime Start, DtnTime End, Power Power);
