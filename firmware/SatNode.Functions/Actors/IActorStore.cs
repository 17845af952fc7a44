using System.Diagnostics.CodeAnalysis;
using SatNode.Protocol.Functions;

namespace SatNode.Functions.Actors;

/// <summary>Where the memories of actors go when they leave RAM. Thread-safe; the agent gives it.</summary>
public interface IActorStore
{
    /// <summary>The length of what is kept of an actor, in bytes; −1 when nothing is.</summary>
    int LengthOf(ActorAddress actor);

    /// <summary>Reads what is kept of an actor.</summary>
    bool TryRead(ActorAddress actor, [NotNullWhen(true)] out byte[]? record);

    /// <summary>Writes several as one, safe from power cuts when it returns.</summary>
    /// <returns>False when nothing was written.</returns>
    bool TryWrite(IReadOnlyList<ActorWrite> writes);
}

/// <summary>What is to be kept of an actor from now on.</summary>
/// <param name="Actor">Whose.</param>
/// <param name="Record">The bytes, as <see cref="ActorRecord"/> has them; empty for nothing.</param>
public readonly record struct ActorWrite(ActorAddress Actor, ReadOnlyMemory<byte> Record);
