using SatNode.Protocol.Telemetry;

namespace SatNode.Ground.Twins;

/// <summary>The twin of one satellite, keyed by the satellite's name: what the ground knows of it now. Rebuilds itself from the archive.</summary>
public interface ISatelliteTwin : IGrainWithStringKey
{
    /// <summary>Takes in records that were archived, in the order of storing.</summary>
    Task Apply(IReadOnlyList<TwinRecord> records);

    /// <summary>Takes in a change of contact.</summary>
    /// <param name="isReachable">True while telecommands reach the satellite.</param>
    /// <param name="sinceMilliseconds">Since when, DTN time in ms.</param>
    Task SetContact(bool isReachable, long sinceMilliseconds);

    /// <summary>The twin as it stands.</summary>
    Task<TwinState> Get();
}

/// <summary>An archived record for a twin.</summary>
/// <param name="Id">Rises with the order of storing.</param>
/// <param name="Stream">The stream.</param>
/// <param name="Payload">The payload as it was received.</param>
/// <param name="ReceivedMilliseconds">When it was received, DTN time in ms.</param>
[GenerateSerializer, Immutable]
public sealed record TwinRecord([property: Id(0)] long Id, [property: Id(1)] TelemetryStream Stream, [property: Id(2)] byte[] Payload, [property: Id(3)] long ReceivedMilliseconds);

/// <summary>What the ground knows of a satellite now. Times are DTN time in ms, 0 when it never happened.</summary>
[GenerateSerializer, Immutable]
public sealed record TwinState
{
    /// <summary>The satellite's name.</summary>
    [Id(0)] public string Node { get; init; } = "";

    /// <summary>True while telecommands reach it.</summary>
    [Id(1)] public bool IsReachable { get; init; }

    /// <summary>When that changed last.</summary>
    [Id(2)] public long ContactSince { get; init; }

    /// <summary>When the last record was received.</summary>
    [Id(3)] public long LastSeen { get; init; }

    /// <summary>The boot counter of the latest record.</summary>
    [Id(4)] public uint Boot { get; init; }

    /// <summary>When the latest housekeeping was generated on board.</summary>
    [Id(5)] public long HousekeepingTime { get; init; }

    /// <summary>The latest housekeeping: values by the parameter's number.</summary>
    [Id(6)] public IReadOnlyDictionary<ushort, double> Housekeeping { get; init; } = new Dictionary<ushort, double>();

    /// <summary>The functions on the satellite.</summary>
    [Id(7)] public IReadOnlyList<DeployedFunction> Functions { get; init; } = Array.Empty<DeployedFunction>();

    /// <summary>The workflows known to the satellite.</summary>
    [Id(8)] public IReadOnlyList<string> Workflows { get; init; } = Array.Empty<string>();

    /// <summary>What runs.</summary>
    [Id(9)] public IReadOnlyList<RunningInvocation> Running { get; init; } = Array.Empty<RunningInvocation>();

    /// <summary>Links with their counters.</summary>
    [Id(10)] public IReadOnlyList<LinkState> Links { get; init; } = Array.Empty<LinkState>();

    /// <summary>The text of the latest event.</summary>
    [Id(11)] public string LastEvent { get; init; } = "";

    /// <summary>Invocations reported as completed, of those the twin looked at.</summary>
    [Id(12)] public long InvocationsCompleted { get; init; }

    /// <summary>Invocations reported with another end but offloading, of those the twin looked at.</summary>
    [Id(13)] public long InvocationsFailed { get; init; }

    /// <summary>The agent's version, empty when it was never reported.</summary>
    [Id(14)] public string AgentVersion { get; init; } = "";

    /// <summary>What the functions on the satellite did, as it told last.</summary>
    [Id(15)] public IReadOnlyList<ProfileState> Profiles { get; init; } = Array.Empty<ProfileState>();
}

/// <summary>A function on a satellite.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Version">Its version.</param>
/// <param name="Digest">The image's digest.</param>
/// <param name="Since">When it was deployed, DTN time in ms.</param>
[GenerateSerializer, Immutable]
public sealed record DeployedFunction([property: Id(0)] string Name, [property: Id(1)] string Version, [property: Id(2)] string Digest, [property: Id(3)] long Since);

/// <summary>An invocation that runs.</summary>
/// <param name="Function">The function.</param>
/// <param name="Invocation">The invocation's id.</param>
/// <param name="Since">When it started, DTN time in ms.</param>
[GenerateSerializer, Immutable]
public sealed record RunningInvocation([property: Id(0)] string Function, [property: Id(1)] string Invocation, [property: Id(2)] long Since);

/// <summary>A link of a satellite.</summary>
/// <param name="Peer">The neighbour.</param>
/// <param name="IsUp">True while there is a session.</param>
/// <param name="BundlesSent">Bundles sent since boot.</param>
/// <param name="BundlesReceived">Bundles received since boot.</param>
/// <param name="BytesSent">Bytes sent since boot.</param>
/// <param name="BytesReceived">Bytes received since boot.</param>
[GenerateSerializer, Immutable]
public sealed record LinkState([property: Id(0)] string Peer, [property: Id(1)] bool IsUp, [property: Id(2)] ulong BundlesSent, [property: Id(3)] ulong BundlesReceived,
    [property: Id(4)] ulong BytesSent, [property: Id(5)] ulong BytesReceived);
