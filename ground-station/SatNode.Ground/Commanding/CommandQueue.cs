using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Threading.Channels;
using Microsoft.Data.Sqlite;
using SatNode.Ground.Archive;
using SatNode.Ground.Broker;
using SatNode.Ground.Configuration;
using SatNode.Ground.Functions;
using SatNode.Protocol.Dictionary;
using SatNode.Protocol.Telecommands;
using SatNode.Protocol.Telemetry;
using SatNode.Protocol.Time;

namespace SatNode.Ground.Commanding;

/// <summary>Keeps commands until their satellite is in contact, signs each when it is released first, and sends the same bytes again in a later contact
/// while no acceptance was seen. Everything is on the disk before it is sent, the sequence included.</summary>
internal sealed partial class CommandQueue : IAsyncDisposable
{
    /// <summary>Commands released to one satellite that wait for acceptance, and as many that deliver images; together well within the agent's replay window.</summary>
    public const int InFlightMax = 8;

    /// <summary>A satellite's clock may be behind the ground's by so much.</summary>
    private static readonly TimeSpan Backdated = TimeSpan.FromSeconds(60);

    /// <summary>World time in a new contact before a command is sent again: the report of its acceptance may be in the satellite's outbox.</summary>
    private static readonly TimeSpan ReleaseAgainAfter = TimeSpan.FromSeconds(30);

    /// <summary>Machine time between two looks at validity and at commands to send again.</summary>
    private static readonly TimeSpan Period = TimeSpan.FromMilliseconds(250);

    private readonly CommandingOptions _options;
    private readonly ArchiveWriter _writer;
    private readonly ArchiveReader _reader;
    private readonly MqttBroker _broker;
    private readonly ContactRegistry _contacts;
    private readonly ImageDeliveries _deliveries;
    private readonly ECDsa _key;
    private readonly string _keyId;
    private readonly TimeProvider _clock;
    private readonly TimeProvider _machineTime;
    private readonly ILogger<CommandQueue> _logger;
    private readonly CancellationTokenSource _stopping = new();
    private readonly Channel<bool> _wake = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
    private readonly ConcurrentDictionary<string, DateTimeOffset> _lastSent = new(StringComparer.Ordinal);
    private Task _loop = Task.CompletedTask;

    public CommandQueue(CommandingOptions options, ArchiveWriter writer, ArchiveReader reader, MqttBroker broker, ContactRegistry contacts, FunctionLibrary library, ECDsa key,
        TimeProvider clock, TimeProvider machineTime, ILogger<CommandQueue> logger)
    {
        (_options, _writer, _reader, _broker, _contacts, _key, _clock, _machineTime, _logger) = (options, writer, reader, broker, contacts, key, clock, machineTime, logger);
        _deliveries = new(library);
        _keyId = Convert.ToHexStringLower(TelecommandSignature.KeyId(key));
        _contacts.Changed += OnContactChanged;
    }

    /// <summary>Starts to release.</summary>
    public void Start() => _loop = RunAsync();

    /// <summary>Queues a command whose arguments were checked against the dictionary.</summary>
    /// <returns>Its id, or null when the satellite's queue is full.</returns>
    public async Task<string?> EnqueueAsync(string node, string name, IReadOnlyDictionary<string, ArgumentValue> arguments, CancellationToken cancellation)
    {
        DateTimeOffset now = _clock.GetUtcNow();
        var command = new CommandRow(ImageDeliveries.NewId(), node, name, arguments, CommandState.Queued,
            DtnTime.From(now), DtnTime.From(now + _options.Validity), null, null, 0);
        bool stored = await _writer.ExecuteAsync(connection =>
        {
            if (CommandStore.CountWaiting(connection, node) >= _options.QueueMax)
                return false;
            string? function = name == Commands.DeployFunction.Name ? _deliveries.FunctionOf(arguments["image"].AsText()) : null;
            CommandStore.Insert(connection, command, function, isHeld: function is not null);
            return true;
        }, cancellation);
        _wake.Writer.TryWrite(true);
        return stored ? command.Id : null;
    }

    /// <summary>Has the queue look at once: something was heard of a command.</summary>
    public void Wake() => _wake.Writer.TryWrite(true);

    public async ValueTask DisposeAsync()
    {
        _contacts.Changed -= OnContactChanged;
        await _stopping.CancelAsync();
        await _loop;
        _stopping.Dispose();
        _key.Dispose();
    }

    private void OnContactChanged(string node, Contact contact) => _wake.Writer.TryWrite(true);

