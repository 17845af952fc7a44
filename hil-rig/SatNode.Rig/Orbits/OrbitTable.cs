using System.Text.Encodings.Web;

namespace SatNode.Rig.Orbits;

/// <summary>Writes rows as they come: CSV with a line of names on top (RFC 4180, but lines end with a line feed), or a JSON array of objects.</summary>
internal sealed class OrbitTable
{
    private readonly TextWriter _output;
    private readonly bool _isJson;
    private readonly string[] _columns;
    private int _rows;

    /// <summary>Begins a table.</summary>
    public OrbitTable(TextWriter output, bool isJson, params string[] columns)
    {
        _output = output;
        _isJson = isJson;
        _columns = columns;
        _output.Write(isJson ? "[" : $"{string.Join(',', columns)}\n");
    }

    /// <summary>Writes a row.</summary>
    public void Write(params ReadOnlySpan<Cell> cells)
    {
        if (_isJson)
            _output.Write(_rows > 0 ? ",\n  {" : "\n  {");
        for (int i = 0; i < cells.Length; i++)
        {
            if (i > 0)
                _output.Write(_isJson ? ", " : ",");
            if (_isJson)
                _output.Write($"\"{_columns[i]}\": {Json(cells[i])}");
            else
                _output.Write(Csv(cells[i].Text));
        }

        _output.Write(_isJson ? "}" : "\n");
        _rows++;
    }

    /// <summary>Ends the table.</summary>
    public void End()
    {
        if (_isJson)
            _output.Write(_rows > 0 ? "\n]\n" : "]\n");
        _output.Flush();
    }

    private static string Csv(string text) => text.AsSpan().ContainsAny(',', '"', '\n') ? $"\"{text.Replace("\"", "\"\"", StringComparison.Ordinal)}\"" : text;

    private static string Json(Cell cell) => cell switch
    {
        { Text: "" } => "null",
        { IsBare: true } => cell.Text,
        _ => $"\"{JavaScriptEncoder.UnsafeRelaxedJsonEscaping.Encode(cell.Text)}\"",
    };
}
