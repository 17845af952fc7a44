using System.Runtime.InteropServices;

namespace SatNode.Functions.Hosting;

/// <summary>Asks the kernel for pages of 2 MiB under bytes of a function's memory that are about to be written as a whole: a fresh instance then takes one page fault where it took 512, and
/// not a byte more memory. Source: madvise(2), MADV_HUGEPAGE (Linux).</summary>
internal static partial class LargePages
{
    private const long PageBytes = 2 * 1024 * 1024;
    private const int MadviseHugePage = 14;

    /// <summary>Asks for the whole large pages within the range; a range that has none, or a kernel without them, is left as it is.</summary>
    /// <param name="memory">The function's memory.</param>
    /// <param name="pointer">Where in it, as the function means it. Checked by the caller.</param>
    /// <param name="length">How much, in bytes.</param>
    public static void AskFor(LinearMemory memory, int pointer, int length)
    {
        if (length < PageBytes)
            return;
        long begin = memory.Address + (long)GuestMemory.Unsigned(pointer), end = begin + length;
        begin = (begin + PageBytes - 1) / PageBytes * PageBytes;
        end = end / PageBytes * PageBytes;
        if (end > begin)
            _ = Madvise((nint)begin, (nuint)(end - begin), MadviseHugePage); // without it all goes as before, only slower
    }

    [LibraryImport("libc", EntryPoint = "madvise")]
    private static partial int Madvise(nint address, nuint length, int advice);
}
