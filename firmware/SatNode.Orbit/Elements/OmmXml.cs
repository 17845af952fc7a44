using System.Text;
using System.Xml;

namespace SatNode.Orbit.Elements;

/// <summary>Messages as XML: an <c>omm</c> or an <c>ndm</c> of them; the keywords are the names of the innermost elements. Source: CCSDS 505.0-B-3.</summary>
internal static class OmmXml
{
    private const int DepthMax = 16;
    private const int ValueLengthMax = 256;

    internal static void Read(TextReader text, OmmCollector into)
    {
        // No document type, no entities, nothing is fetched.
        var settings = new XmlReaderSettings { DtdProcessing = DtdProcessing.Prohibit, XmlResolver = null, IgnoreComments = true, IgnoreWhitespace = true };
        try
        {
            using var reader = XmlReader.Create(text, settings);
            Read(reader, (IXmlLineInfo)reader, into);
        }
        catch (XmlException fault)
        {
            into.Add(new(Math.Max(1, fault.LineNumber), Math.Max(1, fault.LinePosition), "XML", fault.Message));
        }
    }

    private static void Read(XmlReader reader, IXmlLineInfo at, OmmCollector into)
    {
        OmmKeyword? keyword = null;
        string? unit = null;
        (int Line, int Column) place = default, message = default;
        bool isOpen = false;
        var value = new StringBuilder();
        while (reader.Read())
        {
            if (reader.Depth > DepthMax)
            {
                into.Add(new(at.LineNumber, at.LinePosition, $"elements at most {DepthMax} deep", "deeper ones"));
                return;
            }

            switch (reader.NodeType)
            {
                case XmlNodeType.Element when reader.LocalName == "omm":
                    if (isOpen)
                    {
                        into.Add(new(at.LineNumber, at.LinePosition, "no omm within an omm", "one"));
                        return;
                    }

                    message = (at.LineNumber, at.LinePosition);
                    into.Record.Begin(message.Line, message.Column);
                    if (reader.IsEmptyElement)
                        _ = into.End(message.Line, message.Column);
                    isOpen = !reader.IsEmptyElement;
                    break;
                case XmlNodeType.Element:
                    keyword = isOpen && !reader.IsEmptyElement && OmmKeywords.TryFind(reader.LocalName, out OmmKeyword known) ? known : null;
                    place = (at.LineNumber, at.LinePosition);
                    unit = keyword is null ? null : reader.GetAttribute("units");
                    value.Clear();
                    break;
                case XmlNodeType.Text or XmlNodeType.CDATA or XmlNodeType.SignificantWhitespace when keyword is not null && value.Length <= ValueLengthMax:
                    value.Append(reader.Value.AsSpan(0, Math.Min(reader.Value.Length, ValueLengthMax + 1)));
                    break;
                case XmlNodeType.EndElement when reader.LocalName == "omm":
                    isOpen = false;
                    if (!into.End(message.Line, message.Column))
                        return;
                    break;
                case XmlNodeType.EndElement:
                    if (keyword is { } set)
                        into.Record.Set(set, value.ToString(), place.Line, place.Column, unit);
                    keyword = null;
                    break;
            }
        }
    }
}
