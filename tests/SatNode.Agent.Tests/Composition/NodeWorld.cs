using System.Net;
using System.Security.Cryptography;
using Microsoft.Extensions.Time.Testing;
using SatNode.Agent.Composition;
using SatNode.Agent.Configuration;
using SatNode.Flight.Admission;
using SatNode.Flight.Invocations;
using SatNode.Flight.Model;
using SatNode.Flight.Modes;
using SatNode.Flight.Telemetry;
using SatNode.Functions.Deployments;
using SatNode.Functions.Runtime;
using SatNode.Functions.Tests.Images;
using SatNode.Network;
using SatNode.Network.State;
using SatNode.Network.Store;
using SatNode.Protocol.Cbor;
using SatNode.Protocol.Dictionary;
using SatNode.Protocol.Functions;
using SatNode.Protocol.Telemetry;

namespace SatNode.Agent.Tests.Composition;

/// <summary>A node's functions, state and scheduler, joined as in the agent, with admission that admits and a clock that stands still.</summary>
internal sealed class NodeWorld : IEventSink, IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly string _folder = Directory.CreateTempSubdirectory("satnode-node-").FullName;
    private readonly FlightDatabase _database;
    private readonly Outbox _outbox;
    private readonly FunctionRuntime _runtime;
    private readonly SignedImages _images;
    private readonly BundleStore _bundles;
    private readonly DtnNode _network;
    private readonly List<string> _raised = [];

    public NodeWorld()
    {
        _database = FlightDatabase.Open(Path.Combine(_folder, "flight.db"));
        _outbox = new(_database, Time);
        _runtime = new(new() { CacheFolder = Path.Combine(_folder, "compiled") });
        _images = new(_folder, Assert.Fail);
        Deployments = new(Path.Combine(_folder, "functions"), 64, _images.Store, _runtime, manifest => manifest, Assert.Fail);
        Workflows = new(Path.Combine(_folder, "workflows"), Assert.Fail);
        States = StateStore.Open(new() { Path = Path.Combine(_folder, "state.db") });
        var options = new AgentOptions
        {
            Node = "here",
            NodeNumber = 1,
            DataFolder = _folder,
            Orbit = null!,
            Sensors = null!,
            Battery = null!,
            Ground = null!,
            Commanding = null!,
            Functions = null!,
            Network = new(0, [new("there", 2, [])], [], [], "127.0.0.1"),
        };
        _bundles = BundleStore.Open(new(), Time);
        _network = new(new() { Node = 1, Listen = new IPEndPoint(IPAddress.Loopback, 0) }, _bundles, Time);
        var quarantine = new Quarantine(_database, this);
        var profiles = new FunctionProfiles(_database, _outbox);
        Functions = new("here", 1, Deployments, _runtime, Workflows, Triggers, States, new NodeDirectory(options), new(), _outbox, this, Time, image: null, quarantine, profiles, loadRate: 1);
        Own = new(States, Functions.Actors.Memories, [1, 2], 1, Time);
        Scheduler = new(Functions, new(new(), [new Anything()]), new(), new OnboardModel(new() { BatteryCapacity = new(427_680) }).Energy, new ModeController(new(), _database, this, Time), this, Time, 1,
            quarantine, profiles, runningMax: 4);
        Functions.Attach(Scheduler, new(_network, States, Functions, Time));
    }

    public FakeTimeProvider Time { get; } = new(new(2026, 11, 1, 12, 0, 0, TimeSpan.Zero));

    public FunctionDeployments Deployments { get; }

    public WorkflowRegistry Workflows { get; }

    public TriggerBoard Triggers { get; } = new();

    public StateStore States { get; }

    /// <summary>The functions' state, to be changed by a test.</summary>
    public FunctionStates Own { get; }

    public NodeFunctions Functions { get; }

    public InvocationScheduler Scheduler { get; }

    /// <summary>Called on a function's thread with each line that it logs.</summary>
    public Action<string, string>? OnLog { get; set; }

    public IReadOnlyList<string> Raised
    {
        get
        {
            lock (_raised)
                return [.. _raised];
        }
    }

    /// <summary>A reactor: "key" stands at 16, "other" at 32, its input is put at 4096.</summary>
    public static byte[] Reactor(string handle, string before = "") => Wasmtime.Module.ConvertText($"""
        (module
          (import "satnode" "state_get" (func $state_get (param i32 i32 i32 i32) (result i32)))
          (import "satnode" "log" (func $log (param i32 i32 i32)))
          {before}
          (memory (export "memory") 1)
          (data (i32.const 16) "key") (data (i32.const 32) "other")
          (func (export "satnode_alloc") (param i32) (result i32) i32.const 4096)
          (func (export "satnode_handle") (param i32 i32) (result i64) {handle}))
        """);

    /// <summary>Logs once and gives its input back.</summary>
    public static byte[] Says { get; } = Reactor("""
        (call $log (i32.const 1) (i32.const 16) (i32.const 3)) (i64.or (i64.shl (i64.extend_i32_u (local.get 0)) (i64.const 32)) (i64.extend_i32_u (local.get 1)))
        """);

    /// <summary>Gives back what it reads under "key" and "other", one after the other.</summary>
    public static byte[] Reads { get; } = Reactor("""
        (i64.or (i64.const 0x800_0000_0000) (i64.extend_i32_u (i32.add
          (call $state_get (i32.const 16) (i32.const 3) (i32.const 0x800) (i32.const 64))
          (call $state_get (i32.const 32) (i32.const 5) (i32.const 0x801) (i32.const 64)))))
        """);

    public FunctionManifest Deploy(string name, byte[] module, string[]? prefetch = null, params FunctionTrigger[] triggers)
    {
        return Deploy(new FunctionManifest
        {
            Name = name,
            Version = "1",
            Kind = FunctionKind.Reactor,
            ModuleDigest = SHA256.HashData(module),
            Needs = FunctionNeeds.State,
            Prefetch = prefetch ?? [],
            Triggers = triggers,
        }, module);
    }

    public FunctionManifest Deploy(FunctionManifest manifest, byte[] module)
    {
        FunctionManifest deployed = _images.Deploy(Deployments, manifest, module).Manifest;
        Triggers.Add(deployed, Time.GetUtcNow());
        return deployed;
    }

    /// <summary>Two stages, the second placed where it is told.</summary>
    public void Chain(string first, string second, string on = "here") => Assert.True(Workflows.TryAdd(new()
    {
        Name = "chain",
        Stages = [new("one", first, [], ["here"]), new("two", second, ["one"], [on])],
    }));

    public void Put(string function, string key, byte[] value) =>
        Assert.Equal(CommitResult.Committed, Own.Commit([new(function, [new(key, value)], [])], 0));

    /// <summary>Puts all machine code away.</summary>
    public void MakeCold()
    {
        Deployments.ReleaseIdle(DateTimeOffset.MaxValue);
        Assert.All(Deployments.Manifests, manifest => Assert.False(Deployments.Find(manifest.Name)!.IsLoaded));
    }

    /// <summary>The output that a function's last report carries; null when there is none yet.</summary>
    public byte[]? OutputOf(string function) => _outbox.Peek(1000)
        .Where(record => record.Stream == TelemetryStream.Function)
        .Select(record => CborDecoder.Decode<TelemetryRecord<InvocationReport>>(record.Payload).Body)
        .LastOrDefault(report => report.Function == function && report.Result == InvocationResult.Completed)?.Output.ToArray();

    /// <summary>Ticks until it holds.</summary>
    public async Task Until(Func<bool> holds)
    {
        using var patience = new CancellationTokenSource(Patience);
        while (!holds())
        {
            patience.Token.ThrowIfCancellationRequested();
            Scheduler.Tick();
            await Task.Yield();
        }
    }

    /// <summary>Waits, on a function's thread, until it holds.</summary>
    public static void Wait(Func<bool> holds)
    {
        using var patience = new CancellationTokenSource(Patience);
        while (!holds())
        {
            patience.Token.ThrowIfCancellationRequested();
            Thread.Yield();
        }
    }

    /// <summary>How often an event was raised that begins so.</summary>
    public int Count(string begins) => Raised.Count(raised => raised.StartsWith(begins, StringComparison.Ordinal));

    public void Raise(EventDefinition definition, params ReadOnlySpan<ArgumentValue> arguments)
    {
        string text = definition.Name;
        foreach (ArgumentValue argument in arguments)
            text += $" {argument}";
        lock (_raised)
            _raised.Add(text);
        if (definition == Events.FunctionLogged)
            OnLog?.Invoke(arguments[0].ToString(), arguments[1].ToString());
    }

    public async ValueTask DisposeAsync()
    {
        await Scheduler.DisposeAsync();
        await _network.DisposeAsync();
        await _bundles.DisposeAsync();
        Deployments.Dispose();
        _images.Dispose();
        _runtime.Dispose();
        States.Dispose();
        _outbox.Dispose();
        _database.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    private sealed class Anything : IConstraint
    {
        public string Name => "anything";

        public bool MayImprove => true;

        public Margin Judge(in AdmissionRequest request, in Candidate candidate) => new(Name, Quantity.Temperature, Bound.AtMost, 1, 2);
    }
}
