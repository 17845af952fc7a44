namespace SatNode.Rig.Devices;

/// <summary>A chip on an I²C bus, between its start and stop conditions. The bus calls one chip at a time and never two calls at once.</summary>
public interface II2cChip
{
    /// <summary>The master writes.</summary>
    /// <param name="data">The bytes after the address; empty for a bare probe of the address.</param>
    /// <returns>False when the chip does not acknowledge.</returns>
    bool Write(ReadOnlySpan<byte> data);

    /// <summary>The master reads.</summary>
    /// <param name="destination">Filled whole: a master clocks as many bytes as it likes, beyond the chip's last the line stays high (0xFF).</param>
    /// <returns>False when the chip does not acknowledge.</returns>
    bool Read(Span<byte> destination);
}
