namespace SatNode.Rig.Tests.Scenarios;

/// <summary>A folder with the files of a small scenario that can be flown; deleted afterwards.</summary>
internal sealed class ScenarioFolder : IDisposable
{
    public const string Scenario = """
        name: small
        epoch: 2026-06-21T12:00:00Z
        durationMinutes: 10
        seed: 7
        vehicle: { stateOfChargeInitial: 0.6 }
        constellation:
          shell: { planes: 72, perPlane: 22, altitudeKm: 550, inclinationDegrees: 53 }
          satellites:
            - { name: p10-s03 }
            - { name: p10-s04, stateOfChargeInitial: 0.35 }
            - { name: p11-s04 }
        links: { topology: plus-grid, maxRangeKm: 5000, rateBitsPerSecond: 10000000 }
        stations:
          - { name: redu, latitudeDegrees: 50.002, longitudeDegrees: 5.148 }
        payload: { image: scene.tif }
        functions:
          - { manifest: ingest/function.yaml, on: all }
          - { manifest: detect/function.yaml, on: [p10-s04, p11-s04] }
        workflow:
          name: fire
          stages:
            - { name: ingest, candidates: [p10-s03] }
            - { name: detect, after: [ingest], candidates: [p11-s04, p10-s04] }
        commands:
          - { atMinutes: 5, satellite: p10-s03, name: housekeeping.set-period, arguments: { seconds: 5 } }
          - { atMinutes: 1, satellite: p10-s04, name: ping }
        checks: { regionsExpected: regions.json }

        """;

    public ScenarioFolder()
    {
        Root = Directory.CreateTempSubdirectory("scenario").FullName;
        Write("scene.tif", "II*");
        Write("regions.json", "[]");
        foreach (string function in (string[])["ingest", "detect"])
        {
            Write($"{function}/function.yaml", $"name: {function}\nversion: 1.0.0\n");
            File.WriteAllBytes(System.IO.Path.Combine(Root, function, $"{function}.wasm"), [0, 0x61, 0x73, 0x6d, 1, 0, 0, 0]);
        }
    }

    public string Root { get; }

    public string Path => System.IO.Path.Combine(Root, "small.yaml");

    public void Write(string name, string text)
    {
        string path = System.IO.Path.Combine(Root, name);
        Directory.CreateDirectory(System.IO.Path.GetDirectoryName(path)!);
        File.WriteAllText(path, text);
    }

    /// <summary>The scenario's text with one part replaced, which must be there.</summary>
    public static string With(string old, string @new)
    {
        Assert.Contains(old, Scenario, StringComparison.Ordinal);
        return Scenario.Replace(old, @new, StringComparison.Ordinal);
    }

    public void Dispose() => Directory.Delete(Root, recursive: true);
}
