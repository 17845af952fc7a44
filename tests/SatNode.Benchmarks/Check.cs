using System.Diagnostics;

namespace SatNode.Benchmarks;

/// <summary>Work that was not done must not count as fast.</summary>
internal static class Check
{
    public static void That(bool done, string expected)
    {
        if (!done)
            throw new UnreachableException($"expected {expected}");
    }
}
