using System.Formats.Cbor;
using SatNode.Protocol.Cbor;
using SatNode.Protocol.Dictionary;

namespace SatNode.Protocol.Functions;

/// <summary>What starts an invocation. CDDL: <c>trigger = [0, period-ms] / [1, latitude, longitude, radius-km] / [2, key] / [3] / [4, service] /
/// [5, parameter, side, value] / [6, function]</c>.</summary>
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
        int kind = reader.ReadInt32UpTo(6);
        int expected = kind switch { 1 or 5 => 4, 3 => 1, _ => 2 };
        if (items != expected)
            throw new WireFormatException($"expected a trigger of kind {kind} with {expected} items, found {items}");
        FunctionTrigger trigger = kind switch
        {
            0 => new TimerTrigger(TimeSpan.FromMilliseconds((long)reader.ReadUpTo((ulong)TimerTrigger.PeriodMax.TotalMilliseconds))),
            1 => new ObservationTrigger(reader.ReadFinite(), reader.ReadFinite(), reader.ReadFinite()),
            2 => new StateTrigger(reader.ReadTextUpTo(FunctionLimits.StateKeyCharsMax)),
            3 => new CommandTrigger(),
            4 => new BundleTrigger(reader.ReadUInt64()),
            5 => new ThresholdTrigger(reader.ReadTextUpTo(ThresholdTrigger.ParameterCharsMax), (ThresholdSide)reader.ReadInt32UpTo(1), reader.ReadFinite()),
            _ => new OutputTrigger(reader.ReadTextUpTo(FunctionNames.CharsMax)),
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

/// <summary>Starts an invocation when a bundle arrives for a service of the node; its payload is the input.</summary>
/// <param name="Service">Service number of the node's ipn endpoint (RFC 9758), 100 to 999; one function a service.</param>
public sealed record BundleTrigger(ulong Service) : FunctionTrigger
{
    /// <summary>The least service number that a function may take: those below are the node's own.</summary>
    public const ulong ServiceMin = 100;

    /// <summary>The greatest service number that a function may take.</summary>
    public const ulong ServiceMax = 999;

    internal override void Write(CborWriter writer)
    {
        writer.WriteStartArray(2);
        writer.WriteUInt32(4);
        writer.WriteUInt64(Service);
        writer.WriteEndArray();
    }

    internal override IEnumerable<string> Faults(string where)
    {
        if (Service is < ServiceMin or > ServiceMax)
            yield return $"{where}.service: expected {ServiceMin} to {ServiceMax}, found {Service}";
    }
}

/// <summary>Which side of a threshold starts an invocation.</summary>
public enum ThresholdSide
{
    /// <summary>When the parameter rises over the value.</summary>
    Above = 0,

    /// <summary>When the parameter falls below the value.</summary>
    Below = 1,
}

/// <summary>Starts an invocation when a telemetry parameter crosses a value, once a crossing.</summary>
/// <param name="Parameter">Name of a parameter of the dictionary, for example <c>board.temperature</c>.</param>
/// <param name="Side">Which way it crosses.</param>
/// <param name="Value">In the parameter's unit.</param>
public sealed record ThresholdTrigger(string Parameter, ThresholdSide Side, double Value) : FunctionTrigger
{
    internal const int ParameterCharsMax = 64;

    internal override void Write(CborWriter writer)
    {
        writer.WriteStartArray(4);
        writer.WriteUInt32(5);
        writer.WriteTextString(Parameter);
        writer.WriteInt32((int)Side);
        writer.WriteDouble(Value);
        writer.WriteEndArray();
    }

    internal override IEnumerable<string> Faults(string where)
    {
        if (!Parameters.All.Any(parameter => string.Equals(parameter.Name, Parameter, StringComparison.Ordinal)))
            yield return $"{where}.parameter: expected the name of a telemetry parameter of docs/dictionary.md, found \"{Parameter}\"";
        if (Side is not (ThresholdSide.Above or ThresholdSide.Below))
            yield return $"{where}.side: expected above or below, found {(int)Side}";
        if (!double.IsFinite(Value))
            yield return $"{where}.value: expected a number, found {Value}";
    }
}

/// <summary>Starts an invocation when another function of the node completes; its output is the input.</summary>
/// <param name="Function">The other function's name.</param>
public sealed record OutputTrigger(string Function) : FunctionTrigger
{
    internal override void Write(CborWriter writer)
    {
        writer.WriteStartArray(2);
        writer.WriteUInt32(6);
        writer.WriteTextString(Function);
        writer.WriteEndArray();
    }

    internal override IEnumerable<string> Faults(string where)
    {
        if (!FunctionNames.IsLabel(Function))
            yield return FunctionNames.Fault($"{where}.function", Function);
    }
}
