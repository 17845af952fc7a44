using System.Runtime.InteropServices;

namespace SatNode.Functions.Hosting;

/// <summary>Gives memory that the C library holds back to the kernel. Source: malloc_trim(3) (glibc).</summary>
public static partial class NativeHeap
{
    /// <summary>Trims; where the C library has no such call, nothing happens. For after a compilation or a run of functions, which take and free megabytes.</summary>
    public static void Trim()
    {
        try
        {
            _ = MallocTrim(0);
        }
        catch (EntryPointNotFoundException)
        {
            // Another C library: it keeps what it keeps.
        }
    }

    [LibraryImport("libc", EntryPoint = "malloc_trim")]
    private static partial int MallocTrim(nuint pad);
}
