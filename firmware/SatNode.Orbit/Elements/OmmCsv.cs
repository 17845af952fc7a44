using System.Text;

namespace SatNode.Orbit.Elements;

/// <summary>Messages as a table: a line of keywords, then a line a satellite; values may be quoted, with quotes in them doubled. Source: CelesTrak's and Space-Track's CSV.</summary>
internal static class OmmCsv
{
    private const int ColumnsMax = 256;

    internal static void Read(ReadOnlySpan<char> text, OmmCollector into)
    {
        int number = 0;
        List<OmmKeyword?>? columns = null;
        var field = new StringBuilder();
        foreach (ReadOnlySpan<char> raw in text.EnumerateLines())
        {
            number++;
            if (raw.Trim().IsEmpty)
                continue;
            bool isHeading = columns is null;
            columns ??= [];
            into.Record.Begin(number, 1);
            int at = 0, column = 0;
            bool isWhole = true;
            while (isWhole && at <= raw.Length)
            {
                int start = at;
                isWhole = TryField(raw, ref at, field);
                if (!isWhole)
                    into.Add(new(number, start + 1, "a closing quote and a comma after it", "none"));
                else if (column == ColumnsMax)
                    (isWhole, _) = (false, Complain(into, number, start + 1, $"at most {ColumnsMax} columns", "one more"));
                else if (isHeading)
                    columns.Add(OmmKeywords.TryFind(field.ToString().Trim(), out OmmKeyword known) ? known : null);
                else if (column >= columns.Count)
                    (isWhole, _) = (false, Complain(into, number, start + 1, $"{columns.Count} columns as in the first line", "one more"));
                else if (columns[column] is { } keyword)
                    into.Record.Set(keyword, field.ToString(), number, start + 1);
                column++;
            }

            if (isHeading && !(isWhole && columns.Contains(OmmKeyword.Epoch) && columns.Contains(OmmKeyword.MeanMotion)))
            {
                if (isWhole)
                    into.Add(new(number, 1, "a first line of keywords with EPOCH and MEAN_MOTION among them", "another"));
                return;
            }

            if (isWhole && !isHeading && column < columns.Count)
                (isWhole, _) = (false, Complain(into, number, raw.Length + 1, $"{columns.Count} columns as in the first line", $"{column}"));
            if (isWhole && !isHeading && !into.End(number, 1))
                return;
        }
    }

    private static bool Complain(OmmCollector into, int line, int column, string expected, string found)
    {
        into.Add(new(line, column, expected, found));
        return true;
    }

    /// <summary>The field at a place, and the place after its comma; beyond the line's end after the last.</summary>
    private static bool TryField(ReadOnlySpan<char> line, ref int at, StringBuilder field)
    {
        field.Clear();
        if (at == line.Length || line[at] != '"')
        {
            int comma = line[at..].IndexOf(',');
            int end = comma < 0 ? line.Length : at + comma;
            field.Append(line[at..end]);
            at = end + 1;
            return true;
        }

        at++;
        while (at < line.Length)
        {
            if (line[at] != '"')
            {
                field.Append(line[at++]);
            }
            else if (at + 1 < line.Length && line[at + 1] == '"')
            {
                field.Append('"');
                at += 2;
            }
            else
            {
                at++;
                bool isEnded = at == line.Length || line[at] == ',';
                at++;
                return isEnded;
            }
        }

        return false;
    }
}
