using System.Security.Cryptography;
using Microsoft.Extensions.Time.Testing;
using SatNode.Flight.Commanding;
using SatNode.Flight.Telemetry;
using SatNode.Protocol.Cbor;
using SatNode.Protocol.Dictionary;
using SatNode.Protocol.Telecommands;
using SatNode.Protocol.Telemetry;
using SatNode.Protocol.Time;

namespace SatNode.Flight.Tests.Commanding;

public sealed class TelecommandReceiverTests : IDisposable
{
    private static readonly DateTimeOffset Noon = new(2026, 6, 21, 12, 0, 0, TimeSpan.Zero);

    private readonly TemporaryFolder _folder = new();
    private readonly FakeTimeProvider _time = new(Noon);
    private readonly RecordingEvents _events = new();
    private readonly ECDsa _key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
    private readonly List<string> _executed = [];
    private FlightDatabase _database;
    private Outbox _outbox;
    private TelecommandReceiver _receiver;
    private CommandHandler _onPing;

    public TelecommandReceiverTests()
    {
        _onPing = (command, _) =>
        {
            _executed.Add(command.Id);
            return ValueTask.FromResult(CommandResult.Succeeded());
        };
        Open();
    }

    [System.Diagnostics.CodeAnalysis.MemberNotNull(nameof(_database), nameof(_outbox), nameof(_receiver))]
    private void Open(TelemetryLimits? limits = null)
    {
        _receiver?.Dispose();
        _outbox?.Dispose();
        _database?.Dispose();
        _database = FlightDatabase.Open(_folder.File("flight.db"), limits);
        _outbox = new(_database, _time);
        _receiver = new("p10-s03", [_key], _database, _outbox, _events, _time);
        _receiver.Handle(Commands.Ping, (command, token) => _onPing(command, token));
        _receiver.Handle(Commands.SetHousekeepingPeriod, (command, token) => _onPing(command, token));
    }

    private static Telecommand Ping(ulong sequence = 1, string id = "c1") => new()
    {
        Id = id,
        Node = "p10-s03",
        Sequence = sequence,
        NotBefore = DtnTime.From(Noon),
        Expiry = DtnTime.From(Noon.AddMinutes(10)),
        DictionaryDigest = MissionDictionary.Digest,
        Name = "ping",
        Arguments = new Dictionary<string, ArgumentValue>(StringComparer.Ordinal),
    };

    private CommandRefusal Receive(Telecommand command) => _receiver.Receive(TelecommandSignature.Sign(command, _key));

    private List<string> Reports() => [.. _outbox.Peek(1000).Select(record =>
    {
        VerificationReport report = CborDecoder.Decode<TelemetryRecord<VerificationReport>>(record.Payload).Body;
        return $"{report.CommandId} {report.Stage} {report.Reason} {report.Detail}".TrimEnd();
    })];

