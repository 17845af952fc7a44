using System.Text;

namespace SatNode.Orbit.Elements;

/// <summary>Reads a catalogue in whatever form it comes: two-line elements, or OMM as JSON, CSV, XML or KVN; the form is told by how it begins.</summary>
public static class ElementReader
{
    /// <summary>The form of a text in UTF-8, by its first character or line; <see cref="ElementFormat.Tle"/> when it is none of the others.</summary>
    public static ElementFormat FormatOf(ReadOnlySpan<byte> utf8)
    {
        ReadOnlySpan<byte> text = WithoutMark(utf8).TrimStart(" \t\r\n"u8);
        if (text.IsEmpty)
            return ElementFormat.Tle;
        int end = text.IndexOfAny((byte)'\r', (byte)'\n');
        ReadOnlySpan<byte> line = end < 0 ? text : text[..end];
        return text[0] switch
        {
            (byte)'{' or (byte)'[' => ElementFormat.OmmJson,
            (byte)'<' => ElementFormat.OmmXml,
            _ when line.StartsWith("CCSDS_OMM_VERS"u8) => ElementFormat.OmmKvn,
            _ when line.Contains((byte)',') && line.IndexOf("MEAN_MOTION"u8) >= 0 => ElementFormat.OmmCsv,
            _ => ElementFormat.Tle,
        };
    }

    /// <summary>Reads what can be read of a catalogue in UTF-8 and lists the faults of the rest.</summary>
    /// <param name="utf8">The text, with or without a byte-order mark.</param>
    /// <param name="checksum">What to do with the checksums of two-line elements.</param>
    public static ElementCatalog Read(ReadOnlySpan<byte> utf8, TleChecksum checksum = TleChecksum.RightOrAbsent)
    {
        ReadOnlySpan<byte> bytes = WithoutMark(utf8);
        ElementFormat format = FormatOf(bytes);
        if (format == ElementFormat.OmmJson)
            return OmmReader.ReadJson(bytes);
        string text = Encoding.UTF8.GetString(bytes);
        switch (format)
        {
            case ElementFormat.OmmXml:
                using (var reader = new StringReader(text))
                    return OmmReader.ReadXml(reader);
            case ElementFormat.OmmKvn:
                return OmmReader.ReadKvn(text);
            case ElementFormat.OmmCsv:
                return OmmReader.ReadCsv(text);
            default:
                TleCatalog catalog = TleParser.ReadCatalog(text, checksum);
                return new(ElementFormat.Tle, catalog.Elements, catalog.Faults);
        }
    }

    private static ReadOnlySpan<byte> WithoutMark(ReadOnlySpan<byte> utf8) => utf8.StartsWith(Encoding.UTF8.Preamble) ? utf8[Encoding.UTF8.Preamble.Length..] : utf8;
}
