using System.Runtime.InteropServices;

namespace SatNode.Network.Store;

/// <summary>What the kernel is told of the pages under a pinned array. A kernel that does not know the advice leaves all as it was. Source: madvise(2) (Linux).</summary>
internal static partial class KernelPages
{
    private const long LargePageBytes = 2 * 1024 * 1024;
    private const int AdviseDontNeed = 4;
    private const int AdviseHugePage = 14;

    /// <summary>Asks for pages of 2 MiB under the first bytes, which are about to be written: one page fault where there were 512.</summary>
    public static void AskForLarge(byte[] pinned, int length) => Advise(pinned, length, LargePageBytes, AdviseHugePage);

    /// <summary>Gives the pages of an array that nobody uses any more back at once: the collector may take its time to do so. The array then reads as zeroes.</summary>
    public static void GiveBack(byte[] pinned) => Advise(pinned, pinned.Length, Environment.SystemPageSize, AdviseDontNeed);

    /// <summary>Tells of the whole pages within the first bytes: what lies before and after the array is the collector's.</summary>
    private static void Advise(byte[] pinned, int length, long pageBytes, int advice)
    {
        long address = Marshal.UnsafeAddrOfPinnedArrayElement(pinned, 0);
        long begin = (address + pageBytes - 1) / pageBytes * pageBytes, end = (address + length) / pageBytes * pageBytes;
        if (end > begin)
            _ = Madvise((nint)begin, (nuint)(end - begin), advice);
        GC.KeepAlive(pinned);
    }

    [LibraryImport("libc", EntryPoint = "madvise")]
    private static partial int Madvise(nint address, nuint length, int advice);
}
