using System.ComponentModel;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace SatNode.Flight.Boards;

/// <summary>The board's watchdog: it resets the board when it was not stroked for its time-out, unless it was disarmed. From its opening on it runs, and closing the
/// file alone does not stop it. Source: the Linux watchdog driver API (Documentation/watchdog/watchdog-api.rst, linux/watchdog.h).</summary>
public sealed partial class Watchdog : IDisposable
{
    // _IOR('W', 2, int) and _IOWR('W', 6, int), the same on x64 and arm64.
    private const uint GetBootStatus = 0x80045702;
    private const uint SetTimeout = 0xC0045706;
    private const int CardReset = 0x20; // WDIOF_CARDRESET

    private readonly Stream _device;

    internal Watchdog(Stream device, bool hasReset)
    {
        _device = device;
        HasReset = hasReset;
    }

    /// <summary>True when the board is up because the watchdog reset it.</summary>
    public bool HasReset { get; }

    /// <summary>Opens the device, which starts it, and sets its time-out.</summary>
    /// <param name="path">Usually <c>/dev/watchdog</c>.</param>
    /// <param name="timeoutSeconds">After so long without a stroke the board is reset; seconds of the machine.</param>
    /// <exception cref="IOException">There is no such device, another process has it, or it is no watchdog.</exception>
    public static Watchdog Open(string path, int timeoutSeconds)
    {
        FileStream? device = null;
        try
        {
            device = new FileStream(path, FileMode.Open, FileAccess.Write, FileShare.ReadWrite, bufferSize: 0);
            int timeout = timeoutSeconds;
            Control(device.SafeFileHandle, SetTimeout, ref timeout, $"{path}: a time-out of {timeoutSeconds} s is refused");
            int status = 0;
            Control(device.SafeFileHandle, GetBootStatus, ref status, $"{path}: the boot status is not told");
            return new(device, (status & CardReset) != 0);
        }
        catch (UnauthorizedAccessException e)
        {
            throw new IOException(e.Message, e);
        }
        catch (IOException)
        {
            device?.Dispose();
            throw;
        }
    }

    /// <summary>Puts the reset off by the time-out from now.</summary>
    /// <exception cref="IOException">The device fails: it will reset the board.</exception>
    public void Stroke() => _device.Write("\0"u8);

    /// <summary>Stops the watchdog, for an end that was asked for, by the magic character; the device is to be closed then.</summary>
    /// <exception cref="IOException">The device fails: it will reset the board.</exception>
    public void Disarm() => _device.Write("V"u8);

    /// <summary>Closes the device. One that was not disarmed goes on and resets the board.</summary>
    public void Dispose() => _device.Dispose();

    private static void Control(SafeFileHandle device, uint request, ref int value, string fault)
    {
        if (Ioctl(device, request, ref value) != 0)
            throw new IOException($"{fault}: {new Win32Exception(Marshal.GetLastPInvokeError()).Message}");
    }

    [LibraryImport("libc", EntryPoint = "ioctl", SetLastError = true)]
    private static partial int Ioctl(SafeFileHandle file, nuint request, ref int value);
}
