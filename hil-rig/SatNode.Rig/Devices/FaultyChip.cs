using System.Buffers.Binary;

namespace SatNode.Rig.Devices;

/// <summary>A chip that can be broken: sits between the bus and the chip. Without a fault every byte passes as it is.</summary>
public sealed class FaultyChip : II2cChip
{
    private readonly II2cChip _chip;
    private readonly SensorError _draw;
    private readonly Dictionary<(byte Pointer, int Length), byte[]> _frozen = [];
    private volatile ChipFault? _fault;
    private ChipFault? _active;
    private byte _pointer;

    /// <summary>Wraps a chip.</summary>
    public FaultyChip(II2cChip chip, int seed)
    {
        _chip = chip;
        _draw = new(seed);
    }

    /// <summary>What is wrong now; null is a good chip. May be set from any thread, holds from the next message on.</summary>
    public ChipFault? Fault
    {
        get => _fault;
        set => _fault = value;
    }

    /// <inheritdoc/>
    public bool Write(ReadOnlySpan<byte> data)
    {
        if (!IsAnswering())
            return false;
        if (!data.IsEmpty)
            _pointer = data[0];
        return _chip.Write(data);
    }

    /// <inheritdoc/>
    public bool Read(Span<byte> destination)
    {
        if (!IsAnswering() || !_chip.Read(destination))
            return false;
        switch (_active)
        {
            case ChipFault.Stuck:
                Freeze(destination);
                break;
            case ChipFault.Noise noise:
                AddNoise(destination, noise.DeviationSteps);
                break;
            case ChipFault.BitFlips flips:
                Flip(destination, flips.ProbabilityPerBit);
                break;
        }
        return true;
    }

    private bool IsAnswering()
    {
        ChipFault? fault = _fault;
        if (!ReferenceEquals(fault, _active))
        {
            _active = fault;
            _frozen.Clear();
        }
        return fault switch
        {
            ChipFault.Absent => false,
            ChipFault.Flaky flaky => !_draw.Chance(flaky.Probability),
            _ => true,
        };
    }

    private void Freeze(Span<byte> read)
    {
        if (_frozen.TryGetValue((_pointer, read.Length), out byte[]? first))
            first.CopyTo(read);
        else if (_frozen.Count < FrozenMax)
            _frozen.Add((_pointer, read.Length), read.ToArray());
    }

    private const int FrozenMax = 256; // one for each pointer; a master that reads in more lengths sees live values

    private void AddNoise(Span<byte> read, double deviationSteps)
    {
        for (int at = 0; at + sizeof(short) <= read.Length; at += sizeof(short))
        {
            double value = BinaryPrimitives.ReadInt16BigEndian(read[at..]) + _draw.Noise(deviationSteps);
            BinaryPrimitives.WriteInt16BigEndian(read[at..], (short)Math.Clamp(Math.Round(value), short.MinValue, short.MaxValue));
        }
    }

    private void Flip(Span<byte> read, double probability)
    {
        foreach (ref byte value in read)
        {
            for (int bit = 0; bit < 8; bit++)
            {
                if (_draw.Chance(probability))
                    value ^= (byte)(1 << bit);
            }
        }
    }
}
