using System.Globalization;
using System.Text.RegularExpressions;
using SatNode.Rig.Scenarios.Yaml;

namespace SatNode.Rig.Scenarios;

/// <summary>Reads the constellation: a Walker shell of which some satellites fly, or satellites of a TLE file.</summary>
internal static partial class ConstellationReader
{
    private const int GroundNumber = 1;

    public static IReadOnlyList<SatelliteSpec> Read(YamlMap map, VehicleSpec vehicle)
    {
        YamlValue? shellValue = map.Find("shell");
        YamlValue? tleValue = map.Find("tle");
        if ((shellValue is null) == (tleValue is null))
            map.Fault(shellValue is null ? "expected 'shell' or 'tle', found neither" : "expected either 'shell' or 'tle', found both");
        ShellSpec? shell = shellValue?.AsMap() is { } shellMap ? ReadShell(shellMap) : null;
        IReadOnlyDictionary<int, TleOrbit>? sets = tleValue?.AsFile("a file of two-line elements") is { Length: > 0 } path
            ? TleFile.Read(path, tleValue.AsText(), map.File.Faults)
            : null;
        List<SatelliteSpec> satellites = [];
        YamlValue? list = map.Need("satellites");
        foreach (YamlValue item in list?.AsList(Limits.MaxSatellites) ?? [])
        {
            SatelliteSpec? satellite = item.AsMap() is not { } entry ? null
                : shellValue is not null || tleValue is null ? ReadOfShell(entry, shell, vehicle)
                : ReadOfTle(entry, sets, vehicle);
            if (satellite is null)
                continue;
            if (satellites.Any(other => other.Name == satellite.Name || other.Number == satellite.Number))
                item.Fault($"'{satellite.Name}' stands twice");
            else
                satellites.Add(satellite);
        }
        if (list is not null && list.AsList(Limits.MaxSatellites).Count == 0)
            list.Fault("expected at least one satellite");
        map.Close();
        return satellites;
    }

    private static ShellSpec ReadShell(YamlMap map)
    {
        var shell = new ShellSpec(
            (int)(map.Need("planes")?.AsInteger(1, 100) ?? 1),
            (int)(map.Need("perPlane")?.AsInteger(1, 100) ?? 1),
            map.Need("altitudeKm")?.AsNumber(200, 2000) ?? 550,
            map.Need("inclinationDegrees")?.AsNumber(0, 180) ?? 53,
            (int)(map.Find("phasing")?.AsInteger(0, 99) ?? 0),
            map.Find("raanDegrees")?.AsNumber(0, 360) ?? 0);
        if (shell.Phasing >= shell.Planes)
            map.FaultAt("phasing", $"expected 0 to {shell.Planes - 1} (planes - 1), found {shell.Phasing}");
        map.Close();
        return shell;
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
        int number = (int)(catalogue?.AsInteger(GroundNumber + 1, 339_999) ?? 0);
        VehicleSpec own = VehicleReader.Read(map, vehicle, close: true);
        if (name.Length == 0 || number == 0 || sets is null)
            return null;
        if (sets.TryGetValue(number, out TleOrbit? orbit))
            return new(name, number, orbit, own);
        catalogue!.Fault($"no satellite {number} in the TLE file");
        return null;
    }

    [GeneratedRegex("^p(?<plane>[0-9]{2})-s(?<slot>[0-9]{2})$", RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 1000)]
    private static partial Regex ShellName();
}
