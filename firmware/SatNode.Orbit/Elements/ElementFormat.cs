namespace SatNode.Orbit.Elements;

/// <summary>How element sets are written down.</summary>
public enum ElementFormat
{
    /// <summary>Two lines a satellite, with or without a name's line.</summary>
    Tle = 0,

    /// <summary>Orbit mean-elements messages as a JSON object, or an array of them.</summary>
    OmmJson = 1,

    /// <summary>The same as a table of commas with a line of keywords on top.</summary>
    OmmCsv = 2,

    /// <summary>The same as XML: an <c>omm</c>, or an <c>ndm</c> of them.</summary>
    OmmXml = 3,

    /// <summary>The same as lines of <c>KEYWORD = value</c>, one message after the other.</summary>
    OmmKvn = 4,
}
