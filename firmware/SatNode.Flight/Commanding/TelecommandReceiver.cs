using System.Security.Cryptography;
using System.Threading.Channels;
using SatNode.Flight.Telemetry;
using SatNode.Protocol.Cbor;
using SatNode.Protocol.Dictionary;
using SatNode.Protocol.Telecommands;
using SatNode.Protocol.Telemetry;
using SatNode.Protocol.Time;

namespace SatNode.Flight.Commanding;

/// <summary>Takes telecommands: checks signature, node, dictionary, validity, replay, name and arguments, in this order; reports acceptance; executes
/// one at a time and reports start and completion. A command is executed at most once: its number is on disk before it is accepted. A sender that is
/// not authenticated gets no answer, only a counted event. Thread-safe.</summary>
public sealed class TelecommandReceiver : IDisposable
{
    /// <summary>Accepted commands that may wait; one more is refused. A pass of 10 minutes carries fewer than this at a time, because each is answered.</summary>
    public const int MaxQueued = 32;

    private readonly string _node;
    private readonly IReadOnlyList<ECDsa> _trustedKeys;
    private readonly Outbox _outbox;
    private readonly TimeProvider _time;
    private readonly ReplayStore _replay;
    private readonly RefusalReporter _refusals;
    private readonly Dictionary<string, CommandHandler> _handlers = new(StringComparer.Ordinal);
    private readonly Channel<Telecommand> _queue = Channel.CreateBounded<Telecommand>(new BoundedChannelOptions(MaxQueued) { SingleReader = true });
    private readonly Lock _gate = new();

    /// <summary>Creates the receiver.</summary>
    /// <param name="node">This node's name.</param>
    /// <param name="trustedKeys">The public keys whose commands are obeyed; not disposed here.</param>
    /// <param name="database">Where the replay windows are.</param>
    /// <param name="outbox">Where verification reports go.</param>
    /// <param name="events">Where refusals go.</param>
    /// <param name="time">The clock of the validity checks.</param>
    public TelecommandReceiver(string node, IReadOnlyList<ECDsa> trustedKeys, FlightDatabase database, Outbox outbox, IEventSink events, TimeProvider time)
    {
        ArgumentException.ThrowIfNullOrEmpty(node);
        ArgumentNullException.ThrowIfNull(trustedKeys);
        ArgumentNullException.ThrowIfNull(database);
        ArgumentNullException.ThrowIfNull(outbox);
        _node = node;
        _trustedKeys = trustedKeys;
        _outbox = outbox;
        _time = time;
        _replay = new(database, time);
        _refusals = new(events, time);
    }

    /// <summary>Telecommands refused since the start.</summary>
    public long Refused => _refusals.Total;

    /// <summary>Telecommands accepted since the start.</summary>
    public long Accepted { get; private set; }

    /// <summary>Sets who executes a command; before the first is received.</summary>
    /// <exception cref="ArgumentException">The command has a handler already.</exception>
    public void Handle(CommandDefinition command, CommandHandler handler)
    {
        ArgumentNullException.ThrowIfNull(command);
        ArgumentNullException.ThrowIfNull(handler);
        _handlers.Add(command.Name, handler);
    }

    /// <summary>Checks one received message. Never throws for its content.</summary>
    /// <returns><see cref="CommandRefusal.None"/> when it was taken.</returns>
    public CommandRefusal Receive(ReadOnlyMemory<byte> encoded)
    {
        SignatureResult signature = TelecommandSignature.Open(encoded, _trustedKeys, out Telecommand? command, out byte[]? keyId, out string fault);
        if (signature != SignatureResult.Valid || command is null || keyId is null)
        {
            return Refuse(signature switch
            {
                SignatureResult.UnknownKey => CommandRefusal.UnknownKey,
                SignatureResult.BadSignature => CommandRefusal.BadSignature,
                _ => CommandRefusal.Malformed,
            }, fault);
        }
        lock (_gate) // so that reports of acceptance stand in the order of the queue
            return Judge(command, keyId);
    }

