using System.Globalization;
using System.Text.RegularExpressions;
using SatNode.Orbit.Constellations;
using SatNode.Orbit.Elements;
using SatNode.Rig.Scenarios.Yaml;

namespace SatNode.Rig.Scenarios;

/// <summary>Reads the constellation: a Walker shell of which some satellites fly, satellites of a TLE file, and satellites by their states.</summary>
internal static partial class ConstellationReader
{
    private const int GroundNumber = 1;
    private const int MaxPlanes = 100, MaxPerPlane = 100; // two digits each in a name

    public static IReadOnlyList<SatelliteSpec> Read(YamlMap map, VehicleSpec vehicle, DateTimeOffset epoch)
    {
        YamlValue? shellValue = map.Find("shell");
        YamlValue? tleValue = map.Find("tle");
        if (shellValue is not null && tleValue is not null)
            map.Fault("expected either 'shell' or 'tle', found both");
        int before = map.File.Faults.Count;
        ShellSpec? shell = shellValue?.AsMap() is { } shellMap ? ReadShell(shellMap) : null;
        if (map.File.Faults.Count > before)
            shell = null; // names are not judged by a shell with faults
        IReadOnlyDictionary<int, TleOrbit>? sets = tleValue?.AsFile("a file of two-line elements") is { Length: > 0 } path
            ? TleFile.Read(path, tleValue.AsText(), map.File.Faults)
            : null;
        List<SatelliteSpec> satellites = [];
        YamlValue? list = map.Need("satellites");
        bool needsOrbits = false;
        foreach (YamlValue item in list?.AsList(Limits.MaxSatellites) ?? [])
        {
            YamlMap? entry = item.AsMap();
            YamlValue? state = entry?.Find("state");
            needsOrbits |= entry is not null && state is null;
            SatelliteSpec? satellite = entry is null ? null
                : state is not null ? ReadOfState(entry, state, vehicle, epoch)
                : shellValue is not null || tleValue is null ? ReadOfShell(entry, shell, vehicle)
                : ReadOfTle(entry, sets, vehicle);
            if (satellite is null)
                continue;
            if (satellites.Any(other => other.Name == satellite.Name || other.Number == satellite.Number))
                item.Fault($"'{satellite.Name}' stands twice");
            else
                satellites.Add(satellite);
        }
        if (needsOrbits && shellValue is null && tleValue is null)
            map.Fault("expected 'shell' or 'tle' for satellites without a 'state', found neither");
        if (list is not null && list.AsList(Limits.MaxSatellites).Count == 0)
            list.Fault("expected at least one satellite");
        map.Close();
        return satellites;
    }

    private static ShellSpec ReadShell(YamlMap map)
    {
        WalkerPattern pattern = map.Find("pattern")?.AsOneOf("delta", "star") is "star" ? WalkerPattern.Star : WalkerPattern.Delta;
        (int planes, int perPlane, int phasing) = map.Find("walker") is { } notation ? ReadWalker(map, notation) : ReadPlanes(map);
        var shell = new ShellSpec(planes, perPlane,
            map.Need("altitudeKm")?.AsNumber(200, 2000) ?? 550,
            map.Need("inclinationDegrees")?.AsNumber(0, 180) ?? 53,
            phasing,
            map.Find("raanDegrees")?.AsNumber(0, 360) ?? 0,
            pattern);
        map.Close();
        return shell;
    }

    private static (int Planes, int PerPlane, int Phasing) ReadPlanes(YamlMap map)
    {
        int planes = (int)(map.Need("planes")?.AsInteger(1, MaxPlanes) ?? 1), perPlane = (int)(map.Need("perPlane")?.AsInteger(1, MaxPerPlane) ?? 1);
        int phasing = (int)(map.Find("phasing")?.AsInteger(0, MaxPlanes - 1) ?? 0);
        if (phasing < planes)
            return (planes, perPlane, phasing);
        map.FaultAt("phasing", $"expected 0 to {planes - 1} (planes - 1), found {phasing}");
        return (planes, perPlane, 0);
    }

