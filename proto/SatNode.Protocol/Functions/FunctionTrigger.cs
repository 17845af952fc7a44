using System.Formats.Cbor;
using SatNode.Protocol.Cbor;

namespace SatNode.Protocol.Functions;

/// <summary>What starts an invocation. CDDL: <c>trigger = [0, period-ms] / [1, latitude, longitude, radius-km] / [2, key] / [3]</c>.</summary>
public abstract record FunctionTrigger
{
    private protected FunctionTrigger()
    {
    }

    internal abstract void Write(CborWriter writer);

    internal abstract IEnumerable<string> Faults(string where);

    internal static FunctionTrigger Read(CborReader reader)
    {
        int items = reader.ReadStartArrayUpTo(4);
        int kind = reader.ReadInt32UpTo(3);
        int expected = kind switch { 0 => 2, 1 => 4, 2 => 2, _ => 1 };
        if (items != expected)
            throw new WireFormatException($"expected a trigger of kind {kind} with {expected} items, found {items}");
        FunctionTrigger trigger = kind switch
        {
            0 => new TimerTrigger(TimeSpan.FromMilliseconds((long)reader.ReadUpTo((ulong)TimerTrigger.PeriodMax.TotalMilliseconds))),
            1 => new ObservationTrigger(reader.ReadFinite(), reader.ReadFinite(), reader.ReadFinite()),
            2 => new StateTrigger(reader.ReadTextUpTo(FunctionLimits.StateKeyCharsMax)),
            _ => new CommandTrigger(),
        };
        reader.ReadEndArray();
        return trigger;
    }
}

/// <summary>Starts an invocation again and again.</summary>
/// <param name="Period">1 s to 24 h, on the mission clock.</param>
public sealed record TimerTrigger(TimeSpan Period) : FunctionTrigger
{
    internal static readonly TimeSpan PeriodMin = TimeSpan.FromSeconds(1);
    internal static readonly TimeSpan PeriodMax = TimeSpan.FromHours(24);

    internal override void Write(CborWriter writer)
    {
        writer.WriteStartArray(2);
        writer.WriteUInt32(0);
        writer.WriteUInt64((ulong)Period.TotalMilliseconds);
        writer.WriteEndArray();
    }

    internal override IEnumerable<string> Faults(string where)
    {
        if (!(Period >= PeriodMin && Period <= PeriodMax))
            yield return $"{where}.period: expected 1 s to 24 h, found {Period.TotalSeconds} s";
    }
}

/// <summary>Starts an invocation once a pass, when a target comes into the node's view.</summary>
/// <param name="LatitudeDegrees">Geodetic, north positive, −90 to 90.</param>
/// <param name="LongitudeDegrees">East positive, −180 to 180.</param>
/// <param name="RadiusKm">Distance of the sub-satellite point from the target that counts as in view, 1 to 3,000 km.</param>
public sealed record ObservationTrigger(double LatitudeDegrees, double LongitudeDegrees, double RadiusKm) : FunctionTrigger
{
    internal override void Write(CborWriter writer)
    {
        writer.WriteStartArray(4);
        writer.WriteUInt32(1);
        writer.WriteDouble(LatitudeDegrees);
        writer.WriteDouble(LongitudeDegrees);
        writer.WriteDouble(RadiusKm);
        writer.WriteEndArray();
    }

    internal override IEnumerable<string> Faults(string where)
    {
        if (!(LatitudeDegrees is >= -90 and <= 90))
            yield return $"{where}.latitude: expected -90 to 90 degrees, found {LatitudeDegrees}";
        if (!(LongitudeDegrees is >= -180 and <= 180))
            yield return $"{where}.longitude: expected -180 to 180 degrees, found {LongitudeDegrees}";
        if (!(RadiusKm is >= 1 and <= 3000))
            yield return $"{where}.radiusKm: expected 1 to 3000, found {RadiusKm}";
    }
}

/// <summary>Starts an invocation when a key of the node's state is written by somebody else.</summary>
/// <param name="Key">1 to 128 characters, compared exactly.</param>
public sealed record StateTrigger(string Key) : FunctionTrigger
{
    internal override void Write(CborWriter writer)
    {
        writer.WriteStartArray(2);
        writer.WriteUInt32(2);
        writer.WriteTextString(Key);
        writer.WriteEndArray();
    }

    internal override IEnumerable<string> Faults(string where)
    {
        if (Key is not { Length: >= 1 and <= FunctionLimits.StateKeyCharsMax })
            yield return $"{where}.key: expected 1 to {FunctionLimits.StateKeyCharsMax} characters, found {Key?.Length ?? 0}";
    }
}

/// <summary>Starts an invocation by telecommand.</summary>
public sealed record CommandTrigger : FunctionTrigger
{
    internal override void Write(CborWriter writer)
    {
        writer.WriteStartArray(1);
        writer.WriteUInt32(3);
        writer.WriteEndArray();
    }

    internal override IEnumerable<string> Faults(string where) => [];
}
