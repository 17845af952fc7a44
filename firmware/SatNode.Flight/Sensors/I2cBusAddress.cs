using System.Device.I2c;
using System.Globalization;

namespace SatNode.Flight.Sensors;

/// <summary>Where an I²C bus is: <c>linux:N</c> for <c>/dev/i2c-N</c>, <c>unix:PATH</c> for an adapter on a socket.</summary>
/// <param name="Path">The socket's path; empty for a bus of the kernel.</param>
/// <param name="Number">The kernel's bus number; −1 for a socket.</param>
public sealed record I2cBusAddress(string Path, int Number)
{
    private const string Unix = "unix:";
    private const string Linux = "linux:";
    private const int MaxBus = 255;
    private const int MaxPathBytes = 107; // sun_path less its terminating zero

    /// <summary>Parses <c>unix:PATH</c> or <c>linux:N</c>.</summary>
    /// <param name="text">The address.</param>
    /// <param name="baseFolder">The folder that a relative path starts from.</param>
    /// <exception cref="FormatException">It is neither, the number is not 0 to 255, or the path is empty or longer than a socket's may be.</exception>
    public static I2cBusAddress Parse(string text, string baseFolder)
    {
        ArgumentNullException.ThrowIfNull(text);
        if (text.StartsWith(Linux, StringComparison.Ordinal)
            && int.TryParse(text.AsSpan(Linux.Length), NumberStyles.None, CultureInfo.InvariantCulture, out int number) && number <= MaxBus)
        {
            return new("", number);
        }
        if (text.StartsWith(Unix, StringComparison.Ordinal) && text.Length > Unix.Length)
        {
            string path = System.IO.Path.GetFullPath(text[Unix.Length..], System.IO.Path.GetFullPath(baseFolder));
            int bytes = System.Text.Encoding.UTF8.GetByteCount(path);
            return bytes <= MaxPathBytes ? new(path, -1)
                : throw new FormatException($"bus: expected a socket's path of at most {MaxPathBytes} bytes, found {bytes}");
        }
        throw new FormatException($"bus: expected unix:PATH or linux:0 to linux:{MaxBus}, found '{text}'");
    }

    /// <summary>Opens the bus; every device made by the result shares its one connection.</summary>
    public I2cBus Open() => Number >= 0 ? I2cBus.Create(Number) : new UnixSocketI2cBus(Path);
}
