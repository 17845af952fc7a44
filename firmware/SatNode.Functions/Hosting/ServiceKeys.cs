using System.Globalization;
using SatNode.Functions.Runtime;

namespace SatNode.Functions.Hosting;

/// <summary>The keys under which the node keeps objects, queues and memories of actors beside a function's state, so that all of it is committed as one. They begin with a control
/// character, which no name of a function's own may have.</summary>
public static class ServiceKeys
{
    private const char Object = '\u0001';
    private const char Queue = '\u0002';
    private const char Memory = '\u0003';

    /// <summary>True for a key of these, false for one of the function's own.</summary>
    public static bool IsService(string key) => key is [Object or Queue or Memory, ..];

    /// <summary>The key of the actor whose memory stands under a key; null for any other key.</summary>
    public static string? ActorOf(string key) => key is [Memory, ..] ? key[1..] : null;

    /// <summary>Where an object's length is kept.</summary>
    internal static string ObjectHeader(string name) => $"{Object}{name}";

    /// <summary>Where a piece of an object is kept.</summary>
    /// <param name="name">The object.</param>
    /// <param name="index">0 to <see cref="FunctionBounds.ObjectBytesMax"/> / <see cref="FunctionBounds.ObjectChunkBytes"/> − 1.</param>
    internal static string ObjectChunk(string name, int index) => string.Create(CultureInfo.InvariantCulture, $"{Object}{name}{Object}{index:x3}");

    /// <summary>Where a queue's first and next number are kept.</summary>
    internal static string QueueHeader => $"{Queue}";

    /// <summary>Where an entry of a queue is kept.</summary>
    internal static string QueueEntry(ulong number) => string.Create(CultureInfo.InvariantCulture, $"{Queue}{number:x16}");

    /// <summary>Where an actor's memory is kept while it is not in RAM.</summary>
    public static string ActorMemory(string actor) => $"{Memory}{actor}";
}
