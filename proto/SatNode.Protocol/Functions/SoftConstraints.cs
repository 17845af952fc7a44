using System.Formats.Cbor;
using SatNode.Protocol.Cbor;

namespace SatNode.Protocol.Functions;

/// <summary>What a function would rather have, as weights of a cost that a later start may lower. Only traded against waiting, which costs 1 at the latest start that keeps the deadline: a weight of 1
/// matters as much as that, 0 not at all. Hard constraints come first. CDDL: two more items of <c>constraints</c>, <c>cool-board: 0..10000, sunlight: 0..10000</c>, in thousandths.</summary>
public sealed record SoftConstraints
{
    /// <summary>The largest weight.</summary>
    public const double WeightMax = 10;

    /// <summary>No preference: it starts as soon as it may.</summary>
    public static SoftConstraints None { get; } = new();

    /// <summary>The weight of a cool board, 0 to 10: the board's predicted peak costs from 0 at 20 K below the function's limit to 1 at the limit.</summary>
    public double CoolBoard { get; init; }

    /// <summary>The weight of sunlight, 0 to 10: the share of the run's energy that the battery gives, not the array, costs from 0 to 1.</summary>
    public double Sunlight { get; init; }

    /// <summary>True without any preference that is told in thousandths.</summary>
    public bool IsNone => Thousandths(CoolBoard) == 0 && Thousandths(Sunlight) == 0;

    internal IEnumerable<string> Faults()
    {
        if (!(CoolBoard is >= 0 and <= WeightMax))
            yield return $"constraints.soft.coolBoard: expected 0 to {WeightMax}, found {CoolBoard}";
        if (!(Sunlight is >= 0 and <= WeightMax))
            yield return $"constraints.soft.sunlight: expected 0 to {WeightMax}, found {Sunlight}";
    }

    internal static SoftConstraints Read(CborReader reader) => new() { CoolBoard = ReadWeight(reader), Sunlight = ReadWeight(reader) };

    internal void Write(CborWriter writer)
    {
        writer.WriteUInt64(Thousandths(CoolBoard));
        writer.WriteUInt64(Thousandths(Sunlight));
    }

    private static ulong Thousandths(double weight) => (ulong)Math.Round(weight * 1000);

    private static double ReadWeight(CborReader reader) => reader.ReadUpTo(1_000_000) / 1000.0;
}
