using SatNode.Protocol.Cbor;
using SatNode.Protocol.Dictionary;
using SatNode.Protocol.Telemetry;

namespace SatNode.Ground.Twins;

/// <summary>How records change what is known of a satellite. Pure: no I/O and no clock. A record may come late; what is older never replaces what is newer.</summary>
internal sealed class TwinModel(string node)
{
    /// <summary>Functions, profiles, workflows, running invocations and links that are kept, each.</summary>
    public const int ItemsMax = 256;

    private readonly SortedDictionary<string, DeployedFunction> _functions = new(StringComparer.Ordinal);
    private readonly SortedDictionary<string, (ProfileState State, (uint Boot, ulong Sequence) Order)> _profiles = new(StringComparer.Ordinal);
    private readonly SortedSet<string> _workflows = new(StringComparer.Ordinal);
    private readonly Dictionary<string, RunningInvocation> _running = new(StringComparer.Ordinal);
    private readonly Queue<string> _ended = new();
    private readonly SortedDictionary<string, (LinkState State, ulong Order)> _links = new(StringComparer.Ordinal);
    private IReadOnlyDictionary<ushort, double> _housekeeping = new Dictionary<ushort, double>();
    private (uint Boot, ulong Sequence) _housekeepingOrder;
    private (uint Boot, ulong Sequence) _eventOrder;
    private long _housekeepingTime;
    private long _lastSeen;
    private long _lastId;
    private long _completed;
    private long _failed;
    private uint _boot;
    private string _lastEvent = "";
    private (string Version, uint Boot) _agent = ("", 0);
    private bool _isReachable;
    private long _contactSince;

    /// <summary>Takes in a record unless it was taken in before.</summary>
    public void Apply(TwinRecord record)
    {
        if (record.Id <= _lastId)
            return;
        _lastId = record.Id;
        _lastSeen = Math.Max(_lastSeen, record.ReceivedMilliseconds);
        switch (record.Stream)
        {
            case TelemetryStream.Housekeeping: Apply(CborDecoder.Decode<TelemetryRecord<Housekeeping>>(record.Payload)); break;
            case TelemetryStream.Event: Apply(CborDecoder.Decode<TelemetryRecord<EventReport>>(record.Payload)); break;
            case TelemetryStream.Function: Apply(CborDecoder.Decode<TelemetryRecord<InvocationReport>>(record.Payload).Body); break;
            case TelemetryStream.Link: Apply(CborDecoder.Decode<TelemetryRecord<LinkReport>>(record.Payload)); break;
            case TelemetryStream.Profile: Apply(CborDecoder.Decode<TelemetryRecord<FunctionProfile>>(record.Payload)); break;
            case TelemetryStream.Verification: break; // the command's own history has it
            default: throw new ArgumentOutOfRangeException(nameof(record), record.Stream, "expected a stream");
        }
    }

    /// <summary>Ignores records up to an id: they are in what was loaded.</summary>
    public void LoadedUpTo(long id) => _lastId = Math.Max(_lastId, id);

    /// <summary>Takes in a change of contact.</summary>
    public void SetContact(bool isReachable, long sinceMilliseconds) => (_isReachable, _contactSince) = (isReachable, sinceMilliseconds);

    /// <summary>What is known now.</summary>
    public TwinState State => new()
    {
        Node = node,
        IsReachable = _isReachable,
        ContactSince = _contactSince,
        LastSeen = _lastSeen,
        Boot = _boot,
        HousekeepingTime = _housekeepingTime,
        Housekeeping = _housekeeping,
        Functions = _functions.Values.ToArray(), // arrays: what a cluster can carry
        Workflows = _workflows.ToArray(),
        Running = _running.Values.OrderBy(running => running.Since).ToArray(),
        Links = _links.Values.Select(link => link.State).ToArray(),
        LastEvent = _lastEvent,
        InvocationsCompleted = _completed,
        InvocationsFailed = _failed,
        AgentVersion = _agent.Version,
        Profiles = _profiles.Values.Select(profile => profile.State).ToArray(),
    };

