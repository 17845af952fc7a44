using SatNode.Orbit.Elements;

namespace SatNode.Rig.Scenarios;

/// <summary>Reads a file of element sets: two lines with or without names, or OMM as JSON, CSV, XML or KVN.</summary>
internal static class TleFile
{
    /// <summary>The sets by catalogue number; faults name the file's own lines.</summary>
    public static IReadOnlyDictionary<int, TleOrbit> Read(string path, string shown, List<ScenarioFault> faults)
    {
        Dictionary<int, TleOrbit> sets = [];
        var info = new FileInfo(path);
        if (info.Length > Limits.MaxTleBytes)
        {
            faults.Add(new(shown, 0, 0, $"expected at most {Limits.MaxTleBytes} bytes, found {info.Length}"));
            return sets;
        }
        ElementCatalog catalog = ElementReader.Read(File.ReadAllBytes(path));
        foreach (ElementFormatException fault in catalog.Faults.Take(Limits.MaxFaults + 1))
            faults.Add(new(shown, fault.Line, fault.Column, $"expected {fault.Expected}, found {fault.Found}"));
        foreach (Tle tle in catalog.Elements)
            sets[tle.CatalogNumber] = new(tle);
        if (sets.Count == 0 && catalog.Faults.Count == 0)
            faults.Add(new(shown, 1, 1, "expected two-line element sets, found none"));
        return sets;
    }
}
