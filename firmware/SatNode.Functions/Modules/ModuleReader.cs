using SatNode.Functions.Runtime;
using SatNode.Protocol.Functions;

namespace SatNode.Functions.Modules;

/// <summary>Reads a module's bytes forward and never beyond their end.</summary>
internal ref struct ModuleReader(FunctionManifest manifest, ReadOnlySpan<byte> module)
{
    private readonly ReadOnlySpan<byte> _module = module;

    public int Position { get; private set; }

    public readonly bool IsAtEnd => Position >= _module.Length;

    public byte Byte() => Position < _module.Length ? _module[Position++] : throw Damaged("a byte more", "the end");

    /// <summary>An unsigned LEB128 number of 32 bits.</summary>
    public uint Unsigned()
    {
        uint value = 0;
        for (int shift = 0; shift < 35; shift += 7)
        {
            byte next = Byte();
            value |= (next & 0x7Fu) << shift;
            if ((next & 0x80) == 0)
                return value;
        }
        throw Damaged("a number of at most 5 bytes", "a longer one");
    }

    /// <summary>Passes a name.</summary>
    public void Name() => Skip(Unsigned());

    public void Expect(byte value, string what)
    {
        byte found = Byte();
        if (found != value)
            throw Damaged($"{what} (0x{value:x2})", $"0x{found:x2}");
    }

    public void Skip(uint count)
    {
        if (count > (uint)(_module.Length - Position))
            throw Damaged($"{count} bytes more", $"{_module.Length - Position}");
        Position += (int)count;
    }

    /// <summary>Where what is so long from here on ends.</summary>
    public readonly int End(uint length) => length <= (uint)(_module.Length - Position) ? Position + (int)length : throw Damaged($"{length} bytes more", $"{_module.Length - Position}");

    /// <summary>Goes on at a place that <see cref="End"/> gave.</summary>
    public void Seek(int position)
    {
        if (Position > position)
            throw Damaged($"what begins before to end by byte {position}", $"byte {Position}");
        Position = position;
    }

    /// <summary>Reads an instruction with what belongs to it, and counts it. Source: WebAssembly 2.0, section 5.4.</summary>
    public void Instruction(ref InstructionCounts counts, ModuleSignatures signatures)
    {
        counts.Instructions++;
        byte opcode = Byte();
        switch (opcode)
        {
            case 0x02: // block
                counts.Blocks++;
                counts.Values += BlockValues(ref counts, signatures);
                break;
            case 0x03: // loop
                counts.Blocks++;
                counts.Loops++;
                counts.LoopValues += BlockValues(ref counts, signatures);
                break;
            case 0x04: // if
                counts.Blocks += 2;
                counts.Values += 2 * BlockValues(ref counts, signatures);
                break;
            case 0x05: // else
                counts.Blocks++;
                break;
            case 0x0C: // br
                counts.Values += counts.LabelValues;
                Number();
                break;
            case 0x0D: // br_if
                counts.Blocks++;
                counts.Values += counts.LabelValues;
                Number();
                break;
            case 0x0E: // br_table
                uint targets = Unsigned();
                counts.Blocks++;
                counts.Targets += targets;
                counts.Values += counts.LabelValues * (targets + 1L);
                for (uint i = 0; i < targets; i++) // each takes a byte at least
                    Number();
                Number();
                break;
            case 0x0F: // return
                counts.Values += counts.LabelValues;
                break;
            case 0x10: // call
                counts.Values += BeyondUsual(signatures.OfFunction(Unsigned()));
                break;
            case 0x11: // call_indirect
                counts.Values += BeyondUsual(signatures.OfType(Unsigned()));
                Number();
                break;
            case 0x1C: // select with types
                Skip(Unsigned());
                break;
            case (>= 0x20 and <= 0x26) or 0x3F or 0x40 or 0x41 or 0x42 or 0xD0 or 0xD2: // one index, size or constant
                Number();
                break;
            case >= 0x28 and <= 0x3E: // loads and stores
                Number();
                Number();
                break;
            case 0x43: // f32.const
                Skip(4);
                break;
            case 0x44: // f64.const
                Skip(8);
                break;
            case 0xFC:
                Extended();
                break;
            case 0xFD:
                Vector();
                break;
            case 0x00 or 0x01 or 0x0B or 0x1A or 0x1B or (>= 0x45 and <= 0xC4) or 0xD1:
                break;
            default:
                throw Damaged("an instruction of WebAssembly 2.0", $"0x{opcode:x2}");
        }
    }

    /// <summary>What a call carries beyond what the instructions stand for that put a usual one's values there.</summary>
    private static long BeyondUsual((int Parameters, int Results) carried) => Math.Max(0, carried.Parameters + carried.Results - FunctionBounds.CallValuesUsual);

    /// <summary>Reads a block's type: an index where it takes values or gives several, else one byte.</summary>
    private long BlockValues(ref InstructionCounts counts, ModuleSignatures signatures)
    {
        if (Position < _module.Length && (_module[Position] & 0xC0) == 0x40) // a negative number of one byte
        {
            Position++;
            return 0;
        }
        (int parameters, int results) = signatures.OfType(Unsigned());
        counts.LabelValues = Math.Max(counts.LabelValues, Math.Max(parameters, results));
        return parameters + results;
    }

    private void Extended()
    {
        uint opcode = Unsigned();
        int numbers = opcode switch
        {
            <= 7 => 0, // saturating truncation
            9 or 11 or 13 or 15 or 16 or 17 => 1,
            8 or 10 or 12 or 14 => 2,
            _ => throw Damaged("an instruction of WebAssembly 2.0", $"0xfc {opcode}"),
        };
        for (int i = 0; i < numbers; i++)
            Number();
    }

    private void Vector()
    {
        uint opcode = Unsigned();
        switch (opcode)
        {
            case <= 11 or 92 or 93: // loads and stores
                Number();
                Number();
                break;
            case 12 or 13: // v128.const, i8x16.shuffle
                Skip(16);
                break;
            case >= 21 and <= 34: // lanes
                Skip(1);
                break;
            case >= 84 and <= 91: // loads and stores of lanes
                Number();
                Number();
                Skip(1);
                break;
            case <= 255:
                break;
            default:
                throw Damaged("an instruction of WebAssembly 2.0", $"0xfd {opcode}");
        }
    }

    /// <summary>Passes a LEB128 number of any sign and of up to 64 bits.</summary>
    private void Number()
    {
        for (int i = 0; i < 10; i++)
        {
            if ((Byte() & 0x80) == 0)
                return;
        }
        throw Damaged("a number of at most 10 bytes", "a longer one");
    }

    private readonly FunctionModuleException Damaged(string expected, string found) =>
        ModuleInspector.Refuse(manifest, $"expected a WebAssembly module that can be compiled, found: byte {Position}: expected {expected}, found {found}");
}
