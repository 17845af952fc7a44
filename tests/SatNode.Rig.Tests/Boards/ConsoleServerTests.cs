using System.Text;
using SatNode.Rig.Boards.Protocols;
using SatNode.Rig.Boards.Sessions;

namespace SatNode.Rig.Tests.Boards;

public sealed class ConsoleServerTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("sn-").FullName;
    private readonly EchoTerminal _terminal = new();

    private string Socket => Path.Combine(_folder, "console");

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task What_is_piped_in_reaches_the_board_and_its_answer_comes_out_before_the_console_is_left()
    {
        await using var server = new ConsoleServer(_terminal, Socket);
        using var output = new MemoryStream();

        Assert.True(await Eventually.InTime(Client("uname -a\n", output).Run(Socket, Stop)));

        Assert.Equal("uname -a\n", Encoding.ASCII.GetString(_terminal.Typed.ToArray()));
        Assert.Equal("<uname -a\n>", Encoding.ASCII.GetString(output.ToArray()));
    }

    [Fact]
    public async Task The_escape_leaves_and_what_follows_it_is_not_typed()
    {
        await using var server = new ConsoleServer(_terminal, Socket);
        using var output = new MemoryStream();

        Assert.True(await Eventually.InTime(Client("ls\n\u001dreboot\n", output).Run(Socket, Stop)));

        await Eventually.Becomes(() => _terminal.Typed.Length >= 3, "three bytes typed");
        Assert.Equal("ls\n", Encoding.ASCII.GetString(_terminal.Typed.ToArray()));
    }

    [Fact]
    public async Task A_board_that_goes_away_ends_the_console()
    {
        var server = new ConsoleServer(_terminal, Socket);
        Task<bool> client = new ConsoleClient("bench-1", new NeverStream(), Stream.Null, TimeProvider.System).Run(Socket, Stop);
        await Eventually.Becomes(() => _terminal.Listeners == 1, "a client");

        await server.DisposeAsync();

        Assert.False(await Eventually.InTime(client));
        Assert.Equal(0, _terminal.Listeners);
    }

    [Fact]
    public async Task A_console_that_nobody_serves_is_told()
    {
        BenchException fault = await Assert.ThrowsAsync<BenchException>(() => Client("", Stream.Null).Run(Socket, Stop));
        Assert.StartsWith("bench-1: console: nobody serves it", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_board_that_a_supervisor_holds_is_on_and_nobody_else_can_take_it()
    {
        var folder = new BoardFolder(_folder, "qemu", "bench-1");
        Directory.CreateDirectory(folder.FullPath);
        Assert.Null(folder.Supervisor());
        using (folder.Take())
        {
            Assert.Null(folder.Supervisor()); // it starts
            folder.Announce();
            Assert.Equal(Environment.ProcessId, folder.Supervisor());
            Assert.Null(folder.Take());
        }
        Assert.Null(folder.Supervisor()); // the file with the number is still there, and means nothing
    }

    private static ConsoleClient Client(string input, Stream output) => new("bench-1", new MemoryStream(Encoding.ASCII.GetBytes(input)), output, TimeProvider.System);

    /// <summary>Prints what is typed, in angle brackets.</summary>
    private sealed class EchoTerminal : ITerminal
    {
        private readonly List<TerminalReceiver> _receivers = [];

        public MemoryStream Typed { get; } = new();

        public int Listeners => _receivers.Count;

        public IDisposable Listen(TerminalReceiver receiver)
        {
            _receivers.Add(receiver);
            return new Listener(this, receiver);
        }

        public async Task Type(ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken)
        {
            await Typed.WriteAsync(bytes, cancellationToken);
            foreach (TerminalReceiver receiver in _receivers)
                receiver((byte[])[(byte)'<', .. bytes.Span, (byte)'>']);
        }

        private sealed class Listener(EchoTerminal terminal, TerminalReceiver receiver) : IDisposable
        {
            public void Dispose() => terminal._receivers.Remove(receiver);
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
