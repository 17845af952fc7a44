using System.Device.I2c;
using SatNode.Protocol.Boards;

namespace SatNode.Flight.Tests.Sensors;

/// <summary>A bus of register files: the first byte written is the pointer, which rises with every byte read or written.</summary>
internal sealed class SimulatedBus : I2cBus
{
    private readonly Dictionary<int, Chip> _chips = [];

    public Chip this[int address] => _chips.TryGetValue(address, out Chip? chip) ? chip : _chips[address] = new(address);

    public override I2cDevice CreateDevice(int deviceAddress) => this[deviceAddress];

    public override void RemoveDevice(int deviceAddress) => _chips.Remove(deviceAddress);

    /// <summary>A satellite on a good day: 35 °C, 20 °C, 28 W, 4.2 W, half charged; panel at 60 °C, 24 W into the battery, 15 W into the loads.</summary>
    public static SimulatedBus Healthy()
    {
        var bus = new SimulatedBus();
        bus[0x48].Word(0x00, 0x2300).Word(0x01, 0x60A0);
        bus[0x49].Word(0x00, 0x1400).Word(0x01, 0x60A0);
        bus[0x40].Wide(0x01, 5600).Wide(0x02, 16000).Wide(0xFE, 0x5449); // 14 mV over 10 mΩ = 1.4 A, 20 V
        bus[0x41].Wide(0x01, 6720).Wide(0x02, 4000).Wide(0xFE, 0x5449); // 16.8 mV over 20 mΩ = 0.84 A, 5 V
        bus[0x64].Byte(0x01, 0xFC).Word(0x02, 1198).Word(0x08, 13885).Word(0x0E, 36862).Word(0x14, 0x9360); // 4,073 mAh, 15.0 V, +1.6 A, 293.6 K
        bus[0x4A].Word(0x00, 0x3C00).Word(0x01, 0x60A0);
        bus[0x44].Wide(0x01, 3200).Wide(0x02, 12000).Wide(0xFE, 0x5449); // 8 mV over 5 mΩ = 1.6 A, 15 V
        bus[0x45].Wide(0x01, 4000).Wide(0x02, 12000).Wide(0xFE, 0x5449); // 10 mV over 10 mΩ = 1 A, 15 V
        bus[0x68].Bytes(0x00, 0, 0, 0, 6, 1, 1, 0).Byte(0x0F, 0x08); // 2000-01-01, when fake clocks begin
        byte[] record = new byte[BoardIdentity.EncodedBytes];
        new BoardIdentity("bench", "sn-7").Write(record);
        bus[0x50].Bytes(0x00, record).Bytes(0xFA, 0x54, 0x10, 0xEC, 1, 2, 3);
        return bus;
    }

    public sealed class Chip(int address) : I2cDevice
    {
        private readonly byte[] _registers = new byte[256];
        private readonly Dictionary<byte, ushort> _wide = [];
        private byte _pointer;

        public bool IsAbsent { get; set; }

        /// <summary>Told of each message with the chip's address.</summary>
        public Action<int>? OnWrite { get; set; }

        public byte? StuckAt { get; set; }

        /// <summary>True for a chip that acknowledges writes and stays as it is.</summary>
        public bool IsReadOnly { get; set; }

        public List<string> Writes { get; } = [];

        public override I2cConnectionSettings ConnectionSettings { get; } = new(0, address);

        /// <summary>A register of two bytes at two addresses, as on the LTC2944, or alone.</summary>
        public Chip Word(byte register, ushort value)
        {
            _registers[register] = (byte)(value >> 8);
            _registers[register + 1] = (byte)(value & 0xFF);
            _wide[register] = value;
            return this;
        }

        /// <summary>A register of 16 bits at one address, as on TI's chips.</summary>
        public Chip Wide(byte register, ushort value)
        {
            _wide[register] = value;
            return this;
        }

        public Chip Bytes(byte register, params ReadOnlySpan<byte> values)
        {
            values.CopyTo(_registers.AsSpan(register));
            return this;
        }

        public Chip Byte(byte register, byte value)
        {
            _registers[register] = value;
            return this;
        }

        public override void Read(Span<byte> buffer)
        {
            if (IsAbsent)
                throw new IOException($"no chip at 0x{address:x2}");
            if (StuckAt is { } stuck)
                buffer.Fill(stuck);
            else if (buffer.Length == 2 && _wide.TryGetValue(_pointer, out ushort value))
                (buffer[0], buffer[1]) = ((byte)(value >> 8), (byte)(value & 0xFF));
            else
                _registers.AsSpan(_pointer, buffer.Length).CopyTo(buffer);
        }

        public override void Write(ReadOnlySpan<byte> buffer)
        {
            if (IsAbsent)
                throw new IOException($"no chip at 0x{address:x2}");
            OnWrite?.Invoke(address);
            _pointer = buffer[0];
            if (buffer.Length == 1)
                return;
            Writes.Add(Convert.ToHexStringLower(buffer));
            if (!IsReadOnly)
                buffer[1..].CopyTo(_registers.AsSpan(_pointer));
        }

        public override void WriteRead(ReadOnlySpan<byte> writeBuffer, Span<byte> readBuffer)
        {
            Write(writeBuffer);
            Read(readBuffer);
        }
    }
}
