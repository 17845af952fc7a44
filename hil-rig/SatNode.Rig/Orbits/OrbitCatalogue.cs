using System.Globalization;
using SatNode.Orbit;
using SatNode.Orbit.Elements;
using SatNode.Rig.Scenarios.Yaml;

namespace SatNode.Rig.Orbits;

/// <summary>The element sets of a file, two lines or OMM, and how a satellite of it is asked for.</summary>
internal sealed class OrbitCatalogue
{
    private readonly string _path;
    private readonly IReadOnlyList<Tle> _elements;

    private OrbitCatalogue(string path, ElementCatalog catalogue)
    {
        _path = path;
        _elements = catalogue.Elements;
        Faults = catalogue.Faults;
    }

    /// <summary>What could not be read of the file.</summary>
    public IReadOnlyList<ElementFormatException> Faults { get; }

    /// <summary>The element sets, in the file's order.</summary>
    public IReadOnlyList<Tle> Elements => _elements;

    /// <summary>Reads a file.</summary>
    /// <exception cref="OrbitException">There is no such file, it is too long, or it has no element set.</exception>
    public static OrbitCatalogue Read(string path)
    {
        var info = new FileInfo(path);
        if (!info.Exists)
            throw new OrbitException($"--tle: no such file '{path}'");
        if (info.Length > Limits.MaxCatalogueBytes)
            throw new OrbitException($"--tle: expected at most {Limits.MaxCatalogueBytes} bytes, found {info.Length} in '{path}'");
        var catalogue = new OrbitCatalogue(path, ElementReader.Read(File.ReadAllBytes(path)));
        if (catalogue._elements.Count == 0)
            throw new OrbitException($"{path}: expected element sets, found none{(catalogue.Faults.Count > 0 ? $"; {catalogue.Faults[0].Message}" : "")}");
        return catalogue;
    }

    /// <summary>The satellite of a number or a name; without either, the only one of the file. The last set wins when a satellite stands more than once.</summary>
    /// <exception cref="OrbitException">There is none, or it is not told which.</exception>
    public SatelliteOrbit Find(int? number, string? name, string numberOption = "--norad")
    {
        if (number is { } asked)
            return new(_elements.LastOrDefault(tle => tle.CatalogNumber == asked) ?? throw new OrbitException(Missing(asked, numberOption)));
        if (name is { Length: > 0 })
        {
            return new(_elements.LastOrDefault(tle => tle.Name.Equals(name, StringComparison.OrdinalIgnoreCase))
                ?? throw new OrbitException($"--name: no satellite '{name}' in {_path}{(NearestName.Find(name, _elements.Select(tle => tle.Name)) is { } near ? $"; did you mean '{near}'?" : "")}"));
        }

        return _elements.Select(tle => tle.CatalogNumber).Distinct().Count() == 1
            ? new(_elements[^1])
            : throw new OrbitException($"expected --norad or --name: {_path} has {_elements.Count} satellites");
    }

    private string Missing(int asked, string option)
    {
        Tle? below = _elements.Where(tle => tle.CatalogNumber < asked).MaxBy(tle => tle.CatalogNumber);
        Tle? above = _elements.Where(tle => tle.CatalogNumber > asked).MinBy(tle => tle.CatalogNumber);
        string around = string.Join(" and ", new[] { below, above }.OfType<Tle>().Select(Shown));
        string unread = Faults.Count > 0 ? string.Create(CultureInfo.InvariantCulture, $"; {Faults.Count} sets could not be read") : "";
        return string.Create(CultureInfo.InvariantCulture, $"{option}: no satellite {asked} among the {_elements.Count} of {_path}; beside it {(below is null || above is null ? "is" : "are")} {around}{unread}");

        static string Shown(Tle tle) => tle.Name.Length > 0 ? $"{tle.CatalogNumber} ({tle.Name})" : $"{tle.CatalogNumber}";
    }
}
