using System.ComponentModel;
using System.Runtime.InteropServices;

namespace SatNode.Rig.Boards.Sessions;

/// <summary>This process' terminal in raw mode: each key goes on as it is pressed. Disposed, it is as it was. Source: termios(3), cfmakeraw.</summary>
internal sealed partial class RawTerminal : IDisposable
{
    private const int Input = 0;
    private const int AtOnce = 0; // TCSANOW
    private const int SizeMax = 256; // of struct termios: 60 on Linux

    private readonly byte[] _before = new byte[SizeMax];

    /// <summary>Takes the terminal on standard input.</summary>
    /// <exception cref="Win32Exception">Standard input is no terminal.</exception>
    public RawTerminal()
    {
        if (Get(Input, _before) != 0)
            throw new Win32Exception(Marshal.GetLastPInvokeError());
        byte[] raw = [.. _before];
        MakeRaw(raw);
        if (Set(Input, AtOnce, raw) != 0)
            throw new Win32Exception(Marshal.GetLastPInvokeError());
    }

    /// <inheritdoc/>
    public void Dispose() => _ = Set(Input, AtOnce, _before);

    [LibraryImport("libc", EntryPoint = "tcgetattr", SetLastError = true)]
    private static partial int Get(int file, [Out] byte[] settings);

    [LibraryImport("libc", EntryPoint = "tcsetattr", SetLastError = true)]
    private static partial int Set(int file, int when, byte[] settings);

    [LibraryImport("libc", EntryPoint = "cfmakeraw")]
    private static partial void MakeRaw([In, Out] byte[] settings);
}