    private async Task RunAsync()
    {
        try
        {
            while (true)
            {
                try
                {
                    await PumpAsync(_stopping.Token);
                }
                catch (SqliteException e) // the disk: what was not stored was not sent, and is tried again
                {
                    LogPumpFailed(_logger, e.Message);
                }
                await WaitAsync(_stopping.Token);
            }
        }
        catch (Exception e) when (e is OperationCanceledException or ChannelClosedException) // the station is ending
        {
        }
    }

    private async Task WaitAsync(CancellationToken cancellation)
    {
        using var period = new CancellationTokenSource(Period, _machineTime);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(period.Token, cancellation);
        try
        {
            await _wake.Reader.ReadAsync(either.Token);
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested) // the period is over
        {
        }
    }

    private async Task PumpAsync(CancellationToken cancellation)
    {
        DateTimeOffset now = _clock.GetUtcNow();
        List<string> nodes = _reader.Read(CommandStore.WaitingNodes);
        if (nodes.Count == 0)
        {
            _lastSent.Clear();
            return;
        }
        if (_reader.Read(connection => CommandStore.HasExpired(connection, DtnTime.From(now))))
            await _writer.ExecuteAsync(connection => CommandStore.Expire(connection, DtnTime.From(now)), cancellation);
        foreach (string node in nodes)
        {
            await StepDeliveriesAsync(node, now, cancellation);
            if (!_contacts.Knows(node) || _contacts[node] is not { IsReachable: true, Since: { } since })
                continue;
            foreach (CommandRow command in _reader.Read(connection =>
                (CommandRow[])[.. CommandStore.Waiting(connection, node, InFlightMax), .. CommandStore.WaitingDeliveries(connection, node, InFlightMax)]))
            {
                if (IsDue(command, since, now))
                    await ReleaseAsync(command, cancellation);
            }
        }
    }

    private async Task StepDeliveriesAsync(string node, DateTimeOffset now, CancellationToken cancellation)
    {
        foreach (CommandRow held in _reader.Read(connection => ImageDeliveries.Due(connection, node)))
        {
            await _writer.ExecuteAsync(connection =>
            {
                _deliveries.Step(connection, held, DtnTime.From(now));
                return true;
            }, cancellation);
        }
    }

    private bool IsDue(CommandRow command, DateTimeOffset contactSince, DateTimeOffset now) => command.State == CommandState.Queued
        || (now >= contactSince + ReleaseAgainAfter && (!_lastSent.TryGetValue(command.Id, out DateTimeOffset sent) || sent < contactSince));

    private async Task ReleaseAsync(CommandRow command, CancellationToken cancellation)
    {
        byte[]? signed = await _writer.ExecuteAsync(connection =>
        {
            CommandRow current = CommandStore.Find(connection, command.Id)!;
            if (current.State > CommandState.Released)
                return null;
            DtnTime now = DtnTime.From(_clock.GetUtcNow());
            if (current is { Sequence: { } before, Signed: { } same })
            {
                CommandStore.Release(connection, current.Id, before, same, now);
                return same;
            }
            if (_deliveries.ArgumentsOf(current, out string fault) is not { } arguments)
            {
                CommandStore.Fail(connection, current.Id, FailureReason.NotFound, fault, now);
                return null;
            }
            ulong sequence = CommandStore.NextSequence(connection, _keyId, current.Node);
            byte[] bytes = Sign(current with { Arguments = arguments }, sequence);
            CommandStore.Release(connection, current.Id, sequence, bytes, now);
            return bytes;
        }, cancellation);
        if (signed is null)
            return;
        _lastSent[command.Id] = _clock.GetUtcNow();
        await _broker.PublishCommandAsync(command.Node, command.Id, signed, cancellation);
        LogReleased(_logger, command.Node, command.Id, command.Name, command.Releases + 1);
    }

    private byte[] Sign(CommandRow command, ulong sequence) => TelecommandSignature.Sign(new Telecommand
    {
        Id = command.Id,
        Node = command.Node,
        Sequence = sequence,
        NotBefore = DtnTime.From(command.Queued.ToDateTimeOffset() - Backdated),
        Expiry = command.Expiry,
        DictionaryDigest = MissionDictionary.Digest,
        Name = command.Name,
        Arguments = command.Arguments,
    }, _key);

    [LoggerMessage(LogLevel.Information, "{node}: command {id} {name} released, time {releases}")]
    private static partial void LogReleased(ILogger logger, string node, string id, string name, int releases);

    [LoggerMessage(LogLevel.Error, "commands could not be released: {fault}; tried again")]
    private static partial void LogPumpFailed(ILogger logger, string fault);
}
