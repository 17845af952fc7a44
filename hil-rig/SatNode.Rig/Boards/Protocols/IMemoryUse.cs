namespace SatNode.Rig.Boards.Protocols;

/// <summary>The memory that a board's agent uses.</summary>
public interface IMemoryUse
{
    /// <summary>Takes a sample; call it once a machine second or so.</summary>
    /// <returns>Resident bytes, or null when the board is off.</returns>
    long? SampleMemory();

    /// <summary>The median of the last samples, bytes; null before the first.</summary>
    long? ResidentBytesMedian { get; }

    /// <summary>The largest sample, bytes; null before the first.</summary>
    long? ResidentBytesMax { get; }
}