    /// <summary>Walker's t/p/f, instead of planes, satellites and phasing.</summary>
    private static (int Planes, int PerPlane, int Phasing) ReadWalker(YamlMap map, YamlValue value)
    {
        foreach (string key in (ReadOnlySpan<string>)["planes", "perPlane", "phasing"])
        {
            if (map.Find(key) is not null)
                map.FaultAt(key, "expected without 'walker', which tells it");
        }
        string text = value.AsText();
        if (text.Length == 0)
            return (1, 1, 0);
        if (WalkerNotation.TryParse(text, out WalkerNotation? walker) && walker.Planes <= MaxPlanes && walker.SatellitesPerPlane <= MaxPerPlane)
            return (walker.Planes, walker.SatellitesPerPlane, walker.Phasing);
        value.Fault($"expected satellites/planes/phasing like 66/6/2, of at most {MaxPlanes} planes of {MaxPerPlane}, all full and with a phasing below the planes, found '{text}'");
        return (1, 1, 0);
    }

    private static SatelliteSpec? ReadOfShell(YamlMap map, ShellSpec? shell, VehicleSpec vehicle)
    {
        YamlValue? name = map.Need("name");
        string text = ScenarioReader.NodeName(name);
        VehicleSpec own = VehicleReader.Read(map, vehicle, close: true);
        if (text.Length == 0)
            return null;
        Match match = ShellName().Match(text);
        if (!match.Success)
        {
            name!.Fault($"expected a place in the shell like p10-s03 (plane 10, slot 3), found '{text}'");
            return null;
        }
        int plane = int.Parse(match.Groups["plane"].ValueSpan, NumberStyles.None, CultureInfo.InvariantCulture);
        int slot = int.Parse(match.Groups["slot"].ValueSpan, NumberStyles.None, CultureInfo.InvariantCulture);
        int number = (plane * 100) + slot;
        if (shell is not null && plane >= shell.Planes)
            name!.Fault($"expected plane 0 to {shell.Planes - 1}, found {plane}");
        else if (shell is not null && slot >= shell.PerPlane)
            name!.Fault($"expected slot 0 to {shell.PerPlane - 1}, found {slot}");
        else if (number <= GroundNumber)
            name!.Fault($"'{text}' would have node number {number}, which is not for satellites; take another slot");
        return new(text, number, new ShellOrbit(shell ?? new(1, 1, 550, 53, 0, 0), plane, slot), own);
    }

    private static SatelliteSpec? ReadOfTle(YamlMap map, IReadOnlyDictionary<int, TleOrbit>? sets, VehicleSpec vehicle)
    {
        string name = ScenarioReader.NodeName(map.Need("name"));
        YamlValue? catalogue = map.Need("catalogNumber");
        int number = (int)(catalogue?.AsInteger(GroundNumber + 1, Tle.TwoLineCatalogNumberMax) ?? 0);
        VehicleSpec own = VehicleReader.Read(map, vehicle, close: true);
        if (name.Length == 0 || number == 0 || sets is null)
            return null;
        if (sets.TryGetValue(number, out TleOrbit? orbit))
            return new(name, number, orbit, own);
        catalogue!.Fault($"no satellite {number} in the TLE file");
        return null;
    }

    private static SatelliteSpec? ReadOfState(YamlMap map, YamlValue state, VehicleSpec vehicle, DateTimeOffset epoch)
    {
        string name = ScenarioReader.NodeName(map.Need("name"));
        int number = (int)(map.Need("catalogNumber")?.AsInteger(GroundNumber + 1, Tle.TwoLineCatalogNumberMax) ?? 0);
        TleOrbit? orbit = StateReader.Read(state, name, number, epoch);
        VehicleSpec own = VehicleReader.Read(map, vehicle, close: true);
        return name.Length == 0 || number == 0 || orbit is null ? null : new(name, number, orbit, own);
    }

    [GeneratedRegex("^p(?<plane>[0-9]{2})-s(?<slot>[0-9]{2})$", RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 1000)]
    private static partial Regex ShellName();
}
