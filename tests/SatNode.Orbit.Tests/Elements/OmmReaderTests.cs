using System.Text;
using SatNode.Orbit.Elements;
using SatNode.Orbit.Propagation;

namespace SatNode.Orbit.Tests.Elements;

public sealed class OmmReaderTests
{
    private static readonly IReadOnlyList<Tle> Starlink = TleParser.ParseAll(Vectors.Text("starlink-2024-10-21-excerpt.tle"));

    public static TheoryData<ElementFormat> Formats => [.. Enum.GetValues<ElementFormat>()];

    public static TheoryData<ElementFormat> Messages => [ElementFormat.OmmJson, ElementFormat.OmmCsv, ElementFormat.OmmXml, ElementFormat.OmmKvn];

    [Theory]
    [MemberData(nameof(Formats))]
    public void Every_form_gives_the_very_sets_of_the_two_lines(ElementFormat format)
    {
        byte[] text = Encoding.UTF8.GetBytes(OmmTexts.Write(format, Starlink));
        Assert.Equal(format, ElementReader.FormatOf(text));
        foreach (byte[] marked in (byte[][])[text, [.. Encoding.UTF8.Preamble, .. text]])
        {
            ElementCatalog catalog = ElementReader.Read(marked);
            Assert.Empty(catalog.Faults);
            Assert.Equal(format, catalog.Format);
            Assert.Equal(Starlink, catalog.Elements);
        }
    }

    [Fact]
    public void Reads_the_published_form()
    {
        Tle iss = Assert.Single(Read(OmmTexts.Iss).Elements);
        Assert.Equal(("ISS (ZARYA)", 25544, "98067A", 'U', 999, 47811), (iss.Name, iss.CatalogNumber, iss.InternationalDesignator, iss.Classification, iss.ElementSetNumber, iss.RevolutionNumber));
        Assert.Equal(new DateTimeOffset(2024, 10, 21, 11, 9, 38, TimeSpan.Zero).AddTicks(2_566_720), iss.Epoch);
        Assert.Equal((15.50121033, 0.0008906, 51.6402, 0.00039277, 0.00022283), (iss.MeanMotionRevolutionsPerDay, iss.Eccentricity, iss.InclinationDegrees, iss.BStar, iss.MeanMotionDot));
        Assert.Equal(PropagationError.None, new Sgp4(iss).Propagate(60, out _));
    }

    [Theory]
    [InlineData("\"EPOCH\": \"2024-10-21T11:09:38.256672\"", "\"EPOCH\": \"2024-295T11:09:38.256672Z\"")]
    [InlineData("\"NORAD_CAT_ID\": 25544", "\"NORAD_CAT_ID\": \"25544\"")]
    [InlineData("\"BSTAR\": 0.00039277", "\"BSTAR\": \".39277E-3\"")]
    [InlineData("\"RA_OF_ASC_NODE\": 71.9117", "\"RA_OF_ASC_NODE\": 71.9117, \"USER_DEFINED\": {\"a\": [1, {\"EPOCH\": 2}]}, \"COMMENT\": null")]
    [InlineData("\"CLASSIFICATION_TYPE\": \"U\"", "\"CLASSIFICATION_TYPE\": null")]
    [InlineData("\"OBJECT_ID\": \"1998-067A\"", "\"OBJECT_ID\": \"98067A\", \"MEAN_ELEMENT_THEORY\": \"sgp4\", \"REF_FRAME\": \"TEME\"")]
    [InlineData("[", "")] // one object alone
    public void Spellings_that_lose_nothing_are_the_same_set(string found, string written)
    {
        string text = OmmTexts.Iss.Replace(found, written, StringComparison.Ordinal);
        ElementCatalog catalog = Read(found == "[" ? text.TrimEnd().TrimEnd(']') : text);
        Assert.Empty(catalog.Faults);
        Assert.Equal(Read(OmmTexts.Iss).Elements, catalog.Elements);
    }

