using CsCheck;
using SatNode.Flight.Commanding;

namespace SatNode.Flight.Tests.Commanding;

public sealed class ReplayWindowTests
{
    private static ReplayWindow After(params ulong[] sequences) => sequences.Aggregate(default(ReplayWindow), (window, sequence) => window.With(sequence));

    [Theory]
    [InlineData(0, false)] // RFC 4303: 0 is never sent
    [InlineData(1, true)]
    [InlineData(long.MaxValue, true)]
    public void An_empty_window_takes_all_but_zero(ulong sequence, bool expected) => Assert.Equal(expected, default(ReplayWindow).IsFresh(sequence));

    [Theory]
    [InlineData(36, false)] // 64 below: older than the window
    [InlineData(37, true)] // 63 below: its last
    [InlineData(99, true)]
    [InlineData(100, false)]
    [InlineData(101, true)]
    public void The_window_is_64_wide(ulong sequence, bool expected) => Assert.Equal(expected, After(100).IsFresh(sequence));

    [Theory]
    [InlineData(163, true)] // shifts by 63: 100 is the last in the window
    [InlineData(164, false)] // shifts by 64: out
    public void Sliding_keeps_what_was_seen(ulong next, bool staysInBitmap)
    {
        ReplayWindow window = After(100, next);
        Assert.False(window.IsFresh(100));
        Assert.Equal(staysInBitmap, (window.Bitmap >> 63) == 1);
    }

    [Fact]
    public void Taking_twice_is_our_fault() => Assert.Throws<ArgumentException>(() => After(5, 5));

    [Fact] // against a set that forgets nothing
    public void Never_takes_a_number_twice_and_takes_all_new_ones_in_the_window() =>
        Gen.ULong[1, 200].Array[1, 100].Sample(sequences =>
        {
            var seen = new HashSet<ulong>();
            ReplayWindow window = default;
            foreach (ulong sequence in sequences)
            {
                ulong highest = seen.Count == 0 ? 0 : seen.Max();
                bool expected = !seen.Contains(sequence) && (sequence > highest || highest - sequence < ReplayWindow.Size);
                if (window.IsFresh(sequence) != expected)
                    return false;
                if (!expected)
                    continue;
                window = window.With(sequence);
                seen.Add(sequence);
            }
            return true;
        });
}
