using SatNode.Orbit.Elements;
using SatNode.Orbit.Propagation;

namespace SatNode.Orbit.Tests.Elements;

public sealed class TleCatalogTests
{
    private const string Line1 = TleParserTests.Line1;
    private const string Line2 = TleParserTests.Line2;

    [Fact]
    public void Reads_the_published_Starlink_sets_and_flies_them()
    {
        IReadOnlyList<Tle> all = TleParser.ParseAll(Vectors.Text("starlink-2024-10-21-excerpt.tle"));
        Assert.Equal(81, all.Count);
        Assert.Equal("STARLINK-1008", all[0].Name);
        Assert.Equal('C', all[0].Classification);
        Assert.Contains(all, tle => tle.Name.Equals("STARLINK-1130 (DARKSAT)", StringComparison.Ordinal));
        Assert.Contains(all, tle => tle.Name.EndsWith("[DTC]", StringComparison.Ordinal));
        foreach (Tle tle in all)
        {
            Assert.Equal(PropagationError.None, new Sgp4(tle).Propagate(24 * 60.0, out TemeState state));
            Assert.InRange(state.PositionKm.Length - 6378.137, 200.0, 600.0);
        }
    }

    [Fact]
    public void Writes_the_published_Starlink_sets_back_byte_for_byte()
    {
        string[] lines = Vectors.Lines("starlink-2024-10-21-excerpt.tle");
        IReadOnlyList<Tle> all = TleParser.ParseAll(string.Join('\n', lines));
        for (int i = 0; i < all.Count; i++)
            Assert.Equal((lines[(3 * i) + 1], lines[(3 * i) + 2]), all[i].ToLines());
    }

    [Fact]
    public void Takes_names_comments_blank_lines_and_line_ends_as_they_come()
    {
        string text = $"# a catalogue\r\n\r\n0 ISS (ZARYA)  \r\n{Line1}\r\n{Line2}\r\n{Line1}\n{Line2}\n   \nVANGUARD 1\n{Line1}\n{Line2}";
        Assert.Equal("ISS (ZARYA)||VANGUARD 1", string.Join("|", TleParser.ParseAll(text).Select(tle => tle.Name)));
        Assert.Empty(TleParser.ParseAll(""));
    }

    [Theory]
    [InlineData("NAME\n" + Line1 + "\n", 3, "line 2 of an element set")]
    [InlineData("NAME\n", 2, "line 1 of an element set")]
    [InlineData("NAME\nOTHER\n" + Line1 + "\n" + Line2, 2, "line 1 of an element set after its name")]
    [InlineData(Line1 + "\n" + Line1 + "\n", 2, "'2'")]
    [InlineData(Line1 + "\n" + Line2 + "\n" + Line2, 3, "a name of at most 64 characters, or line 1")]
    public void Says_the_line_of_the_text(string text, int line, string expected)
    {
        var fault = Assert.Throws<TleFormatException>(() => TleParser.ParseAll(text));
        Assert.Equal((line, expected), (fault.Line, fault.Expected));
    }

    [Fact]
    public void A_catalogue_with_faults_gives_the_rest()
    {
        string text = $"A\n{Line1}\n{Line2}\nB\n{Line1[..68]}0\n{Line2}\nC\n{Line1}\n{Line2}\nD\n";
        TleCatalog catalog = TleParser.ReadCatalog(text);
        Assert.Equal("A C", string.Join(" ", catalog.Elements.Select(tle => tle.Name)));
        Assert.Equal([5, 11], catalog.Faults.Select(fault => fault.Line));
    }

    [Fact]
    public void Reads_no_more_sets_than_the_limit()
    {
        string many = string.Concat(Enumerable.Repeat($"{Line1}\n{Line2}\n", TleParser.ElementSetsMax));
        Assert.Equal(TleParser.ElementSetsMax, TleParser.ParseAll(many).Count);
        string oneMore = $"{many}{Line1}\n{Line2}\n";
        Assert.Equal((2 * TleParser.ElementSetsMax) + 1, Assert.Throws<TleFormatException>(() => TleParser.ParseAll(oneMore)).Line);
        Assert.Single(TleParser.ReadCatalog(oneMore).Faults);
    }
}
