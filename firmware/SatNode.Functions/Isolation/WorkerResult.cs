using System.Text;
using SatNode.Functions.Runtime;
using SatNode.Protocol.Functions;

namespace SatNode.Functions.Isolation;

/// <summary>How an invocation ended in a worker, as its last frame says. Frame: code is the end (bits 0 to 7), whether it gave up by itself (8) and what it started from (16 to 23); arguments are the
/// length of the output in the window, the highest memory, host calls, lost log lines, and the lengths of limit and reason (32 bits each), which stand in the header.</summary>
internal readonly record struct WorkerResult(
    InvocationEnd End, bool GaveUp, InstanceStart Start, int OutputBytes, long MemoryBytesHighest, int HostCalls, int LogLinesLost, string Limit, string Reason)
{
    private const int LimitBytesMax = 64;

    /// <summary>Writes the words into the header and the rest into a frame; the output is in the window already.</summary>
    public static WorkerFrame Write(in InvocationOutcome outcome, Span<byte> header)
    {
        int limit = Fit(outcome.Limit, header[..LimitBytesMax]), reason = Fit(outcome.Reason, header.Slice(limit, WorkerBounds.ReasonBytesMax));
        var frame = new WorkerFrame { Kind = FrameKind.Result, Code = (int)outcome.End | (outcome.GaveUp ? 1 << 8 : 0) | ((int)outcome.Start << 16) };
        frame.Values[0] = outcome.OutputBytes;
        frame.Values[1] = outcome.MemoryBytesHighest;
        frame.Values[2] = outcome.HostCalls;
        frame.Values[3] = outcome.LogLinesLost;
        frame.Values[4] = ((long)limit << 32) | (uint)reason;
        return frame;
    }

    /// <summary>Reads what a worker said, which may be anything.</summary>
    /// <exception cref="WorkerFaultException">It cannot be so.</exception>
    public static WorkerResult Read(WorkerFrame frame, ReadOnlySpan<byte> header, FunctionManifest manifest)
    {
        FunctionLimits limits = manifest.Limits;
        var end = (InvocationEnd)(frame.Code & 0xff);
        var start = (InstanceStart)((frame.Code >> 16) & 0xff);
        if (end is not (InvocationEnd.Completed or InvocationEnd.Trapped or InvocationEnd.OutOfFuel or InvocationEnd.DeadlineExceeded or InvocationEnd.OutOfMemory
            or InvocationEnd.BadModule or InvocationEnd.Cancelled))
            throw new WorkerFaultException($"result: expected an end that a function can come to, found {(int)end}");
        Require(frame.Code >>> 24, 0, "result: bits");
        Require((int)start, (int)InstanceStart.Warm, "result: start");
        Require(frame.Values[0], end == InvocationEnd.Completed ? limits.OutputBytesMax : 0, "result: bytes of output");
        Require(frame.Values[1], limits.MemoryBytesMax, "result: bytes of memory");
        Require(frame.Values[2], limits.HostCallsMax + 1L, "result: host calls");
        Require(frame.Values[3], int.MaxValue, "result: log lines");
        Require(frame.Values[4] >> 32, LimitBytesMax, "result: bytes of a limit's name");
        Require(frame.Values[4] & uint.MaxValue, WorkerBounds.ReasonBytesMax, "result: bytes of a reason");
        int limit = (int)(frame.Values[4] >> 32), reason = (int)(frame.Values[4] & uint.MaxValue);
        return new(end, (frame.Code & (1 << 8)) != 0, start, (int)frame.Values[0], frame.Values[1], (int)frame.Values[2], (int)frame.Values[3], Words(header[..limit]),
            Words(header.Slice(limit, reason)));
    }

    private static void Require(long value, long max, string what)
    {
        if (value < 0 || value > max)
            throw new WorkerFaultException($"{what}: expected 0 to {max}, found {value}");
    }

    private static int Fit(string text, Span<byte> into)
    {
        Encoding.UTF8.GetEncoder().Convert(text, into, flush: true, out _, out int written, out _);
        return written;
    }

    // Read once, by a copy; words for people, whatever stands there.
    private static string Words(ReadOnlySpan<byte> bytes) => bytes.IsEmpty ? ""
        : new string([.. Encoding.UTF8.GetString(bytes.ToArray()).Select(c => char.IsControl(c) ? ' ' : c)]);
}
