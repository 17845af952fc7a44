using System.Text.Encodings.Web;
using System.Text.Json;

namespace SatNode.Rig.Scenarios.Flight;

/// <summary>How the rig writes JSON files.</summary>
internal static class JsonText
{
    /// <summary>Indented, and readable: these files are never part of a web page.</summary>
    public static readonly JsonSerializerOptions Indented = new() { WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
}
