using System.Text.Json;

namespace SatNode.Benchmarks.Measuring;

/// <summary>Results for machines: nanoseconds an operation throughout, whatever the table shows.</summary>
internal static class JsonReport
{
    public static void Write(string path, IReadOnlyList<Result> results, IReadOnlyDictionary<string, string> machine)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        using FileStream file = File.Create(path);
        using var json = new Utf8JsonWriter(file, new() { Indented = true });
        json.WriteStartObject();
        json.WriteStartObject("machine");
        foreach ((string name, string value) in machine)
            json.WriteString(name, value);
        json.WriteEndObject();
        json.WriteStartArray("comparisons");
        foreach (Result result in results)
            Write(json, result);
        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter json, Result result)
    {
        json.WriteStartObject();
        json.WriteString("name", result.Comparison.Name);
        json.WriteString("title", result.Comparison.Title);
        if (result.Comparison.BytesPerOperation > 0)
            json.WriteNumber("bytesPerOperation", result.Comparison.BytesPerOperation);
        json.WriteStartArray("notes");
        foreach (string note in result.Comparison.Notes)
            json.WriteStringValue(note);
        json.WriteEndArray();
        json.WriteStartArray("subjects");
        foreach (Measurement m in result.Measurements)
        {
            json.WriteStartObject();
            json.WriteString("role", m.Subject.Role.ToString().ToLowerInvariant());
            json.WriteString("name", m.Subject.Name);
            json.WriteNumber("operationsPerRound", m.Operations);
            json.WriteNumber("minNanoseconds", m.Min);
            json.WriteNumber("medianNanoseconds", m.Median);
            json.WriteNumber("maxNanoseconds", m.Max);
            json.WriteNumber("cpuNanoseconds", m.CpuMedian);
            json.WriteNumber("allocatedBytes", Math.Round(m.AllocatedBytes, 1));
            json.WriteNumber("productToThis", m.ProductToThis);
            json.WriteNumber("productToThisCpu", m.ProductToThisCpu);
            json.WriteEndObject();
        }
        json.WriteEndArray();
        json.WriteEndObject();
    }
}
