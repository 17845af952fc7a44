using System.Text;
using System.Text.Json;

namespace SatNode.Orbit.Elements;

/// <summary>Messages as JSON: an object or an array of objects whose names are the keywords; values are numbers or texts. Source: CelesTrak's and Space-Track's JSON.</summary>
internal static class OmmJson
{
    private const int DepthMax = 16;

    internal static void Read(ReadOnlySpan<byte> utf8, OmmCollector into)
    {
        var reader = new Utf8JsonReader(utf8, new JsonReaderOptions { MaxDepth = DepthMax });
        var place = new Place();
        try
        {
            _ = reader.Read();
            if (reader.TokenType == JsonTokenType.StartObject)
            {
                _ = ReadObject(ref reader, utf8, ref place, into);
            }
            else if (reader.TokenType == JsonTokenType.StartArray)
            {
                while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
                {
                    place.MoveTo(utf8, reader.TokenStartIndex);
                    if (reader.TokenType != JsonTokenType.StartObject)
                    {
                        into.Add(new(place.Line, place.Column, "an object a message", $"{reader.TokenType}"));
                        reader.Skip();
                    }
                    else if (!ReadObject(ref reader, utf8, ref place, into))
                    {
                        return;
                    }
                }
            }
            else
            {
                into.Add(new(1, 1, "a JSON object or an array of them", $"{reader.TokenType}"));
                return;
            }

            while (reader.Read()) // nothing may follow
            {
            }
        }
        catch (JsonException fault)
        {
            into.Add(new((int)(fault.LineNumber ?? 0) + 1, (int)(fault.BytePositionInLine ?? 0) + 1, "JSON", fault.Message.Split(". LineNumber", 2)[0]));
        }
        catch (InvalidOperationException) // text that is not UTF-8, or half a surrogate pair
        {
            place.MoveTo(utf8, reader.TokenStartIndex);
            into.Add(new(place.Line, place.Column, "text in UTF-8", "other bytes"));
        }
    }

    private static bool ReadObject(ref Utf8JsonReader reader, ReadOnlySpan<byte> utf8, ref Place place, OmmCollector into)
    {
        place.MoveTo(utf8, reader.TokenStartIndex);
        (int line, int column) = (place.Line, place.Column);
        into.Record.Begin(line, column);
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            bool isKnown = OmmKeywords.TryFind(reader.GetString(), out OmmKeyword keyword);
            _ = reader.Read();
            place.MoveTo(utf8, reader.TokenStartIndex);
            string? value = !isKnown ? null : reader.TokenType switch
            {
                JsonTokenType.String => reader.GetString(),
                JsonTokenType.Number => Encoding.ASCII.GetString(reader.ValueSpan),
                _ => null,
            };
            if (value is not null)
                into.Record.Set(keyword, value, place.Line, place.Column);
            else
                reader.Skip();
        }

        return into.End(line, column);
    }

    /// <summary>Line and column of a byte, counted on from the one before.</summary>
    private struct Place
    {
        private int _lineStart;
        private int _at;
        private int _linesBefore;

        internal readonly int Line => _linesBefore + 1;

        internal readonly int Column => _at - _lineStart + 1;

        internal void MoveTo(ReadOnlySpan<byte> utf8, long index)
        {
            ReadOnlySpan<byte> between = utf8[_at..(int)index];
            int feeds = between.Count((byte)'\n');
            if (feeds > 0)
                _lineStart = _at + between.LastIndexOf((byte)'\n') + 1;
            _linesBefore += feeds;
            _at = (int)index;
        }
    }
}