    private void Apply(TelemetryRecord<Housekeeping> record)
    {
        if ((record.Boot, record.Sequence).CompareTo(_housekeepingOrder) <= 0)
            return;
        _housekeepingOrder = (record.Boot, record.Sequence);
        _boot = Math.Max(_boot, record.Boot);
        _housekeepingTime = (long)record.Time.Milliseconds;
        _housekeeping = record.Body.Samples.ToDictionary(sample => sample.ParameterId, sample => sample.Value);
    }

    private void Apply(TelemetryRecord<EventReport> record)
    {
        if ((record.Boot, record.Sequence).CompareTo(_eventOrder) > 0)
        {
            _eventOrder = (record.Boot, record.Sequence);
            _lastEvent = record.Body.ToText();
        }
        _boot = Math.Max(_boot, record.Boot);
        long time = (long)record.Time.Milliseconds;
        EventReport report = record.Body;
        EventDefinition? definition = Events.Find(report.EventId);
        if (definition == Events.AgentStarted)
        {
            _running.Clear();
            if (record.Boot >= _agent.Boot)
                _agent = (Text(report, "version") ?? "", record.Boot);
        }
        else if (definition == Events.FunctionDeployed && Text(report, "function") is { } deployed && _functions.Count < ItemsMax)
            _functions[deployed] = new(deployed, Text(report, "version") ?? "", Text(report, "digest") ?? "", time);
        else if (definition == Events.FunctionUndeployed && Text(report, "function") is { } undeployed)
        {
            _functions.Remove(undeployed);
            if (_profiles.TryGetValue(undeployed, out (ProfileState State, (uint, ulong)) profile) && profile.State.Reported <= time)
                _profiles.Remove(undeployed);
        }
        else if (definition == Events.WorkflowDeployed && Text(report, "workflow") is { } workflow && _workflows.Count < ItemsMax)
            _workflows.Add(workflow);
        else if (definition == Events.InvocationStarted && Text(report, "invocation") is { } started)
            Start(started, Text(report, "function") ?? "", time);
        else if ((definition == Events.InvocationCompleted || definition == Events.InvocationFailed || definition == Events.InvocationOffloaded
            || definition == Events.InvocationRefused) && Text(report, "invocation") is { } ended)
            End(ended);
    }

    private void Apply(InvocationReport report)
    {
        End(report.InvocationId);
        if (report.Result == InvocationResult.Completed)
            _completed++;
        else if (report.Result != InvocationResult.Offloaded)
            _failed++;
    }

    private void Apply(TelemetryRecord<LinkReport> record)
    {
        LinkReport link = record.Body;
        ulong order = record.Time.Milliseconds;
        if (_links.TryGetValue(link.Peer, out (LinkState, ulong Order) known) ? order >= known.Order : _links.Count < ItemsMax)
            _links[link.Peer] = (new(link.Peer, link.IsUp, link.BundlesSent, link.BundlesReceived, link.BytesSent, link.BytesReceived), order);
    }

    private void Apply(TelemetryRecord<FunctionProfile> record)
    {
        (uint, ulong) order = (record.Boot, record.Sequence);
        string function = record.Body.Function;
        if (_profiles.TryGetValue(function, out (ProfileState, (uint, ulong) Order) known) ? order.CompareTo(known.Order) > 0 : _profiles.Count < ItemsMax)
            _profiles[function] = (ProfileState.Of(record), order);
    }

    private void Start(string invocation, string function, long time)
    {
        if (_running.Count < ItemsMax && !_ended.Contains(invocation, StringComparer.Ordinal))
            _running[invocation] = new(function, invocation, time);
    }

    private void End(string invocation)
    {
        _running.Remove(invocation);
        _ended.Enqueue(invocation); // its start may come later
        if (_ended.Count > ItemsMax)
            _ended.Dequeue();
    }

    private static string? Text(EventReport report, string argument) =>
        report.Find(argument) is { Type: ArgumentType.Text } value ? value.AsText() : report.Find(argument)?.ToString();
}