    private async Task RunUntil(Func<bool> done)
    {
        using var stop = new CancellationTokenSource();
        Task run = _receiver.RunAsync(stop.Token);
        for (int i = 0; i < 5000 && !done(); i++)
            await Task.Delay(1);
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => run);
        Assert.True(done());
    }

    [Fact]
    public async Task Reports_acceptance_start_and_completion()
    {
        Assert.Equal(CommandRefusal.None, Receive(Ping()));
        await RunUntil(() => _outbox.Depth == 3);
        Assert.Equal(["c1 Acceptance None", "c1 Start None", "c1 Completion None"], Reports());
        Assert.Equal(["c1"], _executed);
        Assert.Equal((1, 0), (_receiver.Accepted, _receiver.Refused));
    }

    [Fact]
    public void An_unauthenticated_sender_gets_no_answer()
    {
        using ECDsa foreign = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        Assert.Equal(CommandRefusal.UnknownKey, _receiver.Receive(TelecommandSignature.Sign(Ping(), foreign)));
        Assert.Equal(CommandRefusal.Malformed, _receiver.Receive(new byte[] { 1, 2, 3 }));
        Assert.Equal(CommandRefusal.Malformed, _receiver.Receive(ReadOnlyMemory<byte>.Empty));
        Assert.Equal(CommandRefusal.Malformed, _receiver.Receive(new byte[2_000_000]));
        byte[] signed = TelecommandSignature.Sign(Ping(), _key);
        signed[^1] ^= 1;
        Assert.Equal(CommandRefusal.BadSignature, _receiver.Receive(signed));
        Assert.Equal(CommandRefusal.WrongNode, Receive(Ping() with { Node = "p10-s04" }));
        Assert.Empty(Reports());
        Assert.Equal(6, _events.Raised.Count);
        Assert.StartsWith("command.refused unknown-key telecommand: expected a trusted key", _events.Raised[0], StringComparison.Ordinal);
        Assert.Equal("command.refused wrong-node c1: for p10-s04 6", _events.Raised[5]);
    }

    [Fact] // a command that was refused for its time or dictionary has not used its number up
    public void Refuses_another_dictionary()
    {
        Assert.Equal(CommandRefusal.DictionaryMismatch, Receive(Ping() with { DictionaryDigest = new byte[32] }));
        Assert.Equal(["c1 Acceptance DictionaryMismatch signed for another dictionary"], Reports());
        Assert.Equal(CommandRefusal.None, Receive(Ping()));
    }

    [Theory]
    [InlineData(-1, CommandRefusal.NotYetValid)]
    [InlineData(0, CommandRefusal.None)]
    [InlineData(599_999, CommandRefusal.None)]
    [InlineData(600_000, CommandRefusal.Expired)]
    public void Is_valid_from_not_before_until_expiry(int milliseconds, CommandRefusal expected)
    {
        Telecommand command = Ping() with { NotBefore = DtnTime.From(Noon.AddMinutes(1)), Expiry = DtnTime.From(Noon.AddMinutes(11)) };
        _time.SetUtcNow(Noon.AddMinutes(1).AddMilliseconds(milliseconds));
        Assert.Equal(expected, Receive(command));
        Assert.Equal(expected == CommandRefusal.None, Reports()[0].StartsWith("c1 Acceptance None", StringComparison.Ordinal));
    }

    [Fact]
    public async Task The_same_command_again_is_not_executed_and_its_reports_stand()
    {
        Receive(Ping());
        Assert.Equal(CommandRefusal.Duplicate, Receive(Ping()));
        await RunUntil(() => _outbox.Depth == 3);
        Assert.Equal(CommandRefusal.Duplicate, Receive(Ping()));
        Assert.Equal(["c1"], _executed);
        Assert.Equal(3, Reports().Count);
    }

    [Fact]
    public void Another_command_with_a_used_number_is_a_replay()
    {
        Receive(Ping(sequence: 7));
        Assert.Equal(CommandRefusal.Replayed, Receive(Ping(sequence: 7, id: "c2")));
        Assert.Equal("c2 Acceptance Replayed sequence 7 was seen or is older than the window", Reports()[1]);
    }

    [Fact]
    public void A_restart_does_not_reopen_the_window()
    {
        byte[] signed = TelecommandSignature.Sign(Ping(sequence: 100), _key);
        Assert.Equal(CommandRefusal.None, _receiver.Receive(signed));
        Open();
        Assert.Equal(CommandRefusal.Duplicate, _receiver.Receive(signed));
        Assert.Equal(CommandRefusal.Replayed, Receive(Ping(sequence: 36, id: "old")));
        Assert.Equal(CommandRefusal.None, Receive(Ping(sequence: 37, id: "late")));
    }

    [Fact] // the memory of ids is bounded: beyond it a second delivery is a replay, still not executed
    public void A_command_forgotten_by_id_is_still_a_replay()
    {
        byte[] first = TelecommandSignature.Sign(Ping(), _key);
        _receiver.Receive(first);
        for (ulong i = 2; i < 300; i++)
            Receive(Ping(i, $"c{i}"));
        Assert.Equal(CommandRefusal.Replayed, _receiver.Receive(first));
    }

    [Fact]
    public void Keys_have_windows_of_their_own()
    {
        using ECDsa other = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var receiver = new TelecommandReceiver("p10-s03", [_key, other], _database, _outbox, _events, _time);
        receiver.Handle(Commands.Ping, _onPing);
        Assert.Equal(CommandRefusal.None, receiver.Receive(TelecommandSignature.Sign(Ping(5), _key)));
        Assert.Equal(CommandRefusal.None, receiver.Receive(TelecommandSignature.Sign(Ping(5, "c2"), other)));
    }

    [Fact] // what was seen before is not known any more, so nothing from before is obeyed
    public void After_damage_older_commands_are_replays()
    {
        byte[] before = TelecommandSignature.Sign(Ping(5), _key);
        _receiver.Receive(before);
        _receiver.Dispose();
        _outbox.Dispose();
        _database.Dispose();
        File.WriteAllBytes(_folder.File("flight.db"), new byte[8192]);
        _time.SetUtcNow(Noon.AddMinutes(5));
        Open();
        Assert.NotNull(_database.SetAside);
        Assert.Equal(CommandRefusal.Replayed, _receiver.Receive(before));
        Open(); // and the floor is on disk too
        Assert.Equal(CommandRefusal.Replayed, _receiver.Receive(before));
        Assert.Equal(CommandRefusal.None, Receive(Ping(6, "c2") with { NotBefore = DtnTime.From(Noon.AddMinutes(5)) }));
    }

    [Fact]
    public async Task A_disk_that_takes_no_window_lets_nothing_be_executed()
    {
        Open(new() { MaxFileBytes = 128 * 1024 });
        while (_outbox.Record(TelemetryStream.Verification, new VerificationReport("fill", VerificationStage.Progress, FailureReason.None, new string('x', 1000))))
        {
        }
        while (_outbox.Record(TelemetryStream.Verification, new VerificationReport("fill", VerificationStage.Progress, FailureReason.None, "")))
        {
        }
        var results = new List<CommandRefusal>();
        for (ulong i = 1; i < 60; i++)
            results.Add(Receive(Ping(i, new string('i', 64))));
        Assert.Contains(CommandRefusal.NotRecorded, results);
        int taken = results.Count(result => result == CommandRefusal.None);
        await RunUntil(() => _executed.Count == taken);
    }

    [Fact]
    public void Refuses_unknown_commands_and_those_without_handler()
    {
        Assert.Equal(CommandRefusal.UnknownCommand, Receive(Ping(1, "c1") with { Name = "self-destruct" }));
        Assert.Equal(CommandRefusal.UnknownCommand, Receive(Ping(2, "c2") with { Name = "safe-mode.enter" }));
        Assert.Equal(["c1 Acceptance UnknownCommand no command 'self-destruct' here", "c2 Acceptance UnknownCommand no command 'safe-mode.enter' here"], Reports());
    }

    [Theory]
    [InlineData(0L, false)]
    [InlineData(1L, true)]
    [InlineData(3600L, true)]
    [InlineData(3601L, false)]
    public void Refuses_arguments_out_of_range(long seconds, bool isTaken)
    {
        CommandRefusal result = Receive(Ping() with
        {
            Name = "housekeeping.set-period",
            Arguments = new Dictionary<string, ArgumentValue>(StringComparer.Ordinal) { ["seconds"] = seconds },
        });
        Assert.Equal(isTaken ? CommandRefusal.None : CommandRefusal.InvalidArgument, result);
    }

    [Fact]
    public void Refuses_missing_superfluous_and_mistyped_arguments()
    {
        var tooMany = new Dictionary<string, ArgumentValue>(StringComparer.Ordinal) { ["seconds"] = 5L, ["x"] = 1L };
        var mistyped = new Dictionary<string, ArgumentValue>(StringComparer.Ordinal) { ["seconds"] = "5" };
        Assert.Equal(CommandRefusal.InvalidArgument, Receive(Ping(1, "a") with { Name = "housekeeping.set-period" }));
        Assert.Equal(CommandRefusal.InvalidArgument, Receive(Ping(2, "b") with { Name = "housekeeping.set-period", Arguments = tooMany }));
        Assert.Equal(CommandRefusal.InvalidArgument, Receive(Ping(3, "c") with { Name = "housekeeping.set-period", Arguments = mistyped }));
        Assert.Equal(["a Acceptance InvalidArgument seconds: missing", "b Acceptance InvalidArgument x: not an argument of housekeeping.set-period",
            "c Acceptance InvalidArgument seconds: expected Integer, found Text"], Reports());
    }

    [Fact]
    public void The_queue_is_bounded()
    {
        for (int i = 1; i <= TelecommandReceiver.MaxQueued; i++)
            Assert.Equal(CommandRefusal.None, Receive(Ping((ulong)i, $"c{i}")));
        Assert.Equal(CommandRefusal.QueueFull, Receive(Ping(100, "more")));
        Assert.Equal("more Acceptance ResourceExhausted 32 commands wait already", Reports()[^1]);
    }

    [Fact]
    public async Task A_handlers_failure_ends_the_command_and_not_the_loop()
    {
        _onPing = (command, _) => command.Id switch
        {
            "throws" => throw new InvalidOperationException("boom"),
            "fails" => ValueTask.FromResult(CommandResult.Failed(FailureReason.NotFound, "no such function")),
            "forgets" => ValueTask.FromResult(default(CommandResult)),
            _ => ValueTask.FromResult(CommandResult.Succeeded("fine")),
        };
        ulong sequence = 0;
        foreach (string id in (string[])["throws", "fails", "forgets", "good"])
            Receive(Ping(++sequence, id));
        await RunUntil(() => _outbox.Depth == 12);
        Assert.Equal(["throws Completion ExecutionFailed InvalidOperationException: boom", "fails Completion NotFound no such function",
            "forgets Completion ExecutionFailed", "good Completion None fine"], Reports().Where(report => report.Contains("Completion", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task An_ongoing_command_lets_the_next_one_run_and_completes_later()
    {
        _onPing = (command, _) => ValueTask.FromResult(command.Id == "long" ? CommandResult.Ongoing() : CommandResult.Succeeded());
        Receive(Ping(1, "long"));
        Receive(Ping(2, "short"));
        await RunUntil(() => _outbox.Depth == 5);
        _receiver.Progress("long", "half");
        _receiver.Complete("long", CommandResult.Succeeded());
        Assert.Equal(["short Completion None", "long Progress None half", "long Completion None"], Reports()[^3..]);
    }

    [Fact]
    public void A_flood_of_forgeries_is_counted_and_not_written()
    {
        for (int i = 0; i < 1000; i++)
            _receiver.Receive(new byte[] { 0xFF });
        Assert.Equal(10, _events.Raised.Count);
        _time.Advance(TimeSpan.FromMinutes(1));
        _receiver.Receive(new byte[] { 0xFF });
        Assert.EndsWith(" 1001", _events.Raised[^1], StringComparison.Ordinal);
        Assert.Equal(1001, _receiver.Refused);
        Assert.Equal(0, _outbox.Depth);
    }

    [Fact]
    public void Every_damaged_byte_and_every_cut_is_refused()
    {
        byte[] signed = TelecommandSignature.Sign(Ping(), _key);
        for (int i = 0; i < signed.Length; i++)
        {
            byte good = signed[i];
            foreach (int flip in (int[])[1, 2, 4, 8, 16, 32, 64, 128, 255])
            {
                signed[i] = (byte)(good ^ flip);
                Assert.NotEqual(CommandRefusal.None, _receiver.Receive(signed));
            }
            signed[i] = good;
            Assert.NotEqual(CommandRefusal.None, _receiver.Receive(signed.AsMemory(0, i)));
        }
        Assert.NotEqual(CommandRefusal.None, _receiver.Receive((byte[])[.. signed, 0]));
        Assert.Equal(0, _receiver.Accepted);
        Assert.Empty(Reports());
        Assert.Equal(CommandRefusal.None, _receiver.Receive(signed));
    }

    public void Dispose()
    {
        _receiver.Dispose();
        _outbox.Dispose();
        _database.Dispose();
        _key.Dispose();
        _folder.Dispose();
    }
}
