using System.Buffers.Binary;
using System.Device.I2c;

namespace SatNode.Flight.Sensors;

/// <summary>DS3231 real-time clock, in 24-hour mode, UTC, 2000 to 2199. Source: Maxim Integrated DS3231, rev. 10, table 2 and pages 11 to 14. Owns <paramref name="device"/>.</summary>
/// <param name="device">The chip, at 0x68.</param>
public sealed class Ds3231(I2cDevice device) : IDisposable
{
    private const int TimeBytes = 7;
    private const int AllBytes = 0x10;
    private const byte OscillatorStopped = 0x80;
    private const byte Hour12 = 0x40;
    private const byte Afternoon = 0x20;
    private const byte Century = 0x80;
    private const int YearBase = 2000;
    private const int YearMax = 2199;

    private enum Register : byte
    {
        Seconds = 0x00,
        Status = 0x0F,
    }

    /// <summary>Reads the time.</summary>
    /// <returns>The time, whole seconds; null when the oscillator has stopped since the clock was set: what it shows then means nothing.</returns>
    /// <exception cref="IOException">The chip did not acknowledge: absent, or the bus is stuck.</exception>
    /// <exception cref="SensorException">What was read is no time: a floating or stuck bus, or flipped bits.</exception>
    public DateTimeOffset? ReadTime()
    {
        Span<byte> registers = stackalloc byte[AllBytes];
        device.WriteRead([(byte)Register.Seconds], registers);
        byte status = registers[(int)Register.Status];
        if ((status & 0x70) != 0)
            throw new SensorException($"ds3231 register 0x0f: expected bits 6 to 4 to be 0, found 0x{status:x2}");
        DateTimeOffset time = Decode(registers[..TimeBytes]);
        return (status & OscillatorStopped) == 0 ? time : null;
    }

    /// <summary>Sets the time to its whole second and clears the mark of a stopped oscillator.</summary>
    /// <param name="time">2000 to 2199.</param>
    /// <exception cref="ArgumentOutOfRangeException">The year is none of the chip's.</exception>
    /// <exception cref="IOException">The chip did not acknowledge: absent, or the bus is stuck.</exception>
    public void SetTime(DateTimeOffset time)
    {
        DateTime utc = time.UtcDateTime;
        if (utc.Year is < YearBase or > YearMax)
            throw new ArgumentOutOfRangeException(nameof(time), time, $"expected a year of {YearBase} to {YearMax}");
        int weekday = utc.DayOfWeek == DayOfWeek.Sunday ? 7 : (int)utc.DayOfWeek;
        device.Write(
        [
            (byte)Register.Seconds, ToBcd(utc.Second), ToBcd(utc.Minute), ToBcd(utc.Hour), (byte)weekday, ToBcd(utc.Day),
            (byte)(ToBcd(utc.Month) | (utc.Year >= YearBase + 100 ? Century : 0)), ToBcd(utc.Year % 100),
        ]);
        Span<byte> status = stackalloc byte[1];
        device.WriteRead([(byte)Register.Status], status);
        device.Write([(byte)Register.Status, (byte)(status[0] & ~OscillatorStopped)]);
    }

    /// <inheritdoc/>
    public void Dispose() => device.Dispose();

    private static DateTimeOffset Decode(ReadOnlySpan<byte> registers)
    {
        int second = FromBcd(registers[0]), minute = FromBcd(registers[1]), day = FromBcd(registers[4]), year = FromBcd(registers[6]);
        int month = FromBcd((byte)(registers[5] & ~Century));
        int hour;
        if ((registers[2] & Hour12) == 0)
        {
            hour = FromBcd(registers[2]);
        }
        else
        {
            int half = FromBcd((byte)(registers[2] & 0x1F));
            hour = half is >= 1 and <= 12 ? (half % 12) + ((registers[2] & Afternoon) != 0 ? 12 : 0) : -1;
        }
        int full = YearBase + ((registers[5] & Century) != 0 ? 100 : 0) + year;
        bool isTime = second is >= 0 and <= 59 && minute is >= 0 and <= 59 && hour is >= 0 and <= 23 && registers[3] is >= 1 and <= 7
            && month is >= 1 and <= 12 && year >= 0 && day >= 1 && day <= DateTime.DaysInMonth(full, month);
        return isTime ? new(full, month, day, hour, minute, second, TimeSpan.Zero)
            : throw new SensorException($"ds3231 registers 0x00 to 0x06: expected a time in BCD, found {BinaryPrimitives.ReadUInt64BigEndian([0, .. registers]):x14}");
    }

    private static byte ToBcd(int value) => (byte)(((value / 10) << 4) | (value % 10));

    /// <summary>The number, or −1 when a digit is none.</summary>
    private static int FromBcd(byte value) => (value & 0xF) <= 9 && value >> 4 <= 9 ? ((value >> 4) * 10) + (value & 0xF) : -1;
}
