using System.Text.Json;

namespace SatNode.Rig.Scenarios.Checks;

/// <summary>Compares the dataset that a workflow sent down (GeoJSON) with the regions that a reference computed from the same scene: the same regions in the
/// same order, each with the same pixels and box, and a mean burn ratio within <see cref="NbrTolerance"/>.</summary>
internal static class RegionComparison
{
    /// <summary>How far the flown mean, in fixed point, may be from the reference's, in floating point.</summary>
    public const double NbrTolerance = 1e-4;

    /// <summary>Null when they agree, else the first difference.</summary>
    /// <param name="reference">The expected regions, JSON.</param>
    /// <param name="dataset">The dataset, GeoJSON.</param>
    /// <param name="regions">How many regions were compared.</param>
    public static string? Difference(ReadOnlyMemory<byte> reference, ReadOnlyMemory<byte> dataset, out int regions)
    {
        regions = 0;
        if (dataset.IsEmpty)
            return "the output is empty";
        try
        {
            using JsonDocument expected = JsonDocument.Parse(reference), found = JsonDocument.Parse(dataset);
            return Difference(expected.RootElement, found.RootElement, out regions);
        }
        catch (JsonException fault)
        {
            return $"the output is not JSON: {fault.Message.Split('.')[0]}";
        }
        catch (Exception fault) when (fault is KeyNotFoundException or InvalidOperationException or FormatException)
        {
            return $"the output is not a dataset of regions: {fault.Message}";
        }
    }

    private static string? Difference(JsonElement expected, JsonElement found, out int regions)
    {
        JsonElement.ArrayEnumerator expectedRegions = expected.GetProperty("regions").EnumerateArray(), foundRegions = found.GetProperty("features").EnumerateArray();
        regions = expectedRegions.Count();
        if (foundRegions.Count() != regions)
            return $"expected {regions} regions, found {foundRegions.Count()}";
        if (found.GetProperty("burntPixels").GetInt32() != expected.GetProperty("burntPixels").GetInt32())
            return $"expected {expected.GetProperty("burntPixels")} burnt pixels, found {found.GetProperty("burntPixels")}";
        foreach ((JsonElement region, JsonElement feature) in expectedRegions.Zip(foundRegions))
        {
            int id = region.GetProperty("id").GetInt32();
            if (feature.GetProperty("id").GetInt32() != id)
                return $"expected region {id}, found {feature.GetProperty("id")}";
            JsonElement properties = feature.GetProperty("properties");
            foreach (string name in (ReadOnlySpan<string>)["pixels", "bbox"])
            {
                if (!JsonElement.DeepEquals(properties.GetProperty(name), region.GetProperty(name)))
                    return $"region {id}: {name}: expected {region.GetProperty(name).GetRawText()}, found {properties.GetProperty(name).GetRawText()}";
            }
            double mean = region.GetProperty("meanNbr").GetDouble(), flown = properties.GetProperty("meanNbr").GetDouble();
            if (!(Math.Abs(mean - flown) <= NbrTolerance))
                return $"region {id}: meanNbr: expected {mean} within {NbrTolerance}, found {flown}";
        }
        return null;
    }
}
