namespace SatNode.Orbit.Elements;

/// <summary>Reads orbit mean-elements messages (OMM) of SGP4 in their four forms, as CelesTrak and Space-Track publish them: the good sets, and the faults of the rest.</summary>
/// <remarks>A message must be in TEME and UTC, around the Earth, for SGP4, wherever it says so; it needs epoch, mean motion, eccentricity, three angles, anomaly and B*.
/// Units, where they are written, must be those of the standard. Keywords that SGP4 does not need are passed over. Catalogue numbers have up to nine digits.
/// Source: CCSDS 502.0-B-3, Orbit Data Messages, section 4.</remarks>
public static class OmmReader
{
    /// <summary>Reads JSON in UTF-8: an object, or an array of them.</summary>
    public static ElementCatalog ReadJson(ReadOnlySpan<byte> utf8)
    {
        var collector = new OmmCollector();
        OmmJson.Read(utf8, collector);
        return collector.Catalog(ElementFormat.OmmJson);
    }

    /// <summary>Reads a table of commas whose first line has the keywords.</summary>
    public static ElementCatalog ReadCsv(ReadOnlySpan<char> text)
    {
        var collector = new OmmCollector();
        OmmCsv.Read(text, collector);
        return collector.Catalog(ElementFormat.OmmCsv);
    }

    /// <summary>Reads XML: an <c>omm</c>, or an <c>ndm</c> of them. Document types and entities are refused.</summary>
    public static ElementCatalog ReadXml(TextReader text)
    {
        ArgumentNullException.ThrowIfNull(text);
        var collector = new OmmCollector();
        OmmXml.Read(text, collector);
        return collector.Catalog(ElementFormat.OmmXml);
    }

    /// <summary>Reads lines of <c>KEYWORD = value</c>, one message after the other.</summary>
    public static ElementCatalog ReadKvn(ReadOnlySpan<char> text)
    {
        var collector = new OmmCollector();
        OmmKvn.Read(text, collector);
        return collector.Catalog(ElementFormat.OmmKvn);
    }
}
