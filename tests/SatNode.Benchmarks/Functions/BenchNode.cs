using System.Net;
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
using SatNode.Protocol.Dictionary;
using SatNode.Protocol.Functions;
using SatNode.Protocol.Telemetry;

namespace SatNode.Benchmarks.Functions;

/// <summary>A node's functions, state and scheduler as in the agent, on disk, with an admission that admits and a tick that follows at once when something has ended.</summary>
internal sealed class BenchNode : IInvocationHost, IEventSink, IAsyncDisposable
{
    private const string Name = "here";

    private readonly FlightDatabase _database;
    private readonly Outbox _outbox;
    private readonly BundleStore _bundles;
    private readonly DtnNode _network;
    private readonly SignedImages _images;
    private readonly FunctionDeployments _deployments;
    private readonly WorkflowRegistry _workflows;
    private readonly InvocationScheduler _scheduler;
    private readonly SemaphoreSlim _ended = new(0);
    private string _last = "";
    private string _failed = "";
    private bool _isDone;
    private int _told;
    private int _stages;
    private string _run = "";

    public BenchNode(Workspace workspace)
    {
        string folder = workspace.Fresh("node");
        Directory.CreateDirectory(folder);
        TimeProvider time = TimeProvider.System;
        _database = FlightDatabase.Open(Path.Combine(folder, "flight.db"));
        _outbox = new(_database, time);
        Runtime = new(new() { CacheFolder = Path.Combine(folder, "compiled") });
        _images = new(folder, Check.Fail);
        _deployments = new(Path.Combine(folder, "functions"), 16, _images.Store, Runtime, manifest => manifest, Check.Fail);
        _workflows = new(Path.Combine(folder, "workflows"), Check.Fail);
        States = StateStore.Open(new() { Path = Path.Combine(folder, "state.db") });
        _bundles = BundleStore.Open(new(), time);
        _network = new(new() { Node = 1, Listen = new IPEndPoint(IPAddress.Loopback, 0) }, _bundles, time);
        var options = new AgentOptions
        {
            Node = Name,
            NodeNumber = 1,
            DataFolder = folder,
            Orbit = null!,
            Sensors = null!,
            Battery = null!,
            Ground = null!,
            Commanding = null!,
            Functions = null!,
            Network = new(0, [], [], [], "127.0.0.1"),
        };
        var quarantine = new Quarantine(_database, this);
        var profiles = new FunctionProfiles(_database, _outbox);
        Functions = new(Name, 1, _deployments, Runtime, _workflows, new(), States, new(options), new(), _outbox, this, time, image: null, quarantine, profiles, loadRate: 1);
        _scheduler = new(this, new(new(), [new Anything()]), new(), new OnboardModel(new() { BatteryCapacity = new(427_680) }).Energy, new ModeController(new(), _database, this, time), this, time, 1, quarantine,
            profiles);
        Functions.Attach(_scheduler, new(_network, States, Functions, time));
    }

    public FunctionRuntime Runtime { get; }

    public StateStore States { get; }

    public NodeFunctions Functions { get; }

    public DeployedFunction Deploy(string name, byte[] module, int keys = 0)
    {
        FunctionManifest manifest = Reactors.Manifest(name, module);
        return _images.Deploy(_deployments, manifest with
        {
            Needs = FunctionNeeds.State,
            Prefetch = [.. Enumerable.Range(0, keys).Select(i => $"k{i}")],
            Limits = manifest.Limits with { InvocationsPerOrbitMax = FunctionLimits.InvocationsPerOrbitCeiling, InvocationsPerSecondMax = FunctionLimits.InvocationsPerSecondCeiling },
        }, module);
    }

    /// <summary>A workflow of functions that follow each other on this node.</summary>
    public void Chain(params string[] functions)
    {
        _stages = functions.Length;
        Check.That(_workflows.TryAdd(new()
        {
            Name = "chain",
            Stages = [.. functions.Select((function, i) => new WorkflowStage($"s{i}", function, i == 0 ? [] : [$"s{i - 1}"], [Name]))],
        }), "a workflow");
    }

    /// <summary>Gives all instances and machine code up.</summary>
    public void MakeCold() => _deployments.ReleaseIdle(DateTimeOffset.MaxValue);

    /// <summary>Runs the workflow that a function begins until its last one has ended.</summary>
    public void Run(string first, ReadOnlyMemory<byte> input, string last)
    {
        _last = last;
        _isDone = false;
        Check.That(Functions.Trigger(first, InputSource.Bytes, input), "an invocation");
        _scheduler.Tick();
        while (!_isDone)
        {
            _ended.Wait();
            int told = _told;
            while (_told == told) // the thread that ended has yet to say so
            {
                _scheduler.Tick();
                Thread.Yield();
            }
            if (_failed.Length > 0)
                Check.Fail($"all to complete, found {_failed}");
        }
        // What was written meanwhile counts as well: all outputs but the last are on disk.
        for (int stage = 0; stage < _stages - 1; stage++)
        {
            string key = $"workflow/chain/{_run}/s{stage}";
            while (States.Describe(key).Length < 0)
                Thread.Yield();
        }
    }

    public ExecutionResult Execute(Invocation invocation, InvocationPace pace, CancellationToken cancellation)
    {
        try
        {
            return Functions.Execute(invocation, pace, cancellation);
        }
        finally
        {
            _ended.Release();
        }
    }

    public FunctionManifest? FindManifest(string function) => Functions.FindManifest(function);

    public Task<StateOrigin?> Prepare(Invocation invocation, CancellationToken cancellation) => Functions.Prepare(invocation, cancellation);

    public IReadOnlyList<Invocation> Fusible(Invocation invocation) => Functions.Fusible(invocation);

    public int InputBytes(Invocation invocation) => Functions.InputBytes(invocation);

    public ActorPolicy PolicyOf(ActorAddress actor) => Functions.PolicyOf(actor);

    public bool Deliver(Invocation invocation, ReadOnlyMemory<byte> output) => Functions.Deliver(invocation, output);

    public string? NextCandidate(Invocation invocation) => null;

    public bool TryOffload(Invocation invocation, string node) => false;

    public void Report(InvocationReport report)
    {
        // The telemetry store is measured elsewhere.
        _told++;
        _run = report.Run;
        if (report.Result != InvocationResult.Completed)
            _failed = report.Reason;
        _isDone |= string.Equals(report.Function, _last, StringComparison.Ordinal);
    }

    public void Raise(EventDefinition definition, params ReadOnlySpan<ArgumentValue> arguments)
    {
        // nobody looks
    }

    public async ValueTask DisposeAsync()
    {
        await _scheduler.DisposeAsync();
        await _network.DisposeAsync();
        await _bundles.DisposeAsync();
        _deployments.Dispose();
        Runtime.Dispose();
        _images.Dispose();
        States.Dispose();
        _outbox.Dispose();
        _database.Dispose();
        _ended.Dispose();
    }

    private sealed class Anything : IConstraint
    {
        public string Name => "anything";

        public bool MayImprove => true;

        public Margin Judge(in AdmissionRequest request, in Candidate candidate) => new(Name, Quantity.Temperature, Bound.AtMost, 1, 2);
    }
}
