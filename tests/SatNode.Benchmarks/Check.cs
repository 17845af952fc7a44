using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;

namespace SatNode.Benchmarks;

/// <summary>Work that was not done must not count as fast.</summary>
internal static class Check
{
    public static void That(bool done, string expected)
    {
        if (!done)
            Fail(expected);
    }

    /// <summary>For texts with numbers in them, which must not be made while all goes well.</summary>
    [DoesNotReturn]
    public static void Fail(string expected) => throw new UnreachableException($"expected {expected}");
}
