using SatNode.Protocol.I2c;

namespace SatNode.Rig.Devices;

/// <summary>The wires: hands each message of a transaction to the chip of its address. What carries the transactions (a socket, a USB adapter of an emulated
/// board) calls <c>Transfer</c>; any thread may. As on wires, a transaction is whole: from start to stop no other master gets in between.</summary>
public sealed class I2cBus
{
    private const int AddressMax = 0x7F;

    private readonly object _wires = new(); // a monitor and no Lock: masters wait on it for a stop
    private readonly II2cChip?[] _chips = new II2cChip?[AddressMax + 1];
    private object? _master;
    private long _transactions;
    private long _notAcknowledged;

    /// <summary>How long a master that goes silent within a transaction keeps others from the wires: generous for an emulated processor, whose two messages
    /// are about 1 ms apart.</summary>
    public static TimeSpan SilenceMax { get; } = TimeSpan.FromMilliseconds(500);

    /// <summary>Transactions so far.</summary>
    public long Transactions => Interlocked.Read(ref _transactions);

    /// <summary>Transactions so far that a chip, or the lack of one, did not acknowledge.</summary>
    public long NotAcknowledged => Interlocked.Read(ref _notAcknowledged);

    /// <summary>Whether a master is between its start and its stop.</summary>
    internal bool IsTaken
    {
        get
        {
            lock (_wires)
                return _master is not null;
        }
    }

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

    /// <summary>Runs a transaction: its messages in order up to the first that is not acknowledged.</summary>
    /// <returns>True when all were acknowledged.</returns>
    public bool Transfer(ReadOnlySpan<I2cMessage> messages)
    {
        lock (_wires)
        {
            WaitForStop(master: null);
            bool acknowledged = true;
            foreach (I2cMessage message in messages)
            {
                acknowledged = Reach(message);
                if (!acknowledged)
                    break;
            }
            Count(acknowledged);
            return acknowledged;
        }
    }

    /// <summary>Runs one message of a transaction that comes message by message. The wires are the master's from the first to the last, or to one that is not
    /// acknowledged, or until it has been silent for <see cref="SilenceMax"/> and another wants them.</summary>
    /// <param name="master">Who talks; compared by reference.</param>
    /// <param name="message">The message.</param>
    /// <param name="isFirst">A start condition comes before it; otherwise a repeated start.</param>
    /// <param name="isLast">A stop condition comes after it.</param>
    /// <returns>False when it was not acknowledged, or the transaction was never started or is over.</returns>
    public bool Transfer(object master, in I2cMessage message, bool isFirst, bool isLast)
    {
        ArgumentNullException.ThrowIfNull(master);
        lock (_wires)
        {
            if (isFirst)
            {
                WaitForStop(master);
                _master = master;
            }
            bool acknowledged = ReferenceEquals(_master, master) && Reach(message);
            if (isLast || !acknowledged)
            {
                Count(acknowledged);
                Stop(master);
            }
            return acknowledged;
        }
    }

    /// <summary>Ends the master's transaction, if it is in one.</summary>
    public void Stop(object master)
    {
        lock (_wires)
        {
            if (!ReferenceEquals(_master, master))
                return;
            _master = null;
            Monitor.PulseAll(_wires);
        }
    }

    private void WaitForStop(object? master)
    {
        while (_master is { } holder && !ReferenceEquals(holder, master))
        {
            if (!Monitor.Wait(_wires, SilenceMax) && ReferenceEquals(_master, holder))
                _master = null;
        }
    }

    private bool Reach(in I2cMessage message) =>
        message.Address <= AddressMax
        && _chips[message.Address] is { } chip
        && (message.IsRead ? chip.Read(message.Data.Span) : chip.Write(message.Data.Span));

    private void Count(bool acknowledged)
    {
        Interlocked.Increment(ref _transactions);
        if (!acknowledged)
            Interlocked.Increment(ref _notAcknowledged);
    }
}