    [Fact]
    public void Angles_of_the_standard_may_be_negative() =>
        Assert.Equal(288.0883, Assert.Single(Read(OmmTexts.Iss.Replace("71.9117", "-71.9117", StringComparison.Ordinal)).Elements).RaanDegrees, 10);

    [Fact]
    public void Numbers_of_nine_digits_fly_but_do_not_fit_two_lines()
    {
        Tle tle = Assert.Single(Read(OmmTexts.Iss.Replace("25544", "799500123", StringComparison.Ordinal).Replace("47811", "147811", StringComparison.Ordinal)).Elements);
        Assert.Equal((799_500_123, 147_811), (tle.CatalogNumber, tle.RevolutionNumber));
        Assert.Equal(PropagationError.None, new Sgp4(tle).Propagate(60, out _));
        Assert.Equal("expected a catalogue number of 0 to 339999 for two-line elements, found 799500123", Assert.Throws<InvalidOperationException>(() => tle.ToLines()).Message);
        Assert.EndsWith("47811", (tle with { CatalogNumber = 1 }).ToLines().Line2[..68], StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("51.6402", "190", "omm: line 7 column 20: expected INCLINATION to be 0 to 180, found '190'")]
    [InlineData("51.6402", "\"NaN\"", "omm: line 7 column 20: expected INCLINATION to be 0 to 180, found 'NaN'")]
    [InlineData("\"BSTAR\": 0.00039277,", "", "omm: line 1 column 2: expected BSTAR in the message, found none")]
    [InlineData("2024-10-21T", "2024-02-30T", "omm: line 4 column 14: expected EPOCH to be a UTC instant of 1957 to 2056 such as 2024-10-21T12:34:56.123456, found '2024-02-30T11:09:38.256672'")]
    [InlineData("2024-10-21T", "1956-10-21T", "omm: line 4 column 14: expected EPOCH to be a UTC instant of 1957 to 2056 such as 2024-10-21T12:34:56.123456, found '1956-10-21T11:09:38.256672'")]
    [InlineData("\"U\"", "\"U\", \"REF_FRAME\": \"ICRF\"", "omm: line 12 column 46: expected REF_FRAME to be TEME, found 'ICRF'")]
    [InlineData("\"U\"", "\"U\", \"MEAN_ELEMENT_THEORY\": \"SGP4-XP\"", "omm: line 12 column 56: expected MEAN_ELEMENT_THEORY to be SGP4, found 'SGP4-XP'")]
    [InlineData("\"U\"", "\"U\", \"BSTAR\": 1", "omm: line 16 column 14: expected BSTAR once in a message, found it twice")]
    [InlineData("25544", "1000000000", "omm: line 13 column 21: expected NORAD_CAT_ID to be a whole number 0 to 999999999, found '1000000000'")]
    [InlineData("0.0008906", "1.0", "omm: line 6 column 21: expected ECCENTRICITY to be 0 to 0.9999999, found '1.0'")]
    public void Says_where_and_what(string found, string written, string message) =>
        Assert.Equal(message, Assert.Single(Read(OmmTexts.Iss.Replace(found, written, StringComparison.Ordinal)).Faults).Message);

    [Theory]
    [InlineData("[1]", "omm: line 1 column 2: expected an object a message, found Number")]
    [InlineData("[]", "omm: line 1 column 1: expected at least one message, found none")]
    [InlineData("{\"EPOCH\": \n oops}", "omm: line 2 column 2: expected JSON, found 'o' is an invalid start of a value")]
    [InlineData("CCSDS_OMM_VERS = 2.0\nEPOCH", "omm: line 2 column 1: expected KEYWORD = value, found 'EPOCH'")]
    [InlineData("EPOCH,MEAN_MOTION\n\"2024,1", "omm: line 2 column 1: expected a closing quote and a comma after it, found none")]
    [InlineData("EPOCH,MEAN_MOTION\n1,2,3", "omm: line 2 column 5: expected 2 columns as in the first line, found one more")]
    [InlineData("EPOCH,MEAN_MOTION\n1", "omm: line 2 column 2: expected 2 columns as in the first line, found 1")]
    [InlineData("<!DOCTYPE a [<!ENTITY b \"c\">]><ndm/>", "omm: line 1 column 1: expected XML, found For security reasons DTD is prohibited")]
    [InlineData("<ndm><omm><omm/></omm></ndm>", "omm: line 1 column 12: expected no omm within an omm, found one")]
    public void A_text_that_is_none_says_so(string text, string message) => Assert.StartsWith(message, Read(text).Faults[0].Message, StringComparison.Ordinal);

    [Fact]
    public void Units_must_be_those_of_the_standard()
    {
        string kvn = OmmTexts.Kvn([Starlink[0]]);
        Assert.Empty(Read(kvn).Faults);
        string wrong = kvn.Replace("[rev/day]", "[deg/s]", StringComparison.Ordinal);
        Assert.Equal("omm: line 13 column 1: expected MEAN_MOTION in rev/day, found 'deg/s'", Assert.Single(Read(wrong).Faults).Message);
        string xml = OmmTexts.Xml([Starlink[0]]).Replace("<INCLINATION units=\"deg\">", "<INCLINATION units=\"rad\">", StringComparison.Ordinal);
        Assert.Contains("expected INCLINATION in deg, found 'rad'", Assert.Single(Read(xml).Faults).Message, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Messages))]
    public void One_bad_message_loses_no_other(ElementFormat format)
    {
        string text = OmmTexts.Write(format, Starlink.Take(3)).Replace($"{Starlink[1].CatalogNumber}", "12X", StringComparison.Ordinal);
        ElementCatalog catalog = Read(format == ElementFormat.OmmJson ? text.Replace("12X", "1.5", StringComparison.Ordinal) : text);
        Assert.Equal([Starlink[0], Starlink[2]], catalog.Elements);
        Assert.Contains("NORAD_CAT_ID", Assert.Single(catalog.Faults).Message, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Formats))]
    public void Damage_gives_sets_or_faults_and_nothing_else(ElementFormat format)
    {
        byte[] text = Encoding.UTF8.GetBytes(OmmTexts.Write(format, Starlink.Take(1)));
        byte[] damaged = [.. text];
        for (int i = 0; i < text.Length; i++)
        {
            foreach (byte other in (byte[])[0, (byte)'\n', (byte)'"', (byte)'<', (byte)',', (byte)'-', (byte)'9', 0xC3, 0xFF])
            {
                damaged[i] = other;
                ElementCatalog catalog = ElementReader.Read(damaged);
                Assert.True(catalog.Elements.Count + catalog.Faults.Count > 0);
            }

            damaged[i] = text[i];
            ElementCatalog cut = ElementReader.Read(text.AsSpan(0, i));
            Assert.True(cut.Elements.Count <= 1);
        }
    }

    [Fact]
    public void Deep_texts_end_with_a_fault()
    {
        Assert.NotEmpty(Read($"[{{\"X\":{new string('[', 1000)}").Faults);
        Assert.Equal("omm: line 1 column 53: expected elements at most 16 deep, found deeper ones", Read(string.Concat(Enumerable.Repeat("<a>", 100))).Faults[0].Message);
    }

    [Fact]
    public void No_more_messages_are_taken_than_two_hundred_thousand()
    {
        var text = new StringBuilder("EPOCH,MEAN_MOTION\n");
        for (int i = 0; i <= TleParser.ElementSetsMax; i++)
            text.Append("1,2\n");
        ElementCatalog catalog = Read(text.ToString());
        Assert.Equal(TleParser.ElementSetsMax + 1, catalog.Faults.Count);
        Assert.EndsWith("expected at most 200000 messages, found one more", catalog.Faults[^1].Message, StringComparison.Ordinal);
    }

    private static ElementCatalog Read(string text) => ElementReader.Read(Encoding.UTF8.GetBytes(text));
}
