using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using SatNode.Benchmarks.Measuring;
using SatNode.Protocol.Cbor;
using SatNode.Protocol.Dictionary;
using SatNode.Protocol.Telemetry;
using SatNode.Protocol.Time;

namespace SatNode.Benchmarks.Telemetry;

/// <summary>A housekeeping sample as people send it in JSON: by name, to the last digit.</summary>
internal sealed record JsonHousekeeping(uint Boot, ulong Sequence, DateTimeOffset Time, Dictionary<string, double> Parameters);

/// <summary>An event as people send it in JSON.</summary>
internal sealed record JsonEvent(
    uint Boot, ulong Sequence, DateTimeOffset Time, string Event, string Function, string Invocation, string Constraint, double Predicted, double Limit, string Unit);

/// <summary>The fast way of System.Text.Json: code made while compiling, no reflection.</summary>
[JsonSerializable(typeof(JsonHousekeeping))]
[JsonSerializable(typeof(JsonEvent))]
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
internal sealed partial class JsonRecords : JsonSerializerContext;

/// <summary>Telemetry records to bytes and back.</summary>
internal static class RecordBenchmarks
{
    private static readonly DateTimeOffset Now = new(2026, 6, 21, 12, 0, 0, TimeSpan.Zero);

    public static Comparison Housekeeping(bool decode)
    {
        ParameterSample[] samples = [.. Parameters.All.Select(p => new ParameterSample(p.Id, (p.Id * 10.0 / 3) + 0.1))];
        var record = new TelemetryRecord<Housekeeping>(3, 4711, DtnTime.From(Now), new(samples));
        var json = new JsonHousekeeping(3, 4711, Now, Parameters.All.ToDictionary(p => p.Name, p => (p.Id * 10.0 / 3) + 0.1, StringComparer.Ordinal));
        return Compare("housekeeping", $"a record of {samples.Length} parameters", decode, record, json, JsonRecords.Default.JsonHousekeeping);
    }

    public static Comparison Event(bool decode)
    {
        EventDefinition definition = Events.InvocationRefused;
        var record = new TelemetryRecord<EventReport>(3, 4711, DtnTime.From(Now),
            new(definition.Id, definition.Severity, ["object-det", "object-det-0001f3", "board-temperature", 341.7, 338.15, "K"]));
        var json = new JsonEvent(3, 4711, Now, definition.Name, "object-det", "object-det-0001f3", "board-temperature", 341.7, 338.15, "K");
        return Compare("event", "an event of six arguments", decode, record, json, JsonRecords.Default.JsonEvent);
    }

    private static Comparison Compare<T, TJson>(
        string name, string what, bool decode, TelemetryRecord<T> record, TJson json, JsonTypeInfo<TJson> type) where T : ICborMessage<T>
    {
        byte[] bytes = record.Encode(), text = JsonSerializer.SerializeToUtf8Bytes(json, type), copy = new byte[bytes.Length];
        Comparison comparison = decode
            ? new($"telemetry.{name}-decode", $"bytes to {what}, everything checked")
            : new($"telemetry.{name}-encode", $"{what} to bytes");
        comparison.Notes.Add($"{bytes.Length} bytes in CBOR, {text.Length} in JSON");
        if (decode)
        {
            comparison.Add(Role.Product, "CBOR", n =>
            {
                for (int i = 0; i < n; i++)
                    Check.That(CborDecoder.Decode<TelemetryRecord<T>>(bytes).Sequence == record.Sequence, "the record");
            }).Add(Role.Today, "JSON by System.Text.Json, source-generated", n =>
            {
                for (int i = 0; i < n; i++)
                    Check.That(JsonSerializer.Deserialize(text, type) is not null, "the record");
            });
        }
        else
        {
            comparison.Add(Role.Product, "CBOR", n =>
            {
                for (int i = 0; i < n; i++)
                    Check.That(record.Encode().Length == bytes.Length, "the record");
            }).Add(Role.Today, "JSON by System.Text.Json, source-generated", n =>
            {
                for (int i = 0; i < n; i++)
                    Check.That(JsonSerializer.SerializeToUtf8Bytes(json, type).Length == text.Length, "the record");
            });
        }
        return comparison.Add(Role.Limit, "copy the CBOR bytes", n =>
        {
            for (int i = 0; i < n; i++)
                bytes.CopyTo(copy, 0);
            Check.That(copy[^1] == bytes[^1], "the bytes");
        });
    }
}
