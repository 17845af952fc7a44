using SatNode.Orbit.Elements;

namespace SatNode.Orbit.Tests.Elements;

public sealed class TleParserTests
{
    internal const string Line1 = "1 25544U 98067A   08264.51782528 -.00002182  00000-0 -11606-4 0  2927";
    internal const string Line2 = "2 25544  51.6416 247.4627 0006703 130.5360 325.0288 15.72125391563537";

    [Fact]
    public void Reads_the_published_example()
    {
        Tle tle = TleParser.Parse(Line1, Line2, "ISS (ZARYA)");
        Assert.Equal("ISS (ZARYA)", tle.Name);
        Assert.Equal(25544, tle.CatalogNumber);
        Assert.Equal('U', tle.Classification);
        Assert.Equal("98067A", tle.InternationalDesignator);
        Assert.Equal(new DateTimeOffset(2008, 9, 20, 0, 0, 0, TimeSpan.Zero).AddTicks(51_782_528L * 8_640), tle.Epoch);
        Assert.Equal(-0.00002182, tle.MeanMotionDot);
        Assert.Equal(0.0, tle.MeanMotionDotDot);
        Assert.Equal(-0.11606e-4, tle.BStar);
        Assert.Equal(0, tle.EphemerisType);
        Assert.Equal(292, tle.ElementSetNumber);
        Assert.Equal(51.6416, tle.InclinationDegrees);
        Assert.Equal(247.4627, tle.RaanDegrees);
        Assert.Equal(0.0006703, tle.Eccentricity);
        Assert.Equal(130.5360, tle.ArgumentOfPerigeeDegrees);
        Assert.Equal(325.0288, tle.MeanAnomalyDegrees);
        Assert.Equal(15.72125391, tle.MeanMotionRevolutionsPerDay);
        Assert.Equal(56353, tle.RevolutionNumber);
    }

    [Theory]
    [InlineData(2, 9, " 51.6416", "     abc", "tle: line 2 column 9: expected the inclination 0 to 180, found '     abc'")]
    [InlineData(2, 9, " 51.6416", "180.0001", "tle: line 2 column 9: expected the inclination 0 to 180, found '180.0001'")]
    [InlineData(2, 9, " 51.6416", " -1.6416", "tle: line 2 column 9: expected the inclination 0 to 180, found ' -1.6416'")]
    [InlineData(2, 18, "247.4627", "360.0001", "tle: line 2 column 18: expected the right ascension of the node 0 to 360, found '360.0001'")]
    [InlineData(2, 27, "0006703", "00x6703", "tle: line 2 column 27: expected the eccentricity as seven digits, found '00x6703'")]
    [InlineData(2, 35, "130.5360", "        ", "tle: line 2 column 35: expected the argument of perigee 0 to 360, found '        '")]
    [InlineData(2, 44, "325.0288", "325.02.8", "tle: line 2 column 44: expected the mean anomaly 0 to 360, found '325.02.8'")]
    [InlineData(2, 53, "15.72125391", " 0.00000000", "tle: line 2 column 53: expected the mean motion 1E-08 to 99.99999999, found ' 0.00000000'")]
    [InlineData(2, 3, "25544", "25545", "tle: line 2 column 3: expected the catalogue number 25544 of line 1, found '25545'")]
    [InlineData(2, 8, " ", "0", "tle: line 2 column 8: expected a blank, found '0'")]
    [InlineData(2, 1, "2", "1", "tle: line 2 column 1: expected '2', found '1'")]
    [InlineData(1, 3, "25544", "I5544", "tle: line 1 column 3: expected a catalogue number of digits or alpha-5, found 'I5544'")]
    [InlineData(1, 21, "264", "367", "tle: line 1 column 21: expected the day of the epoch 1 to 366, found '367'")]
    [InlineData(1, 21, "264", "000", "tle: line 1 column 21: expected the day of the epoch 1 to 366, found '000'")]
    [InlineData(1, 24, ".", "5", "tle: line 1 column 24: expected the point of the epoch's day, found '5'")]
    [InlineData(1, 34, "-.00002182", "-.0000218x", "tle: line 1 column 34: expected the derivative of the mean motion -0.99999999 to 0.99999999, found '-.0000218x'")]
    [InlineData(1, 54, "-11606-4", "-11606e4", "tle: line 1 column 54: expected the drag term as ±ddddd±d, found '-11606e4'")]
    [InlineData(1, 63, "0", "x", "tle: line 1 column 63: expected the ephemeris type 0 to 9, found 'x'")]
    [InlineData(1, 10, "98067A", "98067é", "tle: line 1 column 15: expected a printable ASCII character, found U+00E9")]
    public void Says_where_and_what(int line, int column, string old, string damaged, string expected)
    {
        string[] lines = [Line1, Line2];
        Assert.Equal(old, lines[line - 1].Substring(column - 1, old.Length));
        lines[line - 1] = lines[line - 1].Remove(column - 1, old.Length).Insert(column - 1, damaged);
        lines[line - 1] = lines[line - 1][..68] + TestChecksum(lines[line - 1][..68]);
        Assert.False(TleParser.TryParse(lines[0], lines[1], out Tle? tle, out TleFormatException? fault));
        Assert.Null(tle);
        Assert.Equal(expected, fault.Message);
    }

