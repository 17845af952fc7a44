namespace SatNode.Rig.Devices;

/// <summary>24AA02E48 EEPROM: 256 bytes with an address pointer, pages of 8 bytes, a write cycle in which it does not answer; its upper half cannot be written and ends in a
/// world-wide unique EUI-48 at 0xFA. Source: Microchip DS20002124, sections 2 to 7 and table 1-2.</summary>
/// <remarks>It has no address pins: it answers at 0x50 to 0x57, which are all the same.</remarks>
public sealed class Eeprom24AA02E48Model : II2cChip
{
    /// <summary>Bytes that one write can change.</summary>
    public const int PageBytes = 8;

    /// <summary>The first of its addresses.</summary>
    public const byte AddressFirst = 0x50;

    /// <summary>Its addresses.</summary>
    public const int Addresses = 8;

    /// <summary>How long a write takes in which the chip does not answer: the data sheet's most.</summary>
    public static readonly TimeSpan WriteCycle = TimeSpan.FromMilliseconds(5);

    private const int Bytes = 256;
    private const int WritableBytes = 128;
    private const int EuiAt = 0xFA;

    private readonly TimeProvider _clock;
    private readonly byte[] _memory = new byte[Bytes];
    private DateTimeOffset? _busyUntil;
    private int _pointer;

    /// <summary>Creates the chip, erased but for its address.</summary>
    /// <param name="clock">The world's clock, for the write cycle.</param>
    /// <param name="eui48">Its unique address, 6 bytes.</param>
    /// <param name="content">What the lower half holds from its start, at most 128 bytes.</param>
    /// <exception cref="ArgumentException">Too many or too few bytes.</exception>
    public Eeprom24AA02E48Model(TimeProvider clock, ReadOnlySpan<byte> eui48, ReadOnlySpan<byte> content)
    {
        if (eui48.Length != Bytes - EuiAt)
            throw new ArgumentException($"24aa02e48: expected an address of {Bytes - EuiAt} bytes, found {eui48.Length}", nameof(eui48));
        if (content.Length > WritableBytes)
            throw new ArgumentException($"24aa02e48: expected at most {WritableBytes} bytes of content, found {content.Length}", nameof(content));
        _clock = clock;
        _memory.AsSpan().Fill(0xFF);
        content.CopyTo(_memory);
        eui48.CopyTo(_memory.AsSpan(EuiAt));
    }

    private bool IsBusy => _busyUntil is { } until && _clock.GetUtcNow() < until;

    /// <inheritdoc/>
    public bool Write(ReadOnlySpan<byte> data)
    {
        if (IsBusy)
            return false;
        if (data.IsEmpty)
            return true;
        _pointer = data[0];
        if (data.Length == 1 || _pointer >= WritableBytes)
            return true; // the upper half acknowledges and stays as it is
        int page = _pointer / PageBytes * PageBytes;
        foreach (byte value in data[1..])
        {
            _memory[_pointer] = value;
            _pointer = page + ((_pointer + 1) % PageBytes); // beyond the page's end it goes on at the page's start
        }
        _busyUntil = _clock.GetUtcNow() + WriteCycle;
        return true;
    }

    /// <inheritdoc/>
    public bool Read(Span<byte> destination)
    {
        if (IsBusy)
            return false;
        foreach (ref byte value in destination)
        {
            value = _memory[_pointer];
            _pointer = (_pointer + 1) % Bytes;
        }
        return true;
    }
}
