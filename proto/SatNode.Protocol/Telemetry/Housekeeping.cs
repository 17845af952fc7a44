using System.Formats.Cbor;
using SatNode.Protocol.Cbor;
using SatNode.Protocol.Dictionary;

namespace SatNode.Protocol.Telemetry;

/// <summary>One sample of a parameter.</summary>
/// <param name="ParameterId">The parameter's number in the dictionary; an unknown number is kept, so that an older ground loses nothing.</param>
/// <param name="Value">The value in the parameter's unit.</param>
public readonly record struct ParameterSample(ushort ParameterId, double Value);

/// <summary>Housekeeping: samples of parameters at one moment, <c>[* [id: uint, value: float]]</c> by rising number. What was not measured is left out.</summary>
/// <param name="Samples">At most <see cref="MaxSamples"/>.</param>
public sealed record Housekeeping(IReadOnlyList<ParameterSample> Samples) : ICborMessage<Housekeeping>
{
    /// <summary>The most samples of one record.</summary>
    public const int MaxSamples = 256;

    /// <inheritdoc/>
    public static string MessageName => "housekeeping";

    /// <inheritdoc/>
    public static int MaxEncodedBytes => 8 * 1024;

    /// <summary>The value of a parameter, or null when it was not measured.</summary>
    public double? Find(ParameterDefinition parameter)
    {
        ArgumentNullException.ThrowIfNull(parameter);
        foreach (ParameterSample sample in Samples)
        {
            if (sample.ParameterId == parameter.Id)
                return sample.Value;
        }
        return null;
    }

    /// <inheritdoc/>
    public static Housekeeping Read(CborReader reader)
    {
        ArgumentNullException.ThrowIfNull(reader);
        var samples = new ParameterSample[reader.ReadStartArrayUpTo(MaxSamples)];
        int previous = 0;
        for (int i = 0; i < samples.Length; i++)
        {
            reader.Expect(2);
            samples[i] = new((ushort)reader.ReadUpTo(ushort.MaxValue), reader.ReadFinite());
            reader.ReadEndArray();
            if (samples[i].ParameterId <= previous)
                throw new WireFormatException($"expected a parameter above {previous}, found {samples[i].ParameterId}");
            previous = samples[i].ParameterId;
        }
        reader.ReadEndArray();
        return new(samples);
    }

    /// <inheritdoc/>
    public void Write(CborWriter writer)
    {
        ArgumentNullException.ThrowIfNull(writer);
        writer.WriteStartArray(Samples.Count);
        foreach (ParameterSample sample in Samples)
        {
            writer.WriteStartArray(2);
            writer.WriteUInt32(sample.ParameterId);
            writer.WriteDouble(sample.Value);
            writer.WriteEndArray();
        }
        writer.WriteEndArray();
    }
}
