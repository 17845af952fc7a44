namespace SatNode.Flight.Commanding;

/// <summary>A sliding window over sequence numbers: a bitmap of the highest number seen and the 63 below it. What is older than the window counts as
/// seen. Source: RFC 4303 §3.4.3.</summary>
/// <param name="Highest">The highest number seen; 0 when none was.</param>
/// <param name="Bitmap">Bit i stands for <paramref name="Highest"/> − i.</param>
public readonly record struct ReplayWindow(ulong Highest, ulong Bitmap)
{
    /// <summary>Numbers that the window covers.</summary>
    public const int Size = 64;

    /// <summary>True when a number may be obeyed: it is above 0, not older than the window, and not seen.</summary>
    public bool IsFresh(ulong sequence)
    {
        if (sequence == 0)
            return false;
        if (sequence > Highest)
            return true;
        ulong age = Highest - sequence;
        return age < Size && (Bitmap & (1UL << (int)age)) == 0;
    }

    /// <summary>The window after a fresh number was seen.</summary>
    /// <exception cref="ArgumentException">The number is not fresh.</exception>
    public ReplayWindow With(ulong sequence)
    {
        if (!IsFresh(sequence))
            throw new ArgumentException($"expected a fresh sequence number, found {sequence}", nameof(sequence));
        if (sequence <= Highest)
            return this with { Bitmap = Bitmap | (1UL << (int)(Highest - sequence)) };
        ulong shift = sequence - Highest;
        return new(sequence, shift < Size ? (Bitmap << (int)shift) | 1 : 1);
    }
}
