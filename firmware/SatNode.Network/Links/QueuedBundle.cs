using SatNode.Network.Store;

namespace SatNode.Network.Links;

/// <summary>A bundle that waits to be sent.</summary>
internal sealed class QueuedBundle(StoredBundle stored)
{
    /// <summary>What is known of it.</summary>
    public StoredBundle Stored => stored;

    /// <summary>The bytes of the transfer as sent, for the window.</summary>
    public int SentBytes { get; set; }

    /// <summary>The transfer's number in its session.</summary>
    public ulong TransferId { get; set; }
}

/// <summary>Wakes one waiter; setting it twice wakes once.</summary>
#pragma warning disable CA1001 // a semaphore without a wait handle holds nothing to dispose of
internal sealed class Signal
#pragma warning restore CA1001
{
    private readonly SemaphoreSlim _semaphore = new(0, 1);
    private readonly Lock _gate = new();

    public void Set()
    {
        lock (_gate)
        {
            if (_semaphore.CurrentCount == 0)
                _semaphore.Release();
        }
    }

    public Task Wait(CancellationToken cancellation) => _semaphore.WaitAsync(cancellation);

    /// <summary>Waits for the signal or until the time is over.</summary>
    public async Task Wait(TimeSpan timeout, TimeProvider time, CancellationToken cancellation)
    {
        using var timer = new CancellationTokenSource(timeout, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timer.Token, cancellation);
        try
        {
            await _semaphore.WaitAsync(either.Token);
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            // the time is over, which is what the caller waits for as well
        }
    }
}
