using System.Device.I2c;

namespace SatNode.Flight.Sensors;

/// <summary>One chip on a <see cref="UnixSocketI2cBus"/>. Disposing it leaves the bus open: the bus is its owner's.</summary>
/// <param name="bus">The bus.</param>
/// <param name="address">The chip's 7-bit address.</param>
public sealed class UnixSocketI2cDevice(UnixSocketI2cBus bus, byte address) : I2cDevice
{
    /// <inheritdoc/>
    public override I2cConnectionSettings ConnectionSettings { get; } = new(busId: 0, address);

    /// <inheritdoc/>
    /// <exception cref="IOException">The chip did not acknowledge, or the adapter failed.</exception>
    public override void Read(Span<byte> buffer) => bus.Transfer(address, [], buffer);

    /// <inheritdoc/>
    /// <exception cref="IOException">The chip did not acknowledge, or the adapter failed.</exception>
    public override void Write(ReadOnlySpan<byte> buffer) => bus.Transfer(address, buffer, []);

    /// <inheritdoc/>
    /// <exception cref="IOException">The chip did not acknowledge, or the adapter failed.</exception>
    public override void WriteRead(ReadOnlySpan<byte> writeBuffer, Span<byte> readBuffer) => bus.Transfer(address, writeBuffer, readBuffer);
}
