using System.Threading.Channels;
using SatNode.Ground.Archive;
using SatNode.Ground.Broker;
using SatNode.Ground.Ingest;
using SatNode.Ground.Metrics;
using SatNode.Protocol.Telemetry;
using SatNode.Protocol.Time;

namespace SatNode.Ground.Twins;

/// <summary>Carries what was committed to those who follow it: the statistics, the ledger of invocations and the twins.</summary>
internal sealed partial class TwinFeeder : IAsyncDisposable
{
    private const int ContactsMax = 4096;
    private readonly ArchiveWriter _archive;
    private readonly TelemetryStatistics _statistics;
    private readonly FunctionLedger _ledger;
    private readonly ContactRegistry _contacts;
    private readonly IGrainFactory _grains;
    private readonly ILogger<TwinFeeder> _logger;
    private readonly Channel<(string Node, Contact Contact)> _changes = Channel.CreateBounded<(string, Contact)>(
        new BoundedChannelOptions(ContactsMax) { FullMode = BoundedChannelFullMode.DropOldest, SingleReader = true });
    private Task _records = Task.CompletedTask;
    private Task _contactChanges = Task.CompletedTask;

    public TwinFeeder(ArchiveWriter archive, TelemetryStatistics statistics, FunctionLedger ledger, ContactRegistry contacts, IGrainFactory grains, ILogger<TwinFeeder> logger)
    {
        (_archive, _statistics, _ledger, _contacts, _grains, _logger) = (archive, statistics, ledger, contacts, grains, logger);
        _contacts.Changed += OnContactChanged;
    }

    /// <summary>Raised after a twin took an update, with the satellite's name; handlers must be quick.</summary>
#pragma warning disable MA0046 // one process, one sender: the name says all
    public event Action<string>? Fed;

    /// <summary>Raised after something was heard of a command; handlers must be quick.</summary>
    public event Action? Verified;
#pragma warning restore MA0046

    /// <summary>Starts to feed.</summary>
    public void Start()
    {
        _records = FeedRecordsAsync();
        _contactChanges = FeedContactsAsync();
    }

    /// <summary>Waits until all that was committed was carried; the archive's writer must have ended before.</summary>
    public async ValueTask DisposeAsync()
    {
        _contacts.Changed -= OnContactChanged;
        _changes.Writer.TryComplete();
        await _records;
        await _contactChanges;
    }

    private void OnContactChanged(string node, Contact contact) => _changes.Writer.TryWrite((node, contact));

    private async Task FeedRecordsAsync()
    {
        await foreach (IReadOnlyList<ArchivedRecord> batch in _archive.Committed.ReadAllAsync())
        {
            foreach (ArchivedRecord archived in batch)
            {
                _statistics.Count(archived);
                if (!archived.IsDuplicate && archived.Record.Body is InvocationReport report)
                    _ledger.Add(archived.Record.Node, report);
            }
            if (batch.Any(archived => archived.Record.Body is VerificationReport))
                Verified?.Invoke();
            await Task.WhenAll(batch.Where(archived => !archived.IsDuplicate).GroupBy(archived => archived.Record.Node, StringComparer.Ordinal)
                .Select(node => CallAsync(node.Key, twin => twin.Apply(node.Select(archived =>
                    new TwinRecord(archived.Id, archived.Record.Stream, archived.Record.Payload, (long)archived.Record.Received.Milliseconds)).ToArray()))));
        }
    }

    private async Task FeedContactsAsync()
    {
        await foreach ((string node, Contact contact) in _changes.Reader.ReadAllAsync())
        {
            long since = contact.Since is { } time ? (long)DtnTime.From(time).Milliseconds : 0;
            await CallAsync(node, twin => twin.SetContact(contact.IsReachable, since));
        }
    }

    private async Task CallAsync(string node, Func<ISatelliteTwin, Task> call)
    {
        try
        {
            await call(_grains.GetGrain<ISatelliteTwin>(node));
            Fed?.Invoke(node);
        }
#pragma warning disable CA1031 // a twin that fails, or a cluster that is going down, must not stop the others; the twin rebuilds itself from the archive
        catch (Exception e)
#pragma warning restore CA1031
        {
            LogTwinFailed(_logger, node, e.Message);
        }
    }

    [LoggerMessage(LogLevel.Warning, "{node}: the twin did not take an update: {fault}")]
    private static partial void LogTwinFailed(ILogger logger, string node, string fault);
}
