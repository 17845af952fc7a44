using System.Runtime.InteropServices;

namespace SatNode.Benchmarks.Functions;

/// <summary>What the kernel takes for memory that nobody has had: a mapping, a page fault a page, and its end. Source: mmap(2), anonymous and private.</summary>
internal static partial class FreshPages
{
    private const int ReadWrite = 3;
    private const int PrivateAnonymous = 0x22;

    /// <summary>Copies bytes into a new mapping, so many times.</summary>
    public static void Copy(byte[] bytes, int times)
    {
        for (int i = 0; i < times; i++)
        {
            nint at = Map(0, (nuint)bytes.Length, ReadWrite, PrivateAnonymous, -1, 0);
            Check.That(at != -1, "a mapping");
            Marshal.Copy(bytes, 0, at, bytes.Length);
            Check.That(Unmap(at, (nuint)bytes.Length) == 0, "the end of a mapping");
        }
    }

    [LibraryImport("libc", EntryPoint = "mmap")]
    private static partial nint Map(nint address, nuint length, int protection, int flags, int file, nint offset);

    [LibraryImport("libc", EntryPoint = "munmap")]
    private static partial int Unmap(nint address, nuint length);
}
