using SatNode.Protocol.Time;

namespace SatNode.Flight.Model;

/// <summary>A coming pass over a ground station, in which the transmitter draws power.</summary>
/// <param name="Start">From.</param>
/// <param name="End">Until; later than <paramref name="Start"/>.</param>
public readonly record struct ContactInterval(DtnTime Start, DtnTime End);
