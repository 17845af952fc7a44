using System.Buffers;
using System.IO.Pipelines;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using System.Threading.Channels;
using SatNode.Protocol;
using SatNode.Protocol.Bundles;
using SatNode.Protocol.Tcpcl;

namespace SatNode.Network.Links;

/// <summary>One TCPCL session over one connection: transfers in both directions at once, every segment acknowledged as soon as it is read, the last one of
/// a bundle when the bundle is safe. Whatever ends the connection ends the session; what was not acknowledged stays with its sender. Source: RFC 9174.</summary>
internal sealed class TcpclSession : IAsyncDisposable
{
    private readonly Socket _socket;
    private readonly NetworkStream _stream;
    private readonly PipeReader _input;
    private readonly PipeWriter _output;
    private readonly TcpclOptions _options;
    private readonly TimeProvider _time;
    private readonly ITransferOwner _owner;
    private readonly SemaphoreSlim _writing = new(1, 1);
    private readonly CancellationTokenSource _closing = new();
    private readonly Channel<Acknowledgement> _acknowledgements =
        Channel.CreateBounded<Acknowledgement>(new BoundedChannelOptions(TcpclSessionLimits.MaxPendingAcknowledgements) { SingleReader = true, SingleWriter = true });
    private readonly Lock _gate = new();
    private readonly Queue<QueuedBundle> _outstanding = new();
    private readonly Signal _windowMoved = new();
    private readonly TransferReceiver _receiver;
    private readonly ArrayBufferWriter<byte> _segmentHead = new(512);
    private readonly ArraySegment<byte>[] _gathered = new ArraySegment<byte>[2];
    private TimeSpan _keepAlive;
    private long _lastReceived;
    private long _lastSent;
    private long _outstandingBytes;
    private int _segmentMax;
    private ulong _peerTransferMru;
    private ulong _nextTransfer;
    private int _isDisposed;
    private int _isClosed;
    private string? _endReason;

    public TcpclSession(Socket socket, bool isActive, TcpclOptions options, TimeProvider time, ITransferOwner owner)
    {
        socket.NoDelay = true; // a bundle's last segment must not wait for an acknowledgement of TCP
        _socket = socket;
        IsActive = isActive;
        _options = options;
        _time = time;
        _owner = owner;
        _stream = new NetworkStream(socket, ownsSocket: true);
        _input = PipeReader.Create(_stream, new StreamPipeReaderOptions(bufferSize: 64 * 1024, minimumReadSize: 4 * 1024, leaveOpen: true));
        _output = PipeWriter.Create(_stream, new StreamPipeWriterOptions(minimumBufferSize: 64 * 1024, leaveOpen: true));
        _receiver = new(owner, this);
        _lastReceived = _lastSent = time.GetTimestamp();
    }

    private readonly record struct Acknowledgement(SegmentFlags Flags, ulong TransferId, ulong Length, Task<RefuseReason?>? Outcome, RefuseReason? Refusal);

    /// <summary>Whether this node made the connection.</summary>
    public bool IsActive { get; }

    /// <summary>The peer's node number, once the handshake is done.</summary>
    public ulong Peer { get; private set; }

    /// <summary>Why the session ended.</summary>
    public string EndReason => _endReason ?? "closed";

    /// <summary>Whether at least one bundle crossed the session.</summary>
    public bool HasCarried { get; private set; }

    public CancellationToken Closing => _closing.Token;

