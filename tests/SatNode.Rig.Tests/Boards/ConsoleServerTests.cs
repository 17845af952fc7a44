using System.Collections.Immutable;
using System.Net.Sockets;
using System.Text;
using Microsoft.Extensions.Time.Testing;
using SatNode.Rig.Boards.Protocols;
using SatNode.Rig.Boards.Sessions;

namespace SatNode.Rig.Tests.Boards;

public sealed class ConsoleServerTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("sn-").FullName;
    private readonly EchoTerminal _terminal = new();

    private string SocketPath => Path.Combine(_folder, "console");

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task What_is_piped_in_reaches_the_board_and_its_answer_comes_out_before_the_console_is_left()
    {
        await using var server = new ConsoleServer(_terminal, SocketPath);
        using var output = new MemoryStream();

        Assert.True(await Eventually.InTime(Client("uname -a\n", output).Run(SocketPath, Stop)));

        Assert.Equal("uname -a\n", Encoding.ASCII.GetString(_terminal.Typed.ToArray()));
        Assert.Equal("<uname -a\n>", Encoding.ASCII.GetString(output.ToArray()));
    }

    [Fact]
    public async Task The_escape_leaves_and_what_follows_it_is_not_typed()
    {
        await using var server = new ConsoleServer(_terminal, SocketPath);
        using var output = new MemoryStream();

        Assert.True(await Eventually.InTime(Client("ls\n\u001dreboot\n", output).Run(SocketPath, Stop)));

        await Eventually.Becomes(() => _terminal.Typed.Length >= 3, "three bytes typed");
        Assert.Equal("ls\n", Encoding.ASCII.GetString(_terminal.Typed.ToArray()));
    }

    [Fact]
    public async Task A_board_that_goes_away_ends_the_console()
    {
        var server = new ConsoleServer(_terminal, SocketPath);
        Task<bool> client = new ConsoleClient("bench-1", new NeverStream(), Stream.Null, TimeProvider.System).Run(SocketPath, Stop);
        await Eventually.Becomes(() => _terminal.Listeners == 1, "a client");

        await server.DisposeAsync();

        Assert.False(await Eventually.InTime(client));
        Assert.Equal(0, _terminal.Listeners);
    }

    [Fact]
    public async Task A_console_that_nobody_serves_is_told()
    {
        BenchException fault = await Assert.ThrowsAsync<BenchException>(() => Client("", Stream.Null).Run(SocketPath, Stop));
        Assert.StartsWith("bench-1: console: nobody serves it", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_client_that_does_not_read_is_sent_away()
    {
        await using var server = new ConsoleServer(_terminal, SocketPath);
        using var client = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        await client.ConnectAsync(new UnixDomainSocketEndPoint(SocketPath), Stop);
        await Eventually.Becomes(() => _terminal.Listeners == 1, "a client");

        await Eventually.Becomes(
            () =>
            {
                for (int i = 0; i < 100; i++)
                    _terminal.Print(new byte[4096]);
                return _terminal.Listeners == 0;
            },
            "the client sent away");
    }

    [Fact]
    public async Task Piped_input_ends_in_time_even_when_the_board_keeps_talking()
    {
        await using var server = new ConsoleServer(_terminal, SocketPath);
        var machine = new FakeTimeProvider();
        Task<bool> client = new ConsoleClient("bench-1", new MemoryStream(), Stream.Null, machine).Run(SocketPath, Stop);
        await Eventually.Becomes(() => _terminal.Listeners == 1, "a client");

        await Eventually.Becomes(
            () =>
            {
                _terminal.Print("tick\n"u8);
                machine.Advance(ConsoleClient.Silence / 4);
                return client.IsCompleted;
            },
            "the console left");

        Assert.True(await client);
    }

    private static ConsoleClient Client(string input, Stream output) => new("bench-1", new MemoryStream(Encoding.ASCII.GetBytes(input)), output, TimeProvider.System);

    /// <summary>Prints what is typed, in angle brackets.</summary>
    private sealed class EchoTerminal : ITerminal
    {
        private ImmutableList<TerminalReceiver> _receivers = [];

        public MemoryStream Typed { get; } = new();

        public int Listeners => _receivers.Count;

        public IDisposable Listen(TerminalReceiver receiver)
        {
            ImmutableInterlocked.Update(ref _receivers, all => all.Add(receiver));
            return new Listener(this, receiver);
        }

        public async Task Type(ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken)
        {
            await Typed.WriteAsync(bytes, cancellationToken);
            Print([(byte)'<', .. bytes.Span, (byte)'>']);
        }

        public void Print(ReadOnlySpan<byte> bytes)
        {
            foreach (TerminalReceiver receiver in _receivers)
                receiver(bytes);
        }

        private sealed class Listener(EchoTerminal terminal, TerminalReceiver receiver) : IDisposable
        {
            public void Dispose() => ImmutableInterlocked.Update(ref terminal._receivers, all => all.Remove(receiver));
        }
    }

    /// <summary>A person who does not type.</summary>
    private sealed class NeverStream : MemoryStream
    {
        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            await Task.Delay(Timeout.InfiniteTimeSpan, cancellationToken);
            return 0;
        }
    }
}
