using System.Security.Cryptography;
using System.Text;
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
using SatNode.Network.State;
using SatNode.Protocol.Dictionary;
using SatNode.Protocol.Functions;
using SatNode.Protocol.Telemetry;
using Wasmtime;

namespace SatNode.Agent.Tests.Composition;

/// <summary>Functions, scheduler and state as the agent composes them, on a disk that outlives them, with a clock that stands still.</summary>
internal sealed class ActorNode : IAsyncDisposable
{
    private const string Imports = """
        (import "satnode" "memory_get" (func $memory_get (param i32 i32) (result i32)))
        (import "satnode" "memory_put" (func $memory_put (param i32 i32) (result i32)))
        (import "satnode" "actor_policy" (func $actor_policy (param i32 i32) (result i32)))
        (import "satnode" "state_get" (func $state_get (param i32 i32 i32 i32) (result i32)))
        (import "satnode" "state_put" (func $state_put (param i32 i32 i32 i32) (result i32)))
        (import "satnode" "send" (func $send (param i32 i32 i32 i32 i32) (result i32)))
        (import "satnode" "log" (func $log (param i32 i32 i32)))
        (import "satnode" "state_compare_and_set" (func $state_compare_and_set (param i32 i32 i32 i32 i64) (result i32)))
        (import "satnode" "state_version" (func $state_version (param i32 i32) (result i64)))
        (import "satnode" "emit" (func $emit (param i32 i32 i32 i32) (result i32)))
        (import "satnode" "invoke" (func $invoke (param i32 i32 i32 i32) (result i32)))
        (import "satnode" "invoke_output" (func $invoke_output (param i32 i32) (result i32)))
        """;

    private readonly FlightDatabase _database;
    private readonly Outbox _outbox;
    private readonly FunctionRuntime _runtime = new(new FunctionRuntimeOptions { InstancesMax = 4 });
    private readonly SignedImages _images;
    private readonly FunctionDeployments _deployments;
    private readonly FakeTimeProvider _time;
    private readonly TriggerBoard _triggers = new();
    private int _ended;

    public ActorNode(string folder, FakeTimeProvider time, long stateBytesMax = 1024 * 1024)
    {
        _time = time;
        _database = FlightDatabase.Open(Path.Combine(folder, "flight.db"));
        _outbox = new(_database, time);
        _images = new(folder, text => Assert.Fail(text));
        _deployments = new(Path.Combine(folder, "functions"), 16, _images.Store, _runtime, manifest => manifest, text => Assert.Fail(text));
        States = StateStore.Open(new() { Path = Path.Combine(folder, "state.db"), MaxBytes = stateBytesMax });
        var directory = new NodeDirectory(new AgentOptions
        {
            Node = "p01-s02",
            NodeNumber = 2,
            DataFolder = folder,
            Orbit = null!,
            Sensors = null!,
            Battery = null!,
            Ground = null!,
            Commanding = null!,
            Functions = null!,
            Network = new(0, [], [], []),
        });
        var quarantine = new Quarantine(_database, Events);
        FunctionProfiles profiles = Profiles = new(_database, _outbox);
        Functions = new("p01-s02", 2, _deployments, _runtime, new(Path.Combine(folder, "workflows"), Assert.Fail), _triggers, States, directory, new(), _outbox, Events, time, null, quarantine,
            profiles, 1);
        var model = new OnboardModel(new ModelOptions { BatteryCapacity = new(427_680) });
        Scheduler = new(Functions, new(new AdmissionOptions(), [new ModeConstraint()]), new(), model.Energy, new ModeController(new ModeOptions(), _database, Events, TimeProvider.System), Events, time, 1,
            quarantine, profiles, runningMax: 4);
        Functions.Attach(Scheduler, null!); // nothing here goes to another node
        foreach (FunctionManifest manifest in _deployments.Manifests)
            _triggers.Add(manifest, time.GetUtcNow());
    }

    public StateStore States { get; }

    public NodeFunctions Functions { get; }

    public FunctionProfiles Profiles { get; }

    public InvocationScheduler Scheduler { get; }

    public KeptEvents Events { get; } = new();

    /// <summary>A reactor whose handler is <paramref name="body"/>; locals 0 and 1 are the message, the text at 16 is <paramref name="text"/>, a scratch area begins at 1024.</summary>
    public static byte[] Reactor(string body, string text = "") => Module.ConvertText($"""
        (module {Imports} (memory (export "memory") 2) (data (i32.const 16) "{text}")
          (func (export "satnode_alloc") (param i32) (result i32) i32.const 65536)
          (func (export "satnode_handle") (param i32 i32) (result i64) (local $n i32) {body}))
        """);