    /// <summary>Exchanges contact headers and session parameters.</summary>
    /// <param name="self">This node's number.</param>
    /// <param name="expected">The number that the peer must have; null for any.</param>
    /// <returns>Whether the session stands.</returns>
    public async Task<bool> Handshake(ulong self, ulong? expected)
    {
        using var timer = new CancellationTokenSource(_options.HandshakeTimeout, _time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timer.Token, _closing.Token);
        try
        {
            if (IsActive)
                await Write(TcpclWriter.WriteContactHeader, either.Token);
            TcpclMessage header = await ReadOne(contactHeader: true, either.Token);
            if (!IsActive)
                await Write(TcpclWriter.WriteContactHeader, either.Token);
            if (header.Version != TcpclWriter.Version)
                return await Terminate(TerminateReason.VersionMismatch, $"expected version 4, found {header.Version}");
            ushort keepAlive = (ushort)Math.Clamp(_options.KeepAlive.TotalSeconds, 1, ushort.MaxValue);
            await Write(w => TcpclWriter.WriteInitialize(w, keepAlive, TcpclSessionLimits.SegmentMru, BundleLimits.MaxBundleBytes, EndpointId.Ipn(self, 0).ToString()), either.Token);
            TcpclMessage peer = await ReadOne(contactHeader: false, either.Token);
            if (peer.Kind != TcpclKind.Initialize)
                return Fail($"expected a session initialisation, found {peer.Kind}");
            if (!EndpointId.TryParse(peer.NodeId, out EndpointId node) || node.Scheme != EndpointScheme.Ipn || node.IsNull || node.Node == self || (expected ?? node.Node) != node.Node)
                return await Terminate(TerminateReason.ContactFailure, $"expected node {expected?.ToString() ?? "other than this"}, found {Shown(peer.NodeId)}");
            if (peer.HasUnknownCriticalExtension || peer.SegmentMru < TcpclSessionLimits.MinSegmentMru)
                return await Terminate(TerminateReason.ContactFailure, $"expected segments of {TcpclSessionLimits.MinSegmentMru} bytes and no unknown extension, found {peer.SegmentMru}");
            Peer = node.Node;
            _segmentMax = (int)Math.Min(peer.SegmentMru, TcpclSessionLimits.MaxSegmentSent);
            _peerTransferMru = peer.TransferMru;
            _keepAlive = TimeSpan.FromSeconds(Math.Min(keepAlive, peer.KeepAliveSeconds));
            return true;
        }
        catch (Exception e) when (IsConnectionFault(e))
        {
            return Fail(timer.IsCancellationRequested ? "the handshake took too long" : e.Message);
        }
    }

    /// <summary>Carries transfers until the connection ends. Never throws for what the peer or the network does.</summary>
    public async Task Run()
    {
        Task acknowledging = WriteAcknowledgements();
        Task keeping = KeepAlive();
        try
        {
            await ReadMessages();
        }
        catch (Exception e) when (IsConnectionFault(e))
        {
            Fail(e.Message);
        }
        Close();
        _acknowledgements.Writer.TryComplete();
        await Task.WhenAll(acknowledging, keeping);
        _receiver.Abandon();
    }

    /// <summary>Sends a bundle; waits while too much is unacknowledged. Its outcome comes through <see cref="ITransferOwner"/>.</summary>
    /// <param name="entry">The bundle's entry.</param>
    /// <param name="head">Its bytes before the payload block; free for use again after the call.</param>
    /// <param name="payload">The rest of its bytes. Large segments of it go to the socket from where they are.</param>
    /// <param name="flush">Whether the bytes are to leave at once: false when another bundle follows.</param>
    /// <returns>False when the session ended; the entry then is the caller's if it is not <see cref="TakeOutstanding"/>.</returns>
    public async Task<bool> Send(QueuedBundle entry, ReadOnlyMemory<byte> head, ReadOnlyMemory<byte> payload, bool flush)
    {
        int bytes = head.Length + payload.Length;
        try
        {
            while (!HasWindow(bytes))
            {
                await Flush();
                await _windowMoved.Wait(_closing.Token);
            }
            entry.SentBytes = bytes;
            lock (_gate)
            {
                if (_closing.IsCancellationRequested)
                    return false;
                entry.TransferId = _nextTransfer++;
                _outstanding.Enqueue(entry);
                _outstandingBytes += bytes;
            }
            if ((ulong)bytes > _peerTransferMru)
            {
                Settle(entry.TransferId, RefuseReason.NotAcceptable);
                return true;
            }
            for (int sent = 0; sent < bytes;)
                sent += await WriteSegment(entry.TransferId, head, payload, sent, flush);
            return true;
        }
        catch (Exception e) when (IsConnectionFault(e))
        {
            Fail(e.Message);
            Close();
            return false;
        }
    }

