using SatNode.Functions.Runtime;

namespace SatNode.Functions.Prefetch;

/// <summary>Where the values are that are read ahead. Called from any thread, several at once.</summary>
public interface IPrefetchSource
{
    /// <summary>Looks a value up without reading it.</summary>
    /// <returns>Its length in bytes, and a stamp that no other write of the key ever has; −1 and 0 when there is none.</returns>
    (int Length, long Stamp) Look(string function, string key);

    /// <summary>Reads a value.</summary>
    bool TryRead(string function, string key, out StateValue value);
}