    /// <summary>An actor that adds each message to what it remembers, and gives all of it.</summary>
    public static byte[] Remembers { get; } = Reactor("""
        (local.set $n (call $memory_get (i32.const 1024) (i32.const 4096)))
        (if (i32.lt_s (local.get $n) (i32.const 0)) (then (local.set $n (i32.const 0))))
        (memory.copy (i32.add (i32.const 1024) (local.get $n)) (local.get 0) (local.get 1))
        (local.set $n (i32.add (local.get $n) (local.get 1)))
        (if (call $memory_put (i32.const 1024) (local.get $n)) (then unreachable))
        (i64.or (i64.shl (i64.const 1024) (i64.const 32)) (i64.extend_i32_u (local.get $n)))
        """);

    public void Deploy(string name, byte[] module, FunctionActor? actor, IReadOnlyList<FunctionTrigger>? triggers = null, string version = "1")
    {
        var manifest = new FunctionManifest
        {
            Name = name,
            Version = version,
            Kind = FunctionKind.Reactor,
            ModuleDigest = SHA256.HashData(module),
            Needs = FunctionNeeds.State,
            Actor = actor,
            Triggers = triggers ?? [],
            Limits = new() { InvocationsPerSecondMax = 1000, InvocationsPerOrbitMax = 10_000 },
        };
        DeployedFunction deployed = _images.Deploy(_deployments, manifest, module);
        _triggers.Add(deployed.Manifest, _time.GetUtcNow());
    }

    public void Undeploy(string name)
    {
        _triggers.Remove(name);
        Assert.True(_deployments.Undeploy(name));
        Functions.Forget(name);
    }

    /// <summary>Sends a message and gives the answer when it came.</summary>
    public Task<ExecutionResult> Send(string address, string message)
    {
        Assert.True(ActorAddress.TryParse(address, out ActorAddress actor));
        var answer = new TaskCompletionSource<ExecutionResult>(TaskCreationOptions.RunContinuationsAsynchronously);
        Assert.True(Functions.Trigger(actor.Function, InputSource.Bytes, Encoding.UTF8.GetBytes(message), answer.SetResult, actor: actor.Key));
        return answer.Task;
    }

    /// <summary>Sends a message, ticks until it is answered, and gives the output, or how it ended.</summary>
    public async Task<string> Ask(string address, string message) => await Answer(Send(address, message));

    /// <summary>Ticks until there is an answer, and gives the output, or how it ended.</summary>
    public async Task<string> Answer(Task<ExecutionResult> answer)
    {
        await Until(() => answer.IsCompleted);
        ExecutionResult result = await answer;
        return result.Result == InvocationResult.Completed ? Encoding.UTF8.GetString(result.Output.Span) : $"{result.Result}: {result.Reason}";
    }

    /// <summary>Ticks until a condition holds.</summary>
    public async Task Until(Func<bool> condition)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        while (!condition())
        {
            patience.Token.ThrowIfCancellationRequested();
            Scheduler.Tick();
            await Task.Yield();
        }
    }

    /// <summary>Ends as the agent does when it is asked to.</summary>
    public async Task Stop()
    {
        await Scheduler.DisposeAsync();
        Functions.Actors.PassivateAll();
        await DisposeAsync();
    }

    /// <summary>Ends as in a power cut: nothing is put to disk.</summary>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _ended, 1) != 0)
            return;
        await Scheduler.DisposeAsync();
        _deployments.Dispose();
        _images.Dispose();
        _runtime.Dispose();
        States.Dispose();
        _outbox.Dispose();
        _database.Dispose();
    }

    /// <summary>Keeps the names of what was raised, with the arguments.</summary>
    internal sealed class KeptEvents : IEventSink
    {
        private readonly List<string> _raised = [];

        /// <summary>Called on the thread that raised, a function's own when it logs.</summary>
        public Action<string>? OnRaised { get; set; }

        public IReadOnlyList<string> Raised
        {
            get
            {
                lock (_raised)
                    return [.. _raised];
            }
        }

        public void Raise(EventDefinition definition, params ReadOnlySpan<ArgumentValue> arguments)
        {
            string text = definition.Name;
            foreach (ArgumentValue argument in arguments)
                text += $" {argument}";
            lock (_raised)
                _raised.Add(text);
            OnRaised?.Invoke(text);
        }
    }
}
