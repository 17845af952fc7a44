using System.Threading.Channels;
using Microsoft.Data.Sqlite;

namespace SatNode.Ground.Archive;

/// <summary>The only writer of the archive. What is handed in is written in order, many jobs a transaction, and a job's task ends after the commit: an
/// acknowledgement that waits for it speaks of what is on the disk.</summary>
internal sealed partial class ArchiveWriter : IAsyncDisposable
{
    /// <summary>Jobs that may wait: at 72 KB for the largest record 74 MB.</summary>
    public const int QueueMax = 1024;

    private const int BatchMax = 256;
    private readonly Channel<Job> _jobs = Channel.CreateBounded<Job>(new BoundedChannelOptions(QueueMax) { SingleReader = true });
    private readonly Channel<IReadOnlyList<ArchivedRecord>> _committed = Channel.CreateBounded<IReadOnlyList<ArchivedRecord>>(
        new BoundedChannelOptions(QueueMax) { SingleReader = true, SingleWriter = true });
    private readonly SqliteConnection _connection;
    private readonly RecordStatements _statements;
    private readonly Action<SqliteConnection, IncomingRecord> _onStored;
    private readonly ILogger<ArchiveWriter> _logger;
    private readonly Task _loop;

    /// <summary>Opens or makes the archive and starts writing.</summary>
    /// <param name="path">The database file.</param>
    /// <param name="onStored">Called within the transaction of each record that is new, on the writer's thread.</param>
    /// <param name="logger">For faults of the disk.</param>
    public ArchiveWriter(string path, Action<SqliteConnection, IncomingRecord> onStored, ILogger<ArchiveWriter> logger)
    {
        _onStored = onStored;
        _logger = logger;
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        _connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = path, Pooling = false, DefaultTimeout = 5 }.ToString());
        try
        {
            _connection.Open();
            ArchiveSchema.Prepare(_connection);
            _statements = new RecordStatements(_connection);
        }
        catch
        {
            _connection.Dispose();
            throw;
        }
        _loop = Task.Factory.StartNew(RunAsync, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default).Unwrap();
    }

    /// <summary>What was committed, batch by batch in the order of storing, duplicates included. To be read without pause: the writer waits for its reader.</summary>
    public ChannelReader<IReadOnlyList<ArchivedRecord>> Committed => _committed.Reader;

    /// <summary>Hands a record in. The outer task ends when it is queued, the inner one when it is on the disk.</summary>
    /// <exception cref="SqliteException">By the inner task: it could not be stored.</exception>
    /// <exception cref="ChannelClosedException">The writer has ended.</exception>
    public async ValueTask<Task> AppendAsync(IncomingRecord record, CancellationToken cancellation)
    {
        var job = new Job(record, null);
        await _jobs.Writer.WriteAsync(job, cancellation);
        return job.Done.Task;
    }

    /// <summary>Runs other work in a transaction of the writer; the task ends after the commit.</summary>
    public async Task<T> ExecuteAsync<T>(Func<SqliteConnection, T> work, CancellationToken cancellation)
    {
        T result = default!;
        var job = new Job(null, connection => result = work(connection));
        await _jobs.Writer.WriteAsync(job, cancellation);
        await job.Done.Task.WaitAsync(cancellation);
        return result;
    }

    /// <summary>Writes what was handed in, then ends.</summary>
    public async ValueTask DisposeAsync()
    {
        _jobs.Writer.TryComplete();
        await _loop;
        _statements.Dispose();
        await _connection.DisposeAsync();
    }

    private async Task RunAsync()
    {
        List<Job> batch = [];
        while (await _jobs.Reader.WaitToReadAsync())
        {
            batch.Clear();
            while (batch.Count < BatchMax && _jobs.Reader.TryRead(out Job? job))
                batch.Add(job);
            List<ArchivedRecord> records = Write(batch);
            if (records.Count > 0)
                await _committed.Writer.WriteAsync(records);
        }
        _committed.Writer.TryComplete();
    }

    private List<ArchivedRecord> Write(List<Job> batch)
    {
        List<ArchivedRecord> records = [];
        try
        {
            _connection.Run("BEGIN IMMEDIATE");
            foreach (Job job in batch)
                Write(job, records);
            _connection.Run("COMMIT");
        }
        catch (SqliteException e) // the disk: nothing of the batch is acknowledged, all of it will come again
        {
            LogWriteFailed(_logger, batch.Count, e.Message);
            TryRollBack();
            foreach (Job job in batch)
                job.Done.TrySetException(e);
            return [];
        }
        foreach (Job job in batch)
            job.Done.TrySetResult();
        return records;
    }

    private void Write(Job job, List<ArchivedRecord> records)
    {
        if (job.Record is { } record)
        {
            long id = _statements.Insert(record);
            records.Add(new(id, record));
            if (id != 0)
                _onStored(_connection, record);
            return;
        }
        _connection.Run("SAVEPOINT job");
        try
        {
            job.Work!(_connection);
        }
#pragma warning disable CA1031 // whatever the work throws belongs to who asked for it
        catch (Exception e) when (e is not SqliteException)
#pragma warning restore CA1031
        {
            _connection.Run("ROLLBACK TO job");
            job.Done.TrySetException(e);
        }
        _connection.Run("RELEASE job");
    }

    private void TryRollBack()
    {
        try
        {
            _connection.Run("ROLLBACK");
        }
        catch (SqliteException e) // the engine rolled back by itself
        {
            LogWriteFailed(_logger, 0, e.Message);
        }
    }

    [LoggerMessage(LogLevel.Error, "the archive could not write a batch of {jobs}: {fault}; nothing of it is acknowledged")]
    private static partial void LogWriteFailed(ILogger logger, int jobs, string fault);

    private sealed record Job(IncomingRecord? Record, Action<SqliteConnection>? Work)
    {
        public TaskCompletionSource Done { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
