using System.Buffers;
using SatNode.Network.Store;
using SatNode.Protocol;
using SatNode.Protocol.Bundles;
using SatNode.Protocol.Tcpcl;

namespace SatNode.Network.Links;

/// <summary>Puts the segments of one transfer after another together. What is reserved grows with what has come, not with what was announced. Source: RFC 9174 §5.2.</summary>
internal sealed class TransferReceiver(ITransferOwner owner, TcpclSession session)
{
    private BundleBuffer? _buffer;
    private int _length;
    private int _reserved;
    private long _announced;
    private ulong _remaining;
    private TcpclMessage _segment;
    private ulong _transfer;
    private bool _isOpen;
    private bool _isRefused;
    private long _unsettledBytes;

    /// <summary>Whether data of a segment is to come.</summary>
    public bool IsInSegment { get; private set; }

    /// <summary>The reception to wait for before reading on; null while the store keeps up.</summary>
    public Task? Backlog { get; private set; }

    /// <summary>Begins a segment.</summary>
    /// <exception cref="WireFormatException">The segment breaks the order of transfers or the agreed lengths.</exception>
    public void Begin(in TcpclMessage segment)
    {
        if (segment.Length > TcpclSessionLimits.SegmentMru)
            throw new WireFormatException($"tcpcl: expected a segment of at most {TcpclSessionLimits.SegmentMru} bytes, found {segment.Length}; closed");
        bool isStart = (segment.Flags & SegmentFlags.Start) != 0;
        if (isStart)
        {
            if (_isOpen && !_isRefused)
                throw new WireFormatException($"tcpcl: expected the rest of transfer {_transfer}, found the start of {segment.TransferId}; closed");
            _isOpen = true;
            _isRefused = false;
            _length = 0;
            _transfer = segment.TransferId;
            _announced = (long)Math.Min(segment.TotalLength ?? 0, BundleLimits.MaxBundleBytes);
            if (segment.TotalLength > BundleLimits.MaxBundleBytes)
                Refuse(RefuseReason.NotAcceptable);
            else if (segment.HasUnknownCriticalExtension)
                Refuse(RefuseReason.ExtensionFailure);
        }
        else if (!_isOpen || segment.TransferId != _transfer)
        {
            throw new WireFormatException($"tcpcl: expected the start of a transfer, found a later segment of {segment.TransferId}; closed");
        }
        if (!_isRefused && segment.Length > (ulong)(BundleLimits.MaxBundleBytes - _length))
            Refuse(RefuseReason.NotAcceptable);
        _segment = segment;
        _remaining = segment.Length;
        IsInSegment = true;
        Backlog = null;
        ReadOnlySequence<byte> none = default;
        TakeData(ref none);
    }

    /// <summary>Takes what has come of the segment's data.</summary>
    public void TakeData(ref ReadOnlySequence<byte> buffer)
    {
        int count = (int)Math.Min((ulong)buffer.Length, _remaining);
        if (count > 0)
        {
            if (!_isRefused && Grow(_length + count))
            {
                buffer.Slice(0, count).CopyTo(_buffer!.GetSpan()[_length..]);
                _length += count;
            }
            buffer = buffer.Slice(count);
            _remaining -= (ulong)count;
        }
        if (_remaining == 0)
            EndSegment();
    }

    /// <summary>Room for the rest of the segment, to be read into; only for a rest of at least <paramref name="least"/> bytes that is wanted.</summary>
    public bool TryGetRoom(int least, out Memory<byte> room)
    {
        room = default;
        if (!IsInSegment || _isRefused || _remaining < (ulong)least || !Grow(_length + (int)_remaining))
            return false;
        room = _buffer!.Memory.Slice(_length, (int)_remaining);
        return true;
    }

    /// <summary>Takes what was read into the room.</summary>
    public void TakeRead(int count)
    {
        _length += count;
        _remaining -= (ulong)count;
        if (_remaining == 0)
            EndSegment();
    }

    /// <summary>Gives back what a session that ended had begun.</summary>
    public void Abandon() => Drop();

    private void EndSegment()
    {
        IsInSegment = false;
        bool isLast = (_segment.Flags & SegmentFlags.End) != 0;
        if (isLast && !_isRefused && _announced > 0 && _length != _announced)
            Refuse(RefuseReason.NotAcceptable); // §5.2.5.1: its data is invalid; and a small bundle would hold the memory of the length that was told
        if (!_isRefused)
        {
            Task<RefuseReason?>? outcome = null;
            if (isLast)
                outcome = Complete();
            session.Acknowledge(_segment.Flags, _transfer, (ulong)_length, outcome);
        }
        if (isLast)
            _isOpen = false;
    }

    private async Task<RefuseReason?> Settle(BundleBuffer bundle, int reserved)
    {
        try
        {
            return await owner.Receive(session, bundle);
        }
        finally
        {
            Interlocked.Add(ref _unsettledBytes, -reserved);
            owner.Release(reserved);
            bundle.Release();
        }
    }

    private Task<RefuseReason?> Complete()
    {
        BundleBuffer bundle = _buffer ?? owner.Rent(0);
        bundle.Shorten(_length);
        int reserved = _reserved;
        _buffer = null;
        _reserved = 0;
        Interlocked.Add(ref _unsettledBytes, reserved);
        Task<RefuseReason?> outcome = Settle(bundle, reserved);
        if (Interlocked.Read(ref _unsettledBytes) > TcpclSessionLimits.MaxOutstandingBytes)
            Backlog = outcome;
        return outcome;
    }

    private bool Grow(int needed)
    {
        if (needed <= _reserved)
            return true;
        // Reserved is the whole of a segment at once and double over several: it grows with what has come. The buffer has the announced size from the first, so that nothing is copied;
        // the system gives its pages as they are written.
        int granted = (int)Math.Min(BundleLimits.MaxBundleBytes, Math.Max(_length + (long)_remaining, 2L * _reserved));
        if (!owner.TryReserve(granted - _reserved))
        {
            Refuse(RefuseReason.NoResources);
            return false;
        }
        _reserved = granted;
        int room = _buffer?.Length ?? 0;
        if (room >= granted || (room >= needed && room == _announced))
            return true;
        BundleBuffer larger = owner.Rent((int)Math.Max(_announced, _announced >= needed ? 0 : granted));
        if (_buffer is { } smaller)
        {
            smaller.GetSpan()[.._length].CopyTo(larger.GetSpan());
            smaller.Release();
        }
        _buffer = larger;
        return true;
    }

    private void Refuse(RefuseReason reason)
    {
        _isRefused = true;
        Drop();
        session.Refuse(_transfer, reason);
    }

    private void Drop()
    {
        owner.Release(_reserved);
        _reserved = 0;
        _buffer?.Release();
        _buffer = null;
        _length = 0;
    }
}
