using System.Net.Sockets;
using SatNode.Rig.Boards.Drivers;
using SatNode.Rig.Boards.Protocols;

namespace SatNode.Rig.Tests.Boards;

public sealed class QmpClientTests : IAsyncDisposable
{
    private const string Greeting = """{"QMP": {"version": {"qemu": {"micro": 0, "minor": 2, "major": 7}}, "capabilities": ["oob"]}}""";

    private readonly List<string> _events = [];
    private readonly NetworkStream _client;
    private readonly StreamReader _from;
    private readonly StreamWriter _to;
    private readonly Socket _qemu;

    public QmpClientTests()
    {
        string path = Path.Combine(Path.GetTempPath(), $"qmp-{Guid.NewGuid():N}");
        using var listener = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        listener.Bind(new UnixDomainSocketEndPoint(path));
        listener.Listen(1);
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        socket.Connect(new UnixDomainSocketEndPoint(path));
        _qemu = listener.Accept();
        File.Delete(path);
        _client = new(socket, ownsSocket: true);
        var stream = new NetworkStream(_qemu);
        (_from, _to) = (new(stream), new(stream) { AutoFlush = true, NewLine = "\r\n" });
    }

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public async ValueTask DisposeAsync()
    {
        _qemu.Dispose();
        await _client.DisposeAsync();
    }

    [Fact]
    public async Task Greets_and_executes_a_command()
    {
        await using QmpClient qmp = await Greet();

        Task<System.Text.Json.Nodes.JsonNode?> answer = qmp.Execute("query-cpus-fast", Stop);
        Assert.Equal("""{"execute":"query-cpus-fast","id":2}""", await ReadLine());
        await _to.WriteLineAsync("""{"return": [{"thread-id": 4711}], "id": 2}""");

        Assert.Equal(4711, (int?)(await Eventually.InTime(answer))![0]!["thread-id"]);
    }

    [Fact]
    public async Task An_event_between_command_and_answer_is_told_and_not_taken_for_the_answer()
    {
        await using QmpClient qmp = await Greet();

        Task answer = qmp.Execute("system_reset", Stop);
        await ReadLine();
        await _to.WriteLineAsync("""{"timestamp": {"seconds": 1, "microseconds": 2}, "event": "WATCHDOG", "data": {"action": "reset"}}""");
        await _to.WriteLineAsync("""{"return": {}, "id": 2}""");
        await Eventually.InTime(answer);

        Assert.Equal(["WATCHDOG"], _events);
    }

    [Fact]
    public async Task A_refusal_is_told_in_QEMUs_words()
    {
        await using QmpClient qmp = await Greet();

        Task answer = qmp.Execute("nonsense", Stop);
        await ReadLine();
        await _to.WriteLineAsync("""{"error": {"class": "CommandNotFound", "desc": "The command nonsense has not been found"}, "id": 2}""");

        BoardException refusal = await Assert.ThrowsAsync<BoardException>(() => Eventually.InTime(answer));
        Assert.Equal("p10-s03: qemu: nonsense refused: The command nonsense has not been found", refusal.Message);
    }

    [Fact]
    public async Task QEMU_that_goes_away_answers_nobody()
    {
        await using QmpClient qmp = await Greet();

        Task answer = qmp.Execute("quit", Stop);
        await ReadLine();
        _qemu.Dispose();

        BoardException gone = await Assert.ThrowsAsync<BoardException>(() => Eventually.InTime(answer));
        Assert.Equal("p10-s03: qemu: quit: QEMU is gone", gone.Message);
    }

    [Theory]
    [InlineData("SSH-2.0-OpenSSH_9.2")]
    [InlineData("{\"hello\": 1}")]
    public async Task A_stranger_is_refused(string line)
    {
        Task<QmpClient> greeting = QmpClient.Greet("p10-s03", _client, _events.Add, Stop);
        await _to.WriteLineAsync(line);
        await Assert.ThrowsAsync<BoardException>(() => Eventually.InTime(greeting));
    }

    private async Task<QmpClient> Greet()
    {
        Task<QmpClient> greeting = QmpClient.Greet("p10-s03", _client, _events.Add, Stop);
        await _to.WriteLineAsync(Greeting);
        Assert.Equal("""{"execute":"qmp_capabilities","id":1}""", await ReadLine());
        await _to.WriteLineAsync("""{"return": {}, "id": 1}""");
        return await Eventually.InTime(greeting);
    }

    private Task<string?> ReadLine() => Eventually.InTime(_from.ReadLineAsync(Stop).AsTask());
}
