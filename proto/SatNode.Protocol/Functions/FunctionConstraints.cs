using System.Formats.Cbor;
using SatNode.Protocol.Cbor;
using SatNode.Protocol.Quantities;

namespace SatNode.Protocol.Functions;

/// <summary>What must hold of the node from the start of an invocation to the end of the next eclipse. Hard, never traded against anything, but for <see cref="Soft"/>.
/// CDDL: <c>constraints = [board-max-mK: uint, state-of-charge-min: 0..1000, ? (cool-board: 0..10000, sunlight: 0..10000)]</c>.</summary>
public sealed record FunctionConstraints
{
    private const int Items = 2;
    private const int SoftItems = 2;

    /// <summary>The coldest limit that a manifest may set.</summary>
    public static readonly Temperature BoardTemperatureFloor = Temperature.FromCelsius(-20);

    /// <summary>The hottest limit that a manifest may set: a board throttles above it.</summary>
    public static readonly Temperature BoardTemperatureCeiling = Temperature.FromCelsius(85);

    /// <summary>The constraints of a manifest that names none.</summary>
    public static FunctionConstraints Default { get; } = new();

    /// <summary>The board's highest temperature, −20 to 85 °C; 65 °C unless told.</summary>
    public Temperature BoardTemperatureMax { get; init; } = Temperature.FromCelsius(65);

    /// <summary>The battery's lowest state of charge, 0 to 100 %; 30 % unless told.</summary>
    public Ratio StateOfChargeMin { get; init; } = Ratio.FromPercent(30);

    /// <summary>What the function would rather have; nothing unless told.</summary>
    public SoftConstraints Soft { get; init; } = SoftConstraints.None;

    internal IEnumerable<string> Faults()
    {
        if (!(BoardTemperatureMax >= BoardTemperatureFloor && BoardTemperatureMax <= BoardTemperatureCeiling))
            yield return $"constraints.boardTemperatureMax: expected -20 to 85 °C, found {BoardTemperatureMax}";
        if (!(StateOfChargeMin.Value is >= 0 and <= 1))
            yield return $"constraints.stateOfChargeMin: expected 0 to 100 %, found {StateOfChargeMin}";
        foreach (string fault in Soft.Faults())
            yield return fault;
    }

    internal static FunctionConstraints Read(CborReader reader)
    {
        int items = reader.ReadStartArrayUpTo(Items + SoftItems);
        if (items is not (Items or Items + SoftItems))
            throw new WireFormatException($"expected an array of {Items} or {Items + SoftItems}, found {items}");
        var constraints = new FunctionConstraints
        {
            BoardTemperatureMax = new(reader.ReadUpTo(1_000_000) / 1000.0),
            StateOfChargeMin = new(reader.ReadUpTo(1000) / 1000.0),
            Soft = items == Items ? SoftConstraints.None : SoftConstraints.Read(reader),
        };
        reader.ReadEndArray();
        return constraints;
    }

    internal void Write(CborWriter writer)
    {
        writer.WriteStartArray(Soft.IsNone ? Items : Items + SoftItems);
        writer.WriteUInt64((ulong)Math.Round(BoardTemperatureMax.Kelvin * 1000));
        writer.WriteUInt64((ulong)Math.Round(StateOfChargeMin.Value * 1000));
        if (!Soft.IsNone)
            Soft.Write(writer);
        writer.WriteEndArray();
    }
}
