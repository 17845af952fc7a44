namespace SatNode.Orbit.Elements;

/// <summary>Gathers the messages of a text: the sets, and why the others are none.</summary>
internal sealed class OmmCollector
{
    private readonly List<Tle> _elements = [];
    private readonly List<ElementFormatException> _faults = [];

    /// <summary>The message that is being read.</summary>
    internal OmmRecord Record { get; } = new();

    /// <summary>Ends the message that is being read.</summary>
    /// <returns>False when no more are taken.</returns>
    internal bool End(int line, int column)
    {
        if (_elements.Count + _faults.Count >= TleParser.ElementSetsMax)
        {
            Add(new(line, column, $"at most {TleParser.ElementSetsMax} messages", "one more"));
            return false;
        }

        try
        {
            _elements.Add(Record.Build());
        }
        catch (OmmFormatException fault)
        {
            _faults.Add(fault);
        }

        return true;
    }

    internal void Add(OmmFormatException fault) => _faults.Add(fault);

    internal ElementCatalog Catalog(ElementFormat format)
    {
        if (_elements.Count == 0 && _faults.Count == 0)
            Add(new(1, 1, "at least one message", "none"));
        return new(format, _elements, _faults);
    }
}
