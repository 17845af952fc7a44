using System.Buffers.Binary;

namespace SatNode.Rig.Devices;

/// <summary>A chip with a register pointer and 16-bit registers, most significant byte first: the way of the TMP102 and the INA226.</summary>
public abstract class WordRegisterChip : II2cChip
{
    private const int PointerAndWordBytes = 3;

    private byte _pointer;

    /// <inheritdoc/>
    public bool Write(ReadOnlySpan<byte> data)
    {
        if (data.IsEmpty)
            return true;
        _pointer = data[0];
        if (data.Length >= PointerAndWordBytes)
            WriteRegister(_pointer, BinaryPrimitives.ReadUInt16BigEndian(data[1..]));
        return true;
    }

    /// <inheritdoc/>
    public bool Read(Span<byte> destination)
    {
        Span<byte> word = stackalloc byte[sizeof(ushort)];
        BinaryPrimitives.WriteUInt16BigEndian(word, ReadRegister(_pointer));
        int register = Math.Min(destination.Length, sizeof(ushort));
        word[..register].CopyTo(destination);
        destination[register..].Fill(0xFF);
        return true;
    }

    /// <summary>The value of a register now; an unknown one reads 0.</summary>
    protected abstract ushort ReadRegister(byte pointer);

    /// <summary>Writes a register; a read-only or unknown one stays as it is.</summary>
    protected abstract void WriteRegister(byte pointer, ushort value);
}
