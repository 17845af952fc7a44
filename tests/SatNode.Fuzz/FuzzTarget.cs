namespace SatNode.Fuzz;

/// <summary>A boundary that takes bytes from outside.</summary>
/// <param name="Name">Its name, and that of its folder in the corpus.</param>
/// <param name="InputBytesMax">The longest input that is tried: a little more than the boundary lets in.</param>
/// <param name="AllocatedBytesMax">What one input may allocate, by its length.</param>
/// <param name="Take">Gives it an input.</param>
/// <param name="IsRefusal">True for the one kind of exception that the boundary refuses with.</param>
internal sealed record FuzzTarget(string Name, int InputBytesMax, Func<int, long> AllocatedBytesMax, Action<byte[]> Take, Func<Exception, bool> IsRefusal)
{
    /// <summary>Inputs to begin with beside the corpus.</summary>
    public IReadOnlyList<byte[]> Seeds { get; init; } = [];

    /// <summary>Words of its language, to be put in anywhere.</summary>
    public IReadOnlyList<byte[]> Words { get; init; } = [];

    /// <summary>True when an input could end the process: it is then kept on the disk before it is tried.</summary>
    public bool MayEndTheProcess { get; init; }
}