    [Fact]
    public void Refuses_a_wrong_checksum_and_lines_of_another_length()
    {
        Assert.Equal(
            "tle: line 1 column 69: expected the checksum 7, found '8'",
            Assert.Throws<TleFormatException>(() => TleParser.Parse(Line1[..68] + "8", Line2)).Message);
        Assert.Equal(
            "tle: line 2 column 69: expected a line of 69 characters, found 68",
            Assert.Throws<TleFormatException>(() => TleParser.Parse(Line1, Line2.AsSpan(0, 68))).Message);
        Assert.Equal(
            "tle: line 2 column 71: expected a line of 69 characters, found 70",
            Assert.Throws<TleFormatException>(() => TleParser.Parse(Line1, Line2 + "0")).Message);
        Assert.Equal(
            "tle: line 1 column 1: expected a line of 69 characters, found 0",
            Assert.Throws<TleFormatException>(() => TleParser.Parse("", Line2)).Message);
    }

    [Fact]
    public void Checksums_can_be_ignored_but_nothing_else()
    {
        Assert.Equal(25544, TleParser.Parse(Line1[..68] + "8", Line2.AsSpan(0, 68), "", TleChecksum.Ignored).CatalogNumber);
        Assert.Throws<TleFormatException>(() => TleParser.Parse(Line1.AsSpan(0, 67), Line2, "", TleChecksum.Ignored));
        Assert.Throws<TleFormatException>(() => TleParser.Parse(Line2, Line1, "", TleChecksum.Ignored));
    }

    /// <summary>Every byte of both lines × every byte value, with the checksum as it is and set right: a set or a <see cref="TleFormatException"/>.</summary>
    [Fact]
    public void Damage_gives_a_set_or_the_one_exception()
    {
        int read = 0, refused = 0;
        for (int line = 0; line < 2; line++)
        {
            for (int at = 0; at < 69; at++)
            {
                for (int value = 0; value < 256; value++)
                {
                    foreach (TleChecksum checksum in Enum.GetValues<TleChecksum>())
                    {
                        string[] lines = [Line1, Line2];
                        char[] damaged = lines[line].ToCharArray();
                        damaged[at] = (char)value;
                        lines[line] = new(damaged);
                        bool whole = TleParser.TryParse(lines[0], lines[1], out Tle? tle, out TleFormatException? fault, checksum);
                        Assert.True(whole ? fault is null && tle is not null : tle is null && fault is not null);
                        if (whole && checksum == TleChecksum.Required && damaged[at] != (line == 0 ? Line1 : Line2)[at])
                            Assert.False(char.IsAsciiDigit(damaged[at]) && char.IsAsciiDigit((line == 0 ? Line1 : Line2)[at]), "a changed digit passed the checksum");
                        _ = whole ? read++ : refused++;
                    }
                }
            }

            for (int length = 0; length < 69; length++)
            {
                string[] lines = [Line1, Line2];
                lines[line] = lines[line][..length];
                Assert.False(TleParser.TryParse(lines[0], lines[1], out _, out _));
            }
        }

        Assert.True(read > 500 && refused > 50_000, $"{read} {refused}");
    }

    [Theory]
    [InlineData("1 25544U 98067A   08264.51782528 -.00002182  00000-0 -11606-4 0  292", "1 25544U 98067A   08264.51782528 -.00002182 +00000-0 -11606-4 0  292")]
    [InlineData("1 25544U 98067A   08264.51782528 -.00002182  00000-0 -11606-4 0  292", "1 25544U 98067A   08264.51782528 -.00002182          -11606-4 0  292")]
    [InlineData("1 25544U 98067A   08264.51782528 -.00002182  00000-0 -11606-4 0  292", "1 25544U 98067A   08264.51782528 -.00002182  00000-0 -11606-4    292")]
    [InlineData("1 25544U 98067A   08264.51782528 -.00002182  00000-0 -11606-4 0  292", "1 25544U 98067A    8264.51782528 -.00002182  00000+0 -11606-4 0  292")]
    [InlineData("1 25544U 98067A   08064.51782528 -.00002182  00000-0 -11606-4 0  292", "1 25544U 98067A    8 64.51782528 -.00002182  00000+0 -11606-4 0  292")]
    public void Reads_the_same_from_the_ways_catalogues_write(string canonical, string written)
    {
        Tle expected = TleParser.Parse(canonical + TestChecksum(canonical), Line2);
        Assert.Equal(expected, TleParser.Parse(written + TestChecksum(written) + "  \r", Line2 + " "));
    }

    internal static int TestChecksum(string line) => line.Sum(c => c is >= '0' and <= '9' ? c - '0' : c == '-' ? 1 : 0) % 10;

    [Fact]
    public void A_checksum_may_be_absent_where_that_is_allowed_but_never_wrong()
    {
        Tle whole = TleParser.Parse(Line1, Line2);
        Assert.Equal(whole, TleParser.Parse(Line1.AsSpan(0, 68), Line2.AsSpan(0, 68), "", TleChecksum.RightOrAbsent));
        Assert.Equal(whole, TleParser.Parse(Line1, $"{Line2.AsSpan(0, 68)} ", "", TleChecksum.RightOrAbsent));
        string wrong = $"{Line1.AsSpan(0, 68)}{(char)('0' + ((Line1[68] - '0' + 1) % 10))}";
        Assert.Throws<TleFormatException>(() => TleParser.Parse(wrong, Line2, "", TleChecksum.RightOrAbsent));
        Assert.Throws<TleFormatException>(() => TleParser.Parse(Line1.AsSpan(0, 68), Line2)); // required unless told
    }
}
