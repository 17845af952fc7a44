using SatNode.Protocol.I2c;

namespace SatNode.Rig.Devices;

/// <summary>The wires: hands each message of a transaction to the chip of its address. Whatever carries the transactions (a socket, a USB adapter of an
/// emulated board) calls <see cref="Transfer"/>; any thread may.</summary>
public sealed class I2cBus
{
    private const int AddressMax = 0x7F;

    private readonly Lock _wires = new();
    private readonly II2cChip?[] _chips = new II2cChip?[AddressMax + 1];
    private long _transactions;
    private long _notAcknowledged;

    /// <summary>Transactions so far.</summary>
    public long Transactions => Interlocked.Read(ref _transactions);

    /// <summary>Transactions so far that a chip, or the lack of one, did not acknowledge.</summary>
    public long NotAcknowledged => Interlocked.Read(ref _notAcknowledged);

    /// <summary>Solders a chip to the bus.</summary>
    /// <exception cref="ArgumentException">The address is taken.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The address has more than 7 bits.</exception>
    public void Attach(byte address, II2cChip chip)
    {
        ArgumentNullException.ThrowIfNull(chip);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(address, AddressMax);
        lock (_wires)
        {
            if (_chips[address] is not null)
                throw new ArgumentException($"i2c: expected a free address, found a chip at 0x{address:x2} already", nameof(address));
            _chips[address] = chip;
        }
    }

    /// <summary>Runs a transaction: its messages in order, without another in between, up to the first that is not acknowledged.</summary>
    /// <returns>True when all were acknowledged.</returns>
    public bool Transfer(ReadOnlySpan<I2cMessage> messages)
    {
        bool acknowledged = true;
        lock (_wires)
        {
            foreach (I2cMessage message in messages)
            {
                acknowledged = message.Address <= AddressMax
                    && _chips[message.Address] is { } chip
                    && (message.IsRead ? chip.Read(message.Data.Span) : chip.Write(message.Data.Span));
                if (!acknowledged)
                    break;
            }
        }
        Interlocked.Increment(ref _transactions);
        if (!acknowledged)
            Interlocked.Increment(ref _notAcknowledged);
        return acknowledged;
    }
}