    /// <summary>Executes accepted commands, one at a time, until cancelled.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        await foreach (Telecommand command in _queue.Reader.ReadAllAsync(cancellationToken))
        {
            Report(command.Id, VerificationStage.Start, FailureReason.None, "");
            CommandResult result = await ExecuteAsync(command, cancellationToken);
            if (!result.IsOngoing)
                Complete(command.Id, result);
        }
    }

    /// <summary>Reports that an ongoing command goes on.</summary>
    public void Progress(string commandId, string detail) => Report(commandId, VerificationStage.Progress, FailureReason.None, detail);

    /// <summary>Reports that an ongoing command ended.</summary>
    public void Complete(string commandId, CommandResult result) => Report(commandId, VerificationStage.Completion, result.Reason, result.Detail);

    /// <inheritdoc/>
    public void Dispose() => _replay.Dispose();

    private CommandRefusal Judge(Telecommand command, byte[] keyId)
    {
        if (!string.Equals(command.Node, _node, StringComparison.Ordinal))
            return Refuse(CommandRefusal.WrongNode, $"{command.Id}: for {command.Node}");
        if (!command.DictionaryDigest.Span.SequenceEqual(MissionDictionary.Digest.Span))
            return Refuse(command, CommandRefusal.DictionaryMismatch, FailureReason.DictionaryMismatch, "signed for another dictionary");
        DateTimeOffset now = _time.GetUtcNow();
        if (!(now >= command.NotBefore.ToDateTimeOffset()))
            return Refuse(command, CommandRefusal.NotYetValid, FailureReason.NotYetValid, $"valid from {command.NotBefore}, now {DtnTime.From(now)}");
        if (!(now < command.Expiry.ToDateTimeOffset()))
            return Refuse(command, CommandRefusal.Expired, FailureReason.Expired, $"expired {command.Expiry}, now {DtnTime.From(now)}");
        switch (_replay.TryTake(keyId, command.Sequence, command.Id, command.NotBefore))
        {
            case ReplayCheck.Taken:
                break;
            case ReplayCheck.Duplicate:
                return Refuse(CommandRefusal.Duplicate, $"{command.Id}: delivered again");
            case ReplayCheck.NotRecorded:
                return Refuse(command, CommandRefusal.NotRecorded, FailureReason.ResourceExhausted, "the replay window could not be written");
            default:
                return Refuse(command, CommandRefusal.Replayed, FailureReason.Replayed, $"sequence {command.Sequence} was seen or is older than the window");
        }
        if (Commands.Find(command.Name) is not { } definition || !_handlers.ContainsKey(command.Name))
            return Refuse(command, CommandRefusal.UnknownCommand, FailureReason.UnknownCommand, $"no command '{command.Name}' here");
        if (definition.Fault(command.Arguments) is { } argumentFault)
            return Refuse(command, CommandRefusal.InvalidArgument, FailureReason.InvalidArgument, argumentFault);
        if (_queue.Reader.Count >= MaxQueued)
            return Refuse(command, CommandRefusal.QueueFull, FailureReason.ResourceExhausted, $"{MaxQueued} commands wait already");
        Report(command.Id, VerificationStage.Acceptance, FailureReason.None, ""); // before the queue: start must not overtake it
        _queue.Writer.TryWrite(command);
        Accepted++;
        return CommandRefusal.None;
    }

    private async ValueTask<CommandResult> ExecuteAsync(Telecommand command, CancellationToken cancellationToken)
    {
        try
        {
            return await _handlers[command.Name](command, cancellationToken);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            return CommandResult.Failed(FailureReason.ExecutionFailed, "the agent ends");
        }
#pragma warning disable CA1031 // a handler's fault ends its command, never the agent, which no command may stop
        catch (Exception e)
#pragma warning restore CA1031
        {
            return CommandResult.Failed(FailureReason.ExecutionFailed, $"{e.GetType().Name}: {e.Message}");
        }
    }

    private CommandRefusal Refuse(Telecommand command, CommandRefusal refusal, FailureReason reason, string detail)
    {
        Report(command.Id, VerificationStage.Acceptance, reason, detail);
        return Refuse(refusal, $"{command.Id}: {detail}");
    }

    private CommandRefusal Refuse(CommandRefusal refusal, string detail)
    {
        _refusals.Report(refusal, detail);
        return refusal;
    }

    private void Report(string commandId, VerificationStage stage, FailureReason reason, string detail) =>
        _outbox.Record(TelemetryStream.Verification, new VerificationReport(commandId, stage, reason, detail));
}