    /// <summary>Writes out what <see cref="Send"/> has gathered.</summary>
    public async Task Flush()
    {
        try
        {
            await Write(null, _closing.Token);
        }
        catch (Exception e) when (IsConnectionFault(e))
        {
            Fail(e.Message);
            Close();
        }
    }

    /// <summary>Whether a bundle was sent and is not acknowledged.</summary>
    public bool HasOutstanding(QueuedBundle entry)
    {
        lock (_gate)
            return _outstanding.Contains(entry);
    }

    /// <summary>The bundles sent and never acknowledged; for the time after the end.</summary>
    public IReadOnlyList<QueuedBundle> TakeOutstanding()
    {
        lock (_gate)
        {
            QueuedBundle[] left = [.. _outstanding];
            _outstanding.Clear();
            return left;
        }
    }

    /// <summary>Tells the peer that the session ends, and ends it.</summary>
    public async Task<bool> Terminate(TerminateReason reason, string why)
    {
        try
        {
            using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(5), _time);
            await Write(w => TcpclWriter.WriteTerminate(w, reason), limit.Token);
        }
        catch (Exception e) when (IsConnectionFault(e))
        {
            // the peer is gone already
        }
        Fail(why);
        Close();
        return false;
    }

    /// <summary>Ends the session.</summary>
    public void Close()
    {
        if (Interlocked.Exchange(ref _isClosed, 1) != 0)
            return;
        _closing.Cancel();
        _socket.Dispose(); // not aborted: what was written last, an acknowledgement or the reason of the end, still goes out
    }

    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _isDisposed, 1) != 0)
            return;
        Close();
        await _stream.DisposeAsync();
        // the tokens' source is left to the collector: a late sender may still look at it
    }

    /// <summary>Queues an acknowledgement; called by the receiver in the order of the segments.</summary>
    internal void Acknowledge(SegmentFlags flags, ulong transfer, ulong length, Task<RefuseReason?>? outcome) =>
        Queue(new(flags, transfer, length, outcome, null));

    /// <summary>Queues a refusal.</summary>
    internal void Refuse(ulong transfer, RefuseReason reason) => Queue(new(SegmentFlags.None, transfer, 0, null, reason));

    private static bool IsConnectionFault(Exception e) =>
        e is IOException or SocketException or OperationCanceledException or ObjectDisposedException or WireFormatException or InvalidOperationException;

    private static string Shown(string? id) => id is { Length: <= 40 } ? id : $"{id?.Length} characters";

    private bool Fail(string reason)
    {
        _endReason ??= reason;
        return false;
    }

    private void Queue(in Acknowledgement acknowledgement)
    {
        if (!_acknowledgements.Writer.TryWrite(acknowledgement))
            throw new WireFormatException($"tcpcl: expected at most {TcpclSessionLimits.MaxPendingAcknowledgements} segments before reading acknowledgements, found more; closed");
    }

    private bool HasWindow(int bytes)
    {
        lock (_gate)
            return _outstanding.Count == 0 || (_outstanding.Count < TcpclSessionLimits.MaxOutstanding && _outstandingBytes + bytes <= TcpclSessionLimits.MaxOutstandingBytes);
    }

    private async Task<int> WriteSegment(ulong transfer, ReadOnlyMemory<byte> head, ReadOnlyMemory<byte> payload, int from, bool flush)
    {
        int total = head.Length + payload.Length, length = Math.Min(_segmentMax, total - from);
        SegmentFlags flags = (from == 0 ? SegmentFlags.Start : SegmentFlags.None) | (from + length == total ? SegmentFlags.End : SegmentFlags.None);
        int ofHead = Math.Clamp(head.Length - from, 0, length);
        ReadOnlyMemory<byte> data = payload.Slice(Math.Max(0, from - head.Length), length - ofHead);
        await _writing.WaitAsync(_closing.Token);
        try
        {
            if (data.Length >= TcpclSessionLimits.MinUncopied && MemoryMarshal.TryGetArray(data, out ArraySegment<byte> bytes))
            {
                await FlushLocked(_closing.Token);
                _segmentHead.ResetWrittenCount();
                TcpclWriter.WriteSegmentHeader(_segmentHead, flags, transfer, (ulong)length, (ulong)total);
                if (ofHead > 0)
                    _segmentHead.Write(head.Span.Slice(from, ofHead));
                await SendGathered(bytes);
                return length;
            }
            TcpclWriter.WriteSegmentHeader(_output, flags, transfer, (ulong)length, (ulong)total);
            if (ofHead > 0)
                _output.Write(head.Span.Slice(from, ofHead));
            _output.Write(data.Span);
            if (flush || length == _segmentMax || _output.UnflushedBytes > TcpclSessionLimits.MaxGathered)
                await FlushLocked(_closing.Token);
        }
        finally
        {
            _writing.Release();
        }
        return length;
    }

    /// <summary>Sends the segment's head and its data in one call, the data from where they are.</summary>
    private async Task SendGathered(ArraySegment<byte> data)
    {
        MemoryMarshal.TryGetArray(_segmentHead.WrittenMemory, out ArraySegment<byte> head);
        _gathered[0] = head;
        _gathered[1] = data;
        int sent = await _socket.SendAsync(_gathered, SocketFlags.None);
        if (sent != head.Count + data.Count)
            throw new IOException("the peer closed the connection");
        Volatile.Write(ref _lastSent, _time.GetTimestamp());
    }

    private async Task Write(Action<PipeWriter>? write, CancellationToken cancellation)
    {
        await _writing.WaitAsync(cancellation);
        try
        {
            write?.Invoke(_output);
            await FlushLocked(cancellation);
        }
        finally
        {
            _writing.Release();
        }
    }

    private async Task FlushLocked(CancellationToken cancellation)
    {
        FlushResult result = await _output.FlushAsync(cancellation);
        if (result.IsCompleted)
            throw new IOException("the peer closed the connection");
        Volatile.Write(ref _lastSent, _time.GetTimestamp());
    }

    private async Task<TcpclMessage> ReadOne(bool contactHeader, CancellationToken cancellation)
    {
        while (true)
        {
            ReadResult result = await _input.ReadAsync(cancellation);
            ReadOnlySequence<byte> buffer = result.Buffer;
            bool complete = contactHeader ? TcpclReader.TryReadContactHeader(ref buffer, out TcpclMessage message) : TcpclReader.TryRead(ref buffer, out message);
            _input.AdvanceTo(buffer.Start, complete ? buffer.Start : buffer.End);
            if (complete)
                return message;
            if (result.IsCompleted)
                throw new IOException("the peer closed the connection in the handshake");
        }
    }

    private async Task ReadMessages()
    {
        while (true)
        {
            ReadResult result = await _input.ReadAsync(_closing.Token);
            ReadOnlySequence<byte> buffer = result.Buffer;
            Volatile.Write(ref _lastReceived, _time.GetTimestamp());
            while (true)
            {
                if (_receiver.IsInSegment)
                {
                    _receiver.TakeData(ref buffer);
                    if (_receiver.IsInSegment)
                        break;
                    if (_receiver.Backlog is { } backlog)
                        await backlog; // the store is slower than the link: TCP then slows the peer
                    continue;
                }
                if (!TcpclReader.TryRead(ref buffer, out TcpclMessage message))
                    break;
                if (!await Handle(message))
                    return;
            }
            _input.AdvanceTo(buffer.Start, buffer.End);
            if (result.IsCompleted || !await ReadUncopied())
            {
                Fail("the peer closed the connection");
                return;
            }
        }
    }

    /// <summary>Reads the rest of a large segment to where it belongs; all that the pipe had read of it was taken.</summary>
    /// <returns>False when the peer closed the connection.</returns>
    private async Task<bool> ReadUncopied()
    {
        while (_receiver.TryGetRoom(TcpclSessionLimits.MinUncopied, out Memory<byte> room))
        {
            int count = await _stream.ReadAsync(room, _closing.Token);
            if (count == 0)
                return false;
            Volatile.Write(ref _lastReceived, _time.GetTimestamp());
            _receiver.TakeRead(count);
            if (!_receiver.IsInSegment && _receiver.Backlog is { } backlog)
                await backlog;
        }
        return true;
    }

    private async Task<bool> Handle(TcpclMessage message)
    {
        switch (message.Kind)
        {
            case TcpclKind.Segment:
                _receiver.Begin(message);
                return true;
            case TcpclKind.Acknowledge:
                if ((message.Flags & SegmentFlags.End) != 0)
                    Settle(message.TransferId, null);
                return true;
            case TcpclKind.Refuse:
                Settle(message.TransferId, message.Reason <= (byte)RefuseReason.SessionTerminating ? (RefuseReason)message.Reason : RefuseReason.Unknown);
                return true;
            case TcpclKind.Terminate:
                Fail($"the peer ended the session, reason {message.Reason}");
                if (!message.IsReply)
                    await Write(w => TcpclWriter.WriteTerminate(w, (TerminateReason)message.Reason, isReply: true), _closing.Token);
                return false;
            case TcpclKind.Reject:
                Fail($"the peer rejected a message of type {message.RejectedHeader}, reason {message.Reason}");
                return false;
            case TcpclKind.Initialize:
                await Write(w => TcpclWriter.WriteReject(w, RejectReason.Unexpected, (byte)TcpclKind.Initialize), _closing.Token);
                return true;
            default:
                return true; // a keepalive has done its work by coming
        }
    }

    /// <summary>Ends a transfer: acknowledged by null, otherwise refused. Transfers end in their order; an acknowledgement of one that is not outstanding is
    /// ignored, as after a refusal it may have crossed it.</summary>
    private void Settle(ulong transfer, RefuseReason? refusal)
    {
        QueuedBundle? entry = null;
        lock (_gate)
        {
            int count = _outstanding.Count;
            for (int i = 0; i < count; i++) // the first in nearly every case
            {
                QueuedBundle candidate = _outstanding.Dequeue();
                if (entry is null && candidate.TransferId == transfer)
                {
                    entry = candidate;
                    if (i == 0)
                        break;
                }
                else
                {
                    _outstanding.Enqueue(candidate);
                }
            }
            if (entry is null)
                return;
            _outstandingBytes -= entry.SentBytes;
        }
        HasCarried = true;
        if (refusal is null or RefuseReason.Completed)
            _owner.Sent(this, entry);
        else
            _owner.Refused(this, entry, refusal.Value);
        _windowMoved.Set();
    }

    private async Task WriteAcknowledgements()
    {
        ChannelReader<Acknowledgement> queue = _acknowledgements.Reader;
        try
        {
            while (await queue.WaitToReadAsync(_closing.Token))
            {
                while (queue.TryRead(out Acknowledgement next))
                {
                    if (next.Outcome is { IsCompleted: false })
                        await Flush(); // what is ready goes before waiting for the store
                    RefuseReason? refusal = next.Refusal ?? (next.Outcome is { } outcome ? await outcome : null);
                    await _writing.WaitAsync(_closing.Token);
                    try
                    {
                        if (refusal is { } reason)
                            TcpclWriter.WriteRefuse(_output, reason, next.TransferId);
                        else
                            TcpclWriter.WriteAcknowledge(_output, next.Flags, next.TransferId, next.Length);
                        if (next.Outcome is not null && refusal is null)
                            HasCarried = true;
                    }
                    finally
                    {
                        _writing.Release();
                    }
                }
                await Flush();
            }
        }
        catch (Exception e) when (IsConnectionFault(e))
        {
            Fail(e.Message);
            Close();
        }
    }

    private async Task KeepAlive()
    {
        if (_keepAlive == TimeSpan.Zero)
            return;
        try
        {
            while (true)
            {
                await Task.Delay(_keepAlive, _time, _closing.Token);
                if (_time.GetElapsedTime(Volatile.Read(ref _lastReceived)) >= _keepAlive * 2)
                {
                    await Terminate(TerminateReason.IdleTimeout, $"nothing came for {_keepAlive * 2}");
                    return;
                }
                if (_time.GetElapsedTime(Volatile.Read(ref _lastSent)) >= _keepAlive / 2)
                    await Write(TcpclWriter.WriteKeepAlive, _closing.Token);
            }
        }
        catch (Exception e) when (IsConnectionFault(e))
        {
            Fail(e.Message);
            Close();
        }
    }
}
