using System.Net.Sockets;
using SatNode.Protocol.I2c;
using SatNode.Rig.Devices;

namespace SatNode.Rig.Tests.Devices;

public sealed class UnixSocketI2cAdapterTests : IAsyncDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("i2c").FullName;
    private readonly UnixSocketI2cAdapter _adapter;

    public UnixSocketI2cAdapterTests()
    {
        var bus = new I2cBus();
        bus.Attach(0x40, new Ina226Model(() => 12, () => 1, TimeProvider.System, seed: 1, new() { ShuntOhms = 0.01 }));
        _adapter = new(bus, Path);
    }

    private string Path => System.IO.Path.Combine(_folder, "i2c.sock");

    public async ValueTask DisposeAsync()
    {
        await _adapter.DisposeAsync();
        Assert.False(File.Exists(Path));
        Directory.Delete(_folder);
    }

    [Fact]
    public async Task Serves_transactions_one_after_another_and_client_after_client()
    {
        for (int i = 0; i < 3 * UnixSocketI2cAdapter.ClientsMax; i++)
        {
            using Socket client = await Connect();
            Assert.Equal("TI"u8.ToArray(), await Bus.Transfer(client, 2, Bus.Write(0x40, 0xFE), Bus.Read(0x40, new byte[2])));
            Assert.Equal([0x22, 0x60], await Bus.Transfer(client, 2, Bus.Write(0x40, 0xFF), Bus.Read(0x40, new byte[2])));
        }
    }

    [Fact]
    public async Task Says_when_no_chip_answers_and_serves_on()
    {
        using Socket client = await Connect();

        Assert.Null(await Bus.Transfer(client, 2, Bus.Write(0x41, 0xFE), Bus.Read(0x41, new byte[2])));
        Assert.Equal("TI"u8.ToArray(), await Bus.Transfer(client, 2, Bus.Write(0x40, 0xFE), Bus.Read(0x40, new byte[2])));
    }

    [Fact]
    public async Task Serves_the_largest_transaction()
    {
        using Socket client = await Connect();
        I2cMessage[] messages = [.. Enumerable.Range(0, I2cFrame.MaxMessages).Select(_ => Bus.Read(0x40, new byte[I2cFrame.MaxDataBytes]))];

        byte[]? answer = await Bus.Transfer(client, I2cFrame.MaxMessages * I2cFrame.MaxDataBytes, messages);
        Assert.Equal(I2cFrame.MaxMessages * I2cFrame.MaxDataBytes, answer!.Length);
    }

    [Theory]
    [InlineData(new byte[] { 0 })]                          // no message
    [InlineData(new byte[] { 43 })]                         // one message too many
    [InlineData(new byte[] { 1, 0x80, 1, 2, 0 })]           // address of 8 bits
    [InlineData(new byte[] { 1, 0x40, 2, 2, 0 })]           // unknown flag
    [InlineData(new byte[] { 1, 0x40, 1, 1, 1 })]           // 257 bytes
    [InlineData(new byte[] { 1, 0x40, 1, 0xFF, 0xFF })]
    public async Task Disconnects_who_breaks_the_protocol_and_serves_the_next(byte[] hostile)
    {
        using Socket client = await Connect();
        await client.SendAsync(hostile);
        Assert.Equal(0, await Eventually.InTime(client.ReceiveAsync(new byte[1], SocketFlags.None)));
        Assert.Equal(1, _adapter.RefusedFrames);

        using Socket next = await Connect();
        Assert.NotNull(await Bus.Transfer(next, 2, Bus.Write(0x40, 0xFE), Bus.Read(0x40, new byte[2])));
    }

    [Fact]
    public async Task A_client_that_leaves_in_the_middle_harms_nobody()
    {
        using (Socket client = await Connect())
            await client.SendAsync(new byte[] { 2, 0x40, 0, 1 });
        using Socket next = await Connect();

        Assert.NotNull(await Bus.Transfer(next, 2, Bus.Write(0x40, 0xFE), Bus.Read(0x40, new byte[2])));
    }

    [Fact]
    public async Task The_newest_is_served_when_others_stall()
    {
        List<Socket> stalled = [];
        for (int i = 0; i < UnixSocketI2cAdapter.ClientsMax; i++)
        {
            stalled.Add(await Connect());
            await stalled[^1].SendAsync(new byte[] { 1, 0x40 });
        }
        using Socket newest = await Connect();
        Assert.NotNull(await Bus.Transfer(newest, 2, Bus.Write(0x40, 0xFE), Bus.Read(0x40, new byte[2])));
        Assert.True(await IsDisconnected(stalled[0])); // the oldest went
        stalled.ForEach(socket => socket.Dispose());
    }

    [Fact]
    public async Task Takes_over_a_leftover_socket_but_removes_no_file()
    {
        string leftover = System.IO.Path.Combine(_folder, "old.sock");
        using (var dead = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified))
        {
            dead.Bind(new UnixDomainSocketEndPoint(leftover));
            await new UnixSocketI2cAdapter(new(), leftover).DisposeAsync();
        }

        string file = System.IO.Path.Combine(_folder, "file");
        await File.WriteAllTextAsync(file, "precious");
        Assert.Throws<IOException>(() => new UnixSocketI2cAdapter(new(), file));
        Assert.True(File.Exists(file));
        File.Delete(file);
        Assert.Throws<ArgumentException>(() => new UnixSocketI2cAdapter(new(), "/" + new string('x', 107)));
    }

    private static async Task<bool> IsDisconnected(Socket socket)
    {
        try
        {
            return await Eventually.InTime(socket.ReceiveAsync(new byte[1], SocketFlags.None)) == 0;
        }
        catch (SocketException)
        {
            return true; // reset
        }
    }

    private Task<Socket> Connect() => Bus.Connect(Path);
}
