using System.Buffers.Binary;

namespace SatNode.Functions.Isolation;

/// <summary>What a frame is.</summary>
internal enum FrameKind
{
    /// <summary>None; never sent.</summary>
    None = 0,

    /// <summary>From a worker: it is ready.</summary>
    Ready = 1,

    /// <summary>To a worker: run an invocation. Arguments: length of the input.</summary>
    Begin = 2,

    /// <summary>From a worker: do a host call. Code: its index; arguments: the call's own, pointers into the window.</summary>
    Call = 3,

    /// <summary>To a worker: a host call's result. Code: 0, or 1 when the invocation has to end; arguments: the result.</summary>
    Reply = 4,

    /// <summary>From a worker: an invocation ended. Code: how; arguments: see <see cref="WorkerResult"/>.</summary>
    Result = 5,
}

/// <summary>A message between agent and worker: 64 bytes, little-endian, in one packet. Layout: kind, code (4 bytes each), number of the invocation (8), five arguments (8 each), fuel that is left
/// (8). What is longer lies in the shared memory.</summary>
internal struct WorkerFrame
{
    public const int ArgumentsMax = 5;

    public FrameKind Kind;
    public int Code;

    /// <summary>Rises by one with each invocation of a worker.</summary>
    public ulong Invocation;

    public Arguments Values;

    /// <summary>In a call and a result: what the function has left. In a begin: what it has. In a reply: what the call used of it.</summary>
    public ulong Fuel;

    public readonly void Write(Span<byte> bytes)
    {
        BinaryPrimitives.WriteInt32LittleEndian(bytes, (int)Kind);
        BinaryPrimitives.WriteInt32LittleEndian(bytes[4..], Code);
        BinaryPrimitives.WriteUInt64LittleEndian(bytes[8..], Invocation);
        for (int i = 0; i < ArgumentsMax; i++)
            BinaryPrimitives.WriteInt64LittleEndian(bytes[(16 + (8 * i))..], Values[i]);
        BinaryPrimitives.WriteUInt64LittleEndian(bytes[56..], Fuel);
    }

    public static WorkerFrame Read(ReadOnlySpan<byte> bytes)
    {
        var frame = new WorkerFrame
        {
            Kind = (FrameKind)BinaryPrimitives.ReadInt32LittleEndian(bytes),
            Code = BinaryPrimitives.ReadInt32LittleEndian(bytes[4..]),
            Invocation = BinaryPrimitives.ReadUInt64LittleEndian(bytes[8..]),
            Fuel = BinaryPrimitives.ReadUInt64LittleEndian(bytes[56..]),
        };
        for (int i = 0; i < ArgumentsMax; i++)
            frame.Values[i] = BinaryPrimitives.ReadInt64LittleEndian(bytes[(16 + (8 * i))..]);
        return frame;
    }

    /// <summary>Five numbers in the frame itself.</summary>
    [System.Runtime.CompilerServices.InlineArray(ArgumentsMax)]
    public struct Arguments
    {
        private long _first;
    }
}
