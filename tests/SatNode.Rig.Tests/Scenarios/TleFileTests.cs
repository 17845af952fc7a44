using SatNode.Orbit.Elements;
using SatNode.Rig.Scenarios;

namespace SatNode.Rig.Tests.Scenarios;

public sealed class TleFileTests : IDisposable
{
    // Source: SGP4 verification set of Vallado et al., 2006, satellite 00005.
    private const string Line1 = "1 00005U 58002B   00179.78495062  .00000023  00000-0  28098-4 0  4753";
    private const string Line2 = "2 00005  34.2682 348.7242 1859667 331.7664  19.3264 10.82419157413667";

    private readonly string _path = Path.GetTempFileName();

    public void Dispose() => File.Delete(_path);

    [Theory]
    [InlineData("VANGUARD 1\n" + Line1 + "\n" + Line2 + "\n")]
    [InlineData(Line1 + "\r\n" + Line2)]
    [InlineData("# comment\n\n" + Line1 + "  \n" + Line2 + "\n")]
    public void Reads_sets_with_and_without_names(string text)
    {
        (IReadOnlyDictionary<int, TleOrbit> sets, List<ScenarioFault> faults) = Read(text);

        Assert.Empty(faults);
        Assert.Equal(TleParser.Parse(Line1, Line2), sets[5].Elements with { Name = "" });
    }

    [Theory]
    [InlineData("VANGUARD 1\n1 00005U 58002B   00179.78495062  .00000023  00000-0  28098-4 0  4754\n" + Line2, "sats.tle:2:69: ")]
    [InlineData(Line1 + "\n2 00005  34.2682", "sats.tle:2:")]
    [InlineData(Line1 + "\n", "sats.tle:2:1: expected line 2 of an element set, found the end of the text")]
    [InlineData(Line1 + "\nVANGUARD 1\n", "sats.tle:2:")]
    [InlineData("hello\n", "sats.tle:2:1: expected line 1 of an element set, found the end of the text")]
    [InlineData("", "sats.tle:1:1: expected two-line element sets, found none")]
    [InlineData("# nothing\n", "sats.tle:1:1: expected two-line element sets, found none")]
    public void Refuses_what_is_no_element_set_by_its_own_line(string text, string expected)
    {
        (_, List<ScenarioFault> faults) = Read(text);

        Assert.StartsWith(expected, Assert.Single(faults).ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Refuses_lines_of_two_satellites()
    {
        string other = Line2.Replace("2 00005", "2 00006", StringComparison.Ordinal)[..68] + "8";

        (_, List<ScenarioFault> faults) = Read(Line1 + "\n" + other);

        Assert.StartsWith("sats.tle:2:", Assert.Single(faults).ToString(), StringComparison.Ordinal);
    }

    private (IReadOnlyDictionary<int, TleOrbit> Sets, List<ScenarioFault> Faults) Read(string text)
    {
        File.WriteAllText(_path, text);
        List<ScenarioFault> faults = [];
        return (TleFile.Read(_path, "sats.tle", faults), faults);
    }
}
