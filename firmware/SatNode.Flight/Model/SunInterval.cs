using SatNode.Protocol.Quantities;
using SatNode.Protocol.Time;

namespace SatNode.Flight.Model;

/// <summary>A stretch of the coming orbit with one view of the Sun, predicted from the satellite's own elements.</summary>
/// <param name="Start">From.</param>
/// <param name="End">Until; later than <paramref name="Start"/>.</param>
/// <param name="Fraction">1 in sunlight, 0 in umbra.</param>
public readonly record struct SunInterval(DtnTime Start, DtnTime End, Ratio Fraction);
