using System.Buffers.Binary;
using System.Net.Sockets;
using Microsoft.Extensions.Time.Testing;
using SatNode.Rig.Devices;
using SatNode.Rig.Devices.Usb;

namespace SatNode.Rig.Tests.Devices.Usb;

/// <summary>DEV-6 and DEV-7, with the test in the role of QEMU.</summary>
public sealed class UsbRedirI2cAdapterTests : IAsyncDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("usb").FullName;
    private readonly I2cBus _bus = new();
    private readonly UsbRedirI2cAdapter _adapter;

    public UsbRedirI2cAdapterTests()
    {
        _bus.Attach(0x40, new Ina226Model(() => 12, () => 1, TimeProvider.System, seed: 1, new() { ShuntOhms = 0.01 }));
        _adapter = new(_bus, Path);
    }

    private string Path => System.IO.Path.Combine(_folder, "usb.sock");

    public async ValueTask DisposeAsync()
    {
        await _adapter.DisposeAsync();
        Assert.False(File.Exists(Path));
        Directory.Delete(_folder);
    }

    [Fact]
    public async Task Says_hello_and_plugs_in_an_i2c_tiny_usb()
    {
        using UsbGuest guest = await UsbGuest.Connect(Path, wide: false);
        UsbPacket hello = await guest.Receive();
        Assert.Equal((UsbGuest.Hello, 0ul, 68), (hello.Type, hello.Id, hello.Body.Length));
        Assert.Equal(0x70u, BinaryPrimitives.ReadUInt32LittleEndian(hello.Body.AsSpan(64))); // packet sizes, 64-bit ids, 32-bit bulk lengths

        await guest.Send(UsbGuest.Packet(UsbGuest.Hello, 0, UsbGuest.HelloBody(capabilities: 0x10), wide: false));
        UsbPacket endpoints = await guest.Receive();
        Assert.Equal((UsbGuest.EndpointInfo, 160), (endpoints.Type, endpoints.Body.Length));
        Assert.All(Enumerable.Range(0, 32), at => Assert.Equal(at % 16 == 0 ? 0 : 255, endpoints.Body[at]));
        Assert.All(Enumerable.Range(0, 32), at => Assert.Equal(at % 16 == 0 ? 8 : 0, BinaryPrimitives.ReadUInt16LittleEndian(endpoints.Body.AsSpan(96 + (at * 2)))));
        UsbPacket interfaces = await guest.Receive();
        Assert.Equal((UsbGuest.InterfaceInfo, 132), (interfaces.Type, interfaces.Body.Length));
        Assert.Equal((1, 0xFF), (interfaces.Body[0], interfaces.Body[36]));
        UsbPacket connect = await guest.Receive();
        Assert.Equal(UsbGuest.DeviceConnect, connect.Type);
        Assert.Equal([1, 0, 0, 0, 0x03, 0x04, 0x31, 0xC6], connect.Body);
    }

    [Fact]
    public async Task Sends_no_field_that_the_guest_has_not_announced()
    {
        using UsbGuest guest = await UsbGuest.Connect(Path, wide: false);
        await guest.Receive();
        await guest.Send(UsbGuest.Packet(UsbGuest.Hello, 0, new byte[64], wide: false)); // protocol 0.3: no capabilities at all

        Assert.Equal(96, (await guest.Receive()).Body.Length); // no packet sizes
        await guest.Receive();
        await guest.Receive();
        Assert.Equal("TI"u8.ToArray(), await guest.ReadRegister(0x40, 0xFE, 2)); // with ids of 32 bits
    }

    [Fact]
    public async Task Describes_itself_as_the_kernel_asks()
    {
        using UsbGuest guest = await UsbGuest.Boot(Path);

        byte[] device = [18, 1, 0x10, 1, 0, 0, 0, 8, 0x03, 0x04, 0x31, 0xC6, 5, 2, 0, 0, 0, 1];
        Assert.Equal(device, (await guest.Control(0x80, 6, 0x0100, 0, 64)).Data);
        Assert.Equal(device[..8], (await guest.Control(0x80, 6, 0x0100, 0, 8)).Data); // the first 8 bytes come first
        (byte status, int length, byte[] configuration) = await guest.Control(0x80, 6, 0x0200, 0, 255);
        Assert.Equal((0, 18, 18), (status, length, configuration.Length));
        Assert.Equal([9, 2, 18, 0, 1, 1, 0, 0x80, 50, 9, 4, 0, 0, 0, 0xFF, 0, 0, 0], configuration);
        Assert.Equal([0, 0], (await guest.Control(0x80, 0, 0, 0, 2)).Data);
        Assert.Equal((4, 0, 0), Shape(await guest.Control(0x80, 6, 0x0300, 0, 255))); // no texts: stalled
        Assert.Equal((4, 0, 0), Shape(await guest.Control(0x80, 6, 0x0600, 0, 10)));  // no high speed
    }

    [Fact]
    public async Task Configures_itself()
    {
        using UsbGuest guest = await UsbGuest.Boot(Path);

        Assert.Equal([0, 0], (await guest.Ask(UsbGuest.GetConfiguration)).Body);
        UsbPacket status = await guest.Ask(UsbGuest.SetConfiguration, 1);
        Assert.Equal(UsbGuest.ConfigurationStatus, status.Type);
        Assert.Equal([0, 1], status.Body);
        Assert.Equal([2, 1], (await guest.Ask(UsbGuest.SetConfiguration, 2)).Body); // there is no second
        Assert.Equal([0, 1], (await guest.Ask(UsbGuest.GetConfiguration)).Body);
        Assert.Equal([0, 0, 0], (await guest.Ask(UsbGuest.SetAlternate, 0, 0)).Body);
        Assert.Equal([2, 0, 0], (await guest.Ask(UsbGuest.SetAlternate, 0, 1)).Body);
        Assert.Equal([0, 0, 0], (await guest.Ask(UsbGuest.GetAlternate, 0)).Body);
        Assert.Equal([2, 1, 0], (await guest.Ask(UsbGuest.GetAlternate, 1)).Body);

        await guest.Send(UsbGuest.Packet(UsbGuest.Reset, 0, []));
        Assert.Equal([0, 0], (await guest.Ask(UsbGuest.GetConfiguration)).Body);
    }

    [Fact]
    public async Task Answers_the_driver_of_i2c_tiny_usb()
    {
        using UsbGuest guest = await UsbGuest.Boot(Path);

        Assert.Equal([0x01, 0, 0xFF, 0x0E], (await guest.Control(0xC1, 1, 0, 0, 4)).Data); // I2C and SMBus emulation without PEC
        Assert.Equal((0, 0, 0), Shape(await guest.Control(0x41, 2, 10, 0, 0)));            // set delay
        Assert.Equal([0x34, 0x12], (await guest.Control(0xC1, 0, 0x1234, 0, 2)).Data);     // echo
        Assert.Equal([0], (await guest.Control(0xC1, 3, 0, 0, 1)).Data);                   // idle
        Assert.Equal((4, 0, 0), Shape(await guest.Control(0xC1, 8, 0, 0, 4)));             // beyond the last command: stalled
        Assert.Equal((4, 0, 0), Shape(await guest.Control(0x41, 3, 0, 0, 0)));             // a status cannot be written
        Assert.Equal((4, 0, 0), Shape(await guest.Control(0x21, 4, 0, 0x40, 0)));          // a class's request, not the vendor's
    }

    [Fact]
    public async Task An_absent_chip_is_not_acknowledged_and_the_next_transaction_is_served()
    {
        using UsbGuest guest = await UsbGuest.Boot(Path);

        Assert.Null(await guest.Write(0x41, []));
        Assert.Null(await guest.Read(0x41, 2));
        Assert.NotNull(await guest.Write(0x40, []));
        Assert.Null(await guest.ReadRegister(0x41, 0xFE, 2));
        Assert.Equal((0, 1, 1), Shape(await guest.Control(0xC1, 7, 1, 0x140, 1))); // an address of 9 bits is not that of its last 7
        Assert.Equal([2], (await guest.Control(0xC1, 3, 0, 0, 1)).Data);
        Assert.Equal("TI"u8.ToArray(), await guest.ReadRegister(0x40, 0xFE, 2));
        Assert.Equal((6, 4), (_bus.Transactions, _bus.NotAcknowledged)); // two messages with a repeated start are one transaction
    }

    [Fact]
    public async Task Reads_what_a_process_reads()
    {
        SensedTruth truth = new(318.15, 290, 8.2, -1.5, 5, 0.8, new(7.9, -0.5, -100, 300), 310, 0.6);
        SensorSuite forProcess = Suite();
        SensorSuite forBoard = Suite();
        string process = System.IO.Path.Combine(_folder, "process.sock");
        string board = System.IO.Path.Combine(_folder, "board.sock");
        await using var unix = new UnixSocketI2cAdapter(forProcess.Bus, process);
        await using var usb = new UsbRedirI2cAdapter(forBoard.Bus, board);
        using Socket client = await Bus.Connect(process);
        using UsbGuest guest = await UsbGuest.Boot(board);
        foreach ((byte address, byte pointer, ushort length) in ((byte, byte, ushort)[])
            [(0x48, 0, 2), (0x49, 0, 2), (0x40, 1, 2), (0x40, 2, 2), (0x41, 1, 2), (0x41, 0xFE, 2), (0x64, 0, 24), (0x64, 2, 2), (0x64, 14, 2), (0x64, 0, 256)])
        {
            byte[]? read = await Bus.Transfer(client, length, Bus.Write(address, pointer), Bus.Read(address, new byte[length]));
            Assert.NotNull(read);
            Assert.Equal(read, await guest.ReadRegister(address, pointer, length));
        }
        Assert.Equal(forProcess.Bus.Transactions, forBoard.Bus.Transactions);

        SensorSuite Suite() => new(() => truth, new FakeTimeProvider(), 20_000, seed: 7);
    }

    [Fact]
    public async Task Writes_registers()
    {
        using UsbGuest guest = await UsbGuest.Boot(Path);

        Assert.NotNull(await guest.Write(0x40, [0x05, 0x12, 0x34]));
        Assert.Equal([0x12, 0x34], await guest.ReadRegister(0x40, 0x05, 2));
    }

    [Fact]
    public async Task A_message_of_the_greatest_length_is_run_and_a_longer_one_stalls_and_reaches_no_chip()
    {
        using UsbGuest guest = await UsbGuest.Boot(Path);

        Assert.Equal(256, (await guest.Read(0x40, 256))!.Length);
        Assert.Equal((4, 0, 0), Shape(await guest.Control(0xC1, 7, 1, 0x40, 257)));
        Assert.Equal((4, 0, 0), Shape(await guest.Control(0x41, 7, 0, 0x40, 4096, new byte[4096])));
        Assert.Equal(1, _bus.Transactions);
        Assert.Equal("TI"u8.ToArray(), await guest.ReadRegister(0x40, 0xFE, 2));
    }

    [Fact]
    public async Task A_message_that_continues_no_transaction_is_not_acknowledged()
    {
        using UsbGuest guest = await UsbGuest.Boot(Path);

        Assert.Null(await guest.Read(0x40, 2, isFirst: false));
        Assert.NotNull(await guest.Write(0x40, [0xFE], isLast: false));
        await guest.Send(UsbGuest.Packet(UsbGuest.Reset, 0, []));
        Assert.Null(await guest.Read(0x40, 2, isFirst: false)); // the reset ended it
    }

    [Fact]
    public async Task A_board_that_loses_power_in_a_transaction_lets_go_of_the_wires()
    {
        using (UsbGuest guest = await UsbGuest.Boot(Path))
        {
            Assert.NotNull(await guest.Write(0x40, [0xFE], isLast: false));
            Assert.True(_bus.IsTaken);
        }
        using UsbGuest next = await UsbGuest.Boot(Path); // the adapter has let go before it greets the next

        Assert.False(_bus.IsTaken);
        Assert.Null(await next.Read(0x40, 2, isFirst: false)); // and the transaction is over
    }

    [Fact]
    public async Task Serves_board_after_board()
    {
        for (int boots = 0; boots < 5; boots++)
        {
            using UsbGuest guest = await UsbGuest.Boot(Path);
            Assert.Equal("TI"u8.ToArray(), await guest.ReadRegister(0x40, 0xFE, 2));
        }
        Assert.Equal(0, _adapter.RefusedPackets);
    }

    [Fact]
    public async Task A_board_that_comes_takes_the_place_of_one_that_is_stuck()
    {
        using UsbGuest stuck = await UsbGuest.Boot(Path);
        await stuck.Send([100, 0]);
        using UsbGuest next = await UsbGuest.Boot(Path);

        Assert.Equal("TI"u8.ToArray(), await next.ReadRegister(0x40, 0xFE, 2));
        Assert.True(await stuck.IsDisconnected());
    }

    [Fact]
    public async Task Passes_over_a_cancellation_that_comes_too_late()
    {
        using UsbGuest guest = await UsbGuest.Boot(Path);
        await guest.Send(UsbGuest.Packet(UsbGuest.CancelData, 0x1_0000_0000, []));

        Assert.Equal("TI"u8.ToArray(), await guest.ReadRegister(0x40, 0xFE, 2));
    }

    [Fact]
    public async Task Takes_packets_in_any_pieces()
    {
        using UsbGuest guest = await UsbGuest.Boot(Path);
        byte[] packet = UsbGuest.Packet(UsbGuest.ControlPacket, ulong.MaxValue, UsbGuest.ControlBody(0x41, 7, 0, 0x40, 3, 5, 0x56, 0x78));
        foreach (byte piece in packet)
            await guest.Send([piece]);

        Assert.Equal(ulong.MaxValue, (await guest.Receive()).Id);
        Assert.Equal([0x56, 0x78], await guest.ReadRegister(0x40, 0x05, 2));
    }

    [Fact]
    public async Task A_stream_that_is_cut_anywhere_ends_the_connection_and_runs_no_half_of_a_message()
    {
        byte[] write = UsbGuest.Packet(UsbGuest.ControlPacket, 1, UsbGuest.ControlBody(0x41, 7, 0, 0x40, 3, 5, 0x56, 0x78));
        byte[] stream = [.. UsbGuest.Packet(UsbGuest.Hello, 0, UsbGuest.HelloBody(UsbGuest.QemuCapabilities), wide: false), .. write];
        for (int cut = 0; cut < stream.Length; cut++)
        {
            using UsbGuest guest = await UsbGuest.Connect(Path);
            await guest.Send(stream[..cut]);
            guest.CloseWriting();
            Assert.True(await guest.IsDisconnected());
        }
        Assert.Equal((0, 0), (_bus.Transactions, _adapter.RefusedPackets));

        using UsbGuest next = await UsbGuest.Boot(Path);
        Assert.Equal("TI"u8.ToArray(), await next.ReadRegister(0x40, 0xFE, 2));
    }

    public static TheoryData<string, byte[]> BrokenPackets() => new()
    {
        { "a second hello", UsbGuest.Packet(UsbGuest.Hello, 0, UsbGuest.HelloBody(UsbGuest.QemuCapabilities)) },
        { "a packet that only the device's side sends", UsbGuest.Packet(UsbGuest.DeviceConnect, 0, new byte[8]) },
        { "a packet to an endpoint that was not announced", UsbGuest.Packet(101, 0, new byte[10]) },
        { "an unknown type", UsbGuest.Packet(uint.MaxValue, 0, []) },
        { "a reset with a body", UsbGuest.Packet(UsbGuest.Reset, 0, [0]) },
        { "a configuration of no byte", UsbGuest.Packet(UsbGuest.SetConfiguration, 0, []) },
        { "a configuration of two bytes", UsbGuest.Packet(UsbGuest.SetConfiguration, 0, [1, 0]) },
        { "an alternate setting of one byte", UsbGuest.Packet(UsbGuest.SetAlternate, 0, [0]) },
        { "a control packet of nine bytes", UsbGuest.Packet(UsbGuest.ControlPacket, 0, new byte[9]) },
        { "a control packet one byte above the bound", UsbGuest.Packet(UsbGuest.ControlPacket, 0, UsbGuest.ControlBody(0x41, 7, 0, 0x40, 4097), length: 4107) },
        { "a length of 2 GiB", UsbGuest.Packet(UsbGuest.ControlPacket, 0, [], length: 0x8000_0000) },
        { "a length of 4 GiB", UsbGuest.Packet(UsbGuest.ControlPacket, 0, [], length: uint.MaxValue) },
        { "less data than the setup says", UsbGuest.Packet(UsbGuest.ControlPacket, 0, UsbGuest.ControlBody(0x41, 7, 0, 0x40, 3, 5, 6)) },
        { "more data than the setup says", UsbGuest.Packet(UsbGuest.ControlPacket, 0, UsbGuest.ControlBody(0x41, 7, 0, 0x40, 1, 5, 6)) },
        { "data with a read", UsbGuest.Packet(UsbGuest.ControlPacket, 0, UsbGuest.ControlBody(0xC1, 7, 1, 0x40, 1, 5)) },
        { "a read above the bound", UsbGuest.Packet(UsbGuest.ControlPacket, 0, UsbGuest.ControlBody(0xC1, 7, 1, 0x40, 4097)) },
    };

    [Theory]
    [MemberData(nameof(BrokenPackets))]
    public async Task Disconnects_who_breaks_the_protocol_and_serves_the_next(string what, byte[] packet)
    {
        using (UsbGuest guest = await UsbGuest.Boot(Path))
        {
            await guest.Send(packet);
            Assert.True(await guest.IsDisconnected());
        }
        Assert.True(_adapter.RefusedPackets == 1, $"expected {what} to be refused");
        Assert.Equal(0, _bus.Transactions);

        using UsbGuest next = await UsbGuest.Boot(Path);
        Assert.Equal("TI"u8.ToArray(), await next.ReadRegister(0x40, 0xFE, 2));
    }

    [Theory]
    [InlineData(UsbGuest.GetConfiguration, 0)] // anything before the hello
    [InlineData(UsbGuest.Hello, 63)]           // shorter than its version
    [InlineData(UsbGuest.Hello, 129)]          // more capabilities than anybody has
    public async Task Disconnects_who_does_not_say_hello(uint type, int length)
    {
        using UsbGuest guest = await UsbGuest.Connect(Path, wide: false);
        await guest.Send(UsbGuest.Packet(type, 0, new byte[length], wide: false));

        Assert.True(await guest.IsDisconnected());
        Assert.Equal(1, _adapter.RefusedPackets);
    }

    [Fact]
    public async Task No_byte_of_a_packet_can_end_the_adapter()
    {
        byte[] packet = UsbGuest.Packet(UsbGuest.ControlPacket, 1, UsbGuest.ControlBody(0xC1, 7, 1, 0x40, 2));
        for (int at = 0; at < packet.Length; at++)
        {
            foreach (byte flip in (byte[])[0x01, 0x80, 0xFF])
            {
                byte[] damaged = [.. packet];
                damaged[at] ^= flip;
                using UsbGuest guest = await UsbGuest.Boot(Path);
                await guest.Send(damaged);
                guest.CloseWriting();
                Assert.True(await guest.IsDisconnected());
            }
        }
        using UsbGuest next = await UsbGuest.Boot(Path);
        Assert.Equal("TI"u8.ToArray(), await next.ReadRegister(0x40, 0xFE, 2));
    }

    private static (int Status, int Length, int Data) Shape((byte Status, int Length, byte[] Data) answer) =>
        (answer.Status, answer.Length, answer.Data.Length);
}
