using System.Device.I2c;
using System.Net.Sockets;
using SatNode.Flight.Sensors;
using SatNode.Protocol.I2c;

namespace SatNode.Flight.Tests.Sensors;

public sealed class UnixSocketI2cBusTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly Socket _listener = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);

    private string Path => _folder.File("i2c.sock");

    private void Listen()
    {
        _listener.Bind(new UnixDomainSocketEndPoint(Path));
        _listener.Listen();
    }

    /// <summary>Serves one connection: each transaction's request is noted and answered with the next of <paramref name="answers"/>, then it hangs up.</summary>
    private Task<List<string>> Serve(params byte[][] answers) => Task.Run(() =>
    {
        var requests = new List<string>();
        using Socket socket = _listener.Accept();
        foreach (byte[] answer in answers)
        {
            requests.Add(ReadRequest(socket));
            if (answer.Length > 0)
                socket.Send(answer);
        }
        return requests;
    });

    private static string ReadRequest(Socket socket)
    {
        byte[] one = new byte[1];
        byte[] header = new byte[I2cFrame.MessageHeaderBytes];
        socket.Receive(one);
        string text = "";
        for (int i = 0; i < one[0]; i++)
        {
            for (int got = 0; got < header.Length;)
                got += socket.Receive(header.AsSpan(got));
            (byte address, bool isRead, int length) = I2cFrame.DecodeMessageHeader(header);
            byte[] data = new byte[isRead ? 0 : length];
            if (data.Length > 0)
                socket.Receive(data);
            text += $"{(isRead ? "R" : "W")}{address:x2}:{(isRead ? length.ToString() : Convert.ToHexStringLower(data))} ";
        }
        return text.TrimEnd();
    }

    [Fact]
    public async Task Writes_and_reads_in_one_transaction()
    {
        Listen();
        Task<List<string>> adapter = Serve([0, 0x19, 0x00], [0], [0, 7]);
        using var bus = new UnixSocketI2cBus(Path);
        I2cDevice device = bus.CreateDevice(0x48);
        byte[] value = new byte[2];
        device.WriteRead([0x00], value);
        Assert.Equal([0x19, 0x00], value);
        device.Write([0x01, 0x60, 0xA0]);
        Assert.Equal(7, bus.CreateDevice(0x40).ReadByte());
        Assert.Equal(["W48:00 R48:2", "W48:0160a0", "R40:1"], await adapter);
    }

    [Fact]
    public async Task No_acknowledge_is_an_input_error_and_keeps_the_connection()
    {
        Listen();
        Task<List<string>> adapter = Serve([I2cFrame.NotAcknowledged], [0, 1, 2]);
        using var bus = new UnixSocketI2cBus(Path);
        byte[] value = new byte[2];
        Assert.Equal("i2c: no chip acknowledged address 0x48", Assert.Throws<IOException>(() => bus.Transfer(0x48, [0], value)).Message);
        bus.Transfer(0x49, [0], value);
        Assert.Equal([1, 2], value);
        await adapter;
    }

    [Fact]
    public async Task Connects_again_when_the_adapter_was_restarted()
    {
        Listen();
        using var bus = new UnixSocketI2cBus(Path);
        byte[] value = new byte[1];
        Task<List<string>> first = Serve([0, 1]);
        bus.Transfer(0x48, [0], value);
        await first;
        Task<List<string>> second = Serve([0, 2]);
        bus.Transfer(0x48, [0], value);
        Assert.Equal([2], value);
        await second;
    }

    [Fact]
    public async Task A_silent_adapter_is_an_input_error_in_time()
    {
        Listen();
        using var hold = new ManualResetEventSlim();
        Task adapter = Task.Run(() =>
        {
            using Socket socket = _listener.Accept();
            hold.Wait();
        });
        using var bus = new UnixSocketI2cBus(Path, TimeSpan.FromMilliseconds(50));
        Assert.Contains("TimedOut", Assert.Throws<IOException>(() => bus.Transfer(0x48, [0], new byte[1])).Message, StringComparison.Ordinal);
        hold.Set();
        await adapter;
    }

    [Fact]
    public async Task Nonsense_closes_the_connection()
    {
        Listen();
        Task<List<string>> adapter = Serve([9]);
        using var bus = new UnixSocketI2cBus(Path);
        Assert.Equal("i2c: expected status 0 or 1, found 9; connection closed", Assert.Throws<IOException>(() => bus.Transfer(0x48, [0], new byte[1])).Message);
        await adapter;
    }

    [Fact]
    public void An_absent_adapter_is_an_input_error()
    {
        using var bus = new UnixSocketI2cBus(Path);
        Assert.Throws<IOException>(() => bus.Transfer(0x48, [0], new byte[1]));
    }

    [Theory]
    [InlineData(0, 0)]
    [InlineData(257, 0)]
    [InlineData(1, 257)]
    public void Refuses_lengths_out_of_bounds(int write, int read)
    {
        using var bus = new UnixSocketI2cBus(Path);
        Assert.Throws<ArgumentException>(() => bus.Transfer(0x48, new byte[write], new byte[read]));
    }

    [Fact]
    public void Addresses_parse()
    {
        Assert.Equal(new I2cBusAddress("/run/i2c.sock", -1), I2cBusAddress.Parse("unix:/run/i2c.sock", "/etc"));
        Assert.Equal(new I2cBusAddress("/etc/a/i2c.sock", -1), I2cBusAddress.Parse("unix:a/i2c.sock", "/etc"));
        Assert.Equal(new I2cBusAddress("", 0), I2cBusAddress.Parse("linux:0", "/etc"));
        Assert.Equal(new I2cBusAddress("", 255), I2cBusAddress.Parse("linux:255", "/etc"));
        using I2cBus bus = I2cBusAddress.Parse("unix:/run/i2c.sock", "/etc").Open();
        Assert.IsType<UnixSocketI2cBus>(bus);
    }

    [Theory]
    [InlineData("")]
    [InlineData("unix:")]
    [InlineData("linux:")]
    [InlineData("linux:256")]
    [InlineData("linux:-1")]
    [InlineData("tcp:1")]
    public void Refuses_other_addresses(string text) => Assert.Throws<FormatException>(() => I2cBusAddress.Parse(text, "/etc"));

    [Fact]
    public void Refuses_a_path_longer_than_a_sockets() =>
        Assert.Throws<FormatException>(() => I2cBusAddress.Parse("unix:/" + new string('a', 107), "/etc"));

    public void Dispose()
    {
        _listener.Dispose();
        _folder.Dispose();
    }
}
