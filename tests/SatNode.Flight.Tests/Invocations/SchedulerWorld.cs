using System.Collections.Concurrent;
using Microsoft.Extensions.Time.Testing;
using SatNode.Flight.Admission;
using SatNode.Flight.Invocations;
using SatNode.Flight.Model;
using SatNode.Flight.Modes;
using SatNode.Flight.Sensors;
using SatNode.Flight.Telemetry;
using SatNode.Flight.Tests.Model;
using SatNode.Protocol.Functions;
using SatNode.Protocol.Quantities;
using SatNode.Protocol.Telemetry;
using SatNode.Protocol.Time;

namespace SatNode.Flight.Tests.Invocations;

/// <summary>A scheduler with a host that records, a clock that stands still, and one constraint that a test sets by hand.</summary>
internal sealed class SchedulerWorld : IInvocationHost, IAsyncDisposable
{
    public static readonly DateTimeOffset Noon = new(2026, 6, 21, 12, 0, 0, TimeSpan.Zero);

    private readonly TemporaryFolder _folder = new();
    private readonly FlightDatabase _database;
    private readonly Outbox _outbox;
    private readonly OnboardModel _model = new(new ModelOptions { BatteryCapacity = new(427_680) }); // 118.8 Wh
    private readonly Forecast _forecast = new();
    private readonly ConcurrentQueue<InvocationReport> _reports = new();
    private readonly ConcurrentQueue<string> _executed = new();

    /// <summary>Everything is fine and nothing forbids a start.</summary>
    /// <param name="loadFactor">World seconds a CPU-second.</param>
    /// <param name="runningMax">Invocations at once.</param>
    /// <param name="constraints">What admission judges by; only <see cref="Heat"/> and the mode unless told.</param>
    /// <param name="guards">Brown-out and all constraints watch over heat and charge, as on board.</param>
    public SchedulerWorld(double loadFactor = 1, IReadOnlyList<IConstraint>? constraints = null, int runningMax = 1, bool guards = false)
    {
        _database = FlightDatabase.Open(_folder.File("flight.db"));
        Modes = new ModeController(new ModeOptions(), _database, new RecordingEvents(), Time);
        Scheduler = new InvocationScheduler(this, new AdmissionController(new AdmissionOptions(), guards ? null : constraints ?? [new ModeConstraint(), Heat]), _forecast,
            _model.Energy, Modes, Events, Time, loadFactor, Quarantine = new(_database, Events), Profiles = new(_database, _outbox = new Outbox(_database, Time)), runningMax,
            guards ? new BrownOut(new AdmissionOptions(), _forecast, Events) : null);
        Manifests["detect"] = new FunctionManifest { Name = "detect", Version = "1.2", Kind = FunctionKind.Reactor, ModuleDigest = new byte[32] };
        if (guards)
        {
            Truth = new(_ => 1, seed: 7); // two orbits in which the model learns what a board, an array and a battery are like
            Truth.Fly(_model, 2 * TruthWorld.OrbitSeconds, seconds => seconds % 600 < 200 ? 1 : 0);
            Time.Advance(TimeSpan.FromSeconds(Truth.Seconds));
        }
        Look();
    }

    public FakeTimeProvider Time { get; } = new(Noon);

    public RecordingEvents Events { get; } = new();

    public ScriptedConstraint Heat { get; } = new("board-temperature");

    public ModeController Modes { get; }

    public Quarantine Quarantine { get; }

    public FunctionProfiles Profiles { get; }

    public InvocationScheduler Scheduler { get; }

    public EnergyMeter Energy => _model.Energy;

    public Dictionary<string, FunctionManifest> Manifests { get; } = new(StringComparer.Ordinal);

    public Func<Invocation, Task<StateOrigin?>> OnPrepare { get; set; } = _ => Task.FromResult<StateOrigin?>(StateOrigin.None);

    public Func<Invocation, CancellationToken, ExecutionResult> OnExecute { get; set; } = (_, _) => Completed([7, 7]);

    public List<string> Prepared { get; } = [];

    public List<string> Delivered { get; } = [];

    public List<string> Offloaded { get; } = [];

    public string? Candidate { get; set; }

    /// <summary>The board, the frame and the battery, when they are guarded; null when nothing changes.</summary>
    public TruthWorld? Truth { get; }

    /// <summary>How many cores are at work.</summary>
    public Func<double> Busy { get; set; } = () => 0;

    /// <summary>The board's thermometer is silent.</summary>
    public bool IsBlind { get; set; }

    /// <summary>The paces of what was executed, by id.</summary>
    public ConcurrentDictionary<string, InvocationPace> Paces { get; } = new(StringComparer.Ordinal);

    public bool TakesOffloads { get; set; } = true;

    public bool IsLast { get; set; } = true;

    public Action<Invocation>? OnDeliver { get; set; }

    public IReadOnlyList<InvocationReport> Reports => [.. _reports];

    public IReadOnlyList<string> Executed => [.. _executed];

    public DateTimeOffset Now => Time.GetUtcNow();

    public static ExecutionResult Completed(byte[] output, double cpuSeconds = 0.5) =>
        new() { Result = InvocationResult.Completed, Output = output, CpuTime = TimeSpan.FromSeconds(cpuSeconds), Fuel = 42 };

    public Invocation New(string id, string function = "detect") =>
        new() { Id = id, Function = function, Queued = Now, Deadline = Now + TimeSpan.FromMinutes(60) };

    public void Enqueue(params ReadOnlySpan<string> ids)
    {
        foreach (string id in ids)
            Assert.True(Scheduler.TryEnqueue(New(id)));
    }

    /// <summary>Moves the clock, forecasts anew and ticks once.</summary>
    public void TickAfter(TimeSpan span)
    {
        Time.Advance(span);
        Look();
        Scheduler.Tick();
    }

    public void Tick() => Scheduler.Tick();

    /// <summary>Ticks without moving the clock until so many have ended.</summary>
    public async Task<IReadOnlyList<InvocationReport>> Ended(int count)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        while (_reports.Count < count)
        {
            patience.Token.ThrowIfCancellationRequested();
            Tick();
            await Task.Yield();
        }
        return Reports;
    }

    /// <summary>Ticks until nothing runs and nothing that is due waits for its turn.</summary>
    public async Task<InvocationReport> RunOne(string id)
    {
        Enqueue(id);
        return (await Ended(_reports.Count + 1))[^1];
    }

    /// <summary>What another thread does while the scheduler looks at a function.</summary>
    public Action? OnFindManifest { get; set; }

    public FunctionManifest? FindManifest(string function)
    {
        OnFindManifest?.Invoke();
        return Manifests.GetValueOrDefault(function);
    }

    public Task<StateOrigin?> Prepare(Invocation invocation, CancellationToken cancellation)
    {
        Prepared.Add(invocation.Id);
        return OnPrepare(invocation);
    }

    public Func<Invocation, IReadOnlyList<Invocation>> OnFusible { get; set; } = _ => [];

    public IReadOnlyList<Invocation> Fusible(Invocation invocation) => OnFusible(invocation);

    public Dictionary<ActorAddress, ActorPolicy> Policies { get; } = [];

    public int InputBytes(Invocation invocation) => invocation.Input.Length;

    public ActorPolicy PolicyOf(ActorAddress actor)
    {
        lock (Policies)
            return Policies.GetValueOrDefault(actor);
    }

    public ExecutionResult Execute(Invocation invocation, InvocationPace pace, CancellationToken cancellation)
    {
        Paces[invocation.Id] = pace;
        _executed.Enqueue(invocation.Id);
        return OnExecute(invocation, cancellation);
    }

    public bool Deliver(Invocation invocation, ReadOnlyMemory<byte> output)
    {
        Delivered.Add($"{invocation.Id} {Convert.ToHexString(output.Span)}");
        OnDeliver?.Invoke(invocation);
        return IsLast;
    }

    public string? NextCandidate(Invocation invocation) => Candidate;

    public bool TryOffload(Invocation invocation, string node)
    {
        if (TakesOffloads)
            Offloaded.Add($"{invocation.Id} {node}");
        return TakesOffloads;
    }

    public void Report(InvocationReport report) => _reports.Enqueue(report);

    public async ValueTask DisposeAsync()
    {
        await Scheduler.DisposeAsync();
        _outbox.Dispose();
        _database.Dispose();
        _folder.Dispose();
    }

    /// <summary>A forecast from now on, in endless sunlight.</summary>
    private void Look()
    {
        DtnTime now = DtnTime.From(Now);
        if (Truth is { } truth)
        {
            TimeSpan step = TimeSpan.FromSeconds((Now - Noon).TotalSeconds - truth.Seconds);
            truth.BusyCores = Busy();
            truth.Step(step.TotalSeconds);
            SensorReadings sensed = truth.Read();
            _model.Update(IsBlind ? sensed with { Board = new(double.NaN) } : sensed, step * truth.BusyCores, new Ratio(truth.Sun));
            _model.Predict(truth.SunAhead(), _forecast);
            return;
        }
        _model.Update(new SensorReadings
        {
            Time = now,
            Board = Temperature.FromCelsius(30),
            Structure = Temperature.FromCelsius(20),
            Solar = new(60),
            BoardPower = new(3),
            StateOfCharge = new(0.9),
            BatteryVoltage = new(14.8),
            BatteryCurrent = new(1),
        }, TimeSpan.Zero, new Ratio(1));
        _model.Predict([new SunInterval(now, DtnTime.From(Now + TimeSpan.FromHours(6)), new Ratio(1))], _forecast);
    }
}

/// <summary>Allows a start from a time on, or says that nothing is known.</summary>
internal sealed class ScriptedConstraint(string name) : IConstraint
{
    public const double Limit = 338.15;
    public const double TooHot = 340;
    public const double Cool = 320;

    public string Name => name;

    public bool MayImprove => true;

    /// <summary>Seconds from now until a start is allowed.</summary>
    public double WaitSeconds { get; set; }

    public bool IsUnknown { get; set; }

    public List<AdmissionRequest> Asked { get; } = [];

    public Margin Judge(in AdmissionRequest request, in Candidate candidate)
    {
        if (candidate.StartSeconds == candidate.NowSeconds)
            Asked.Add(request);
        double predicted = candidate.StartSeconds - candidate.NowSeconds >= WaitSeconds ? Cool : TooHot;
        return new(Name, Quantity.Temperature, Bound.AtMost, IsUnknown ? double.NaN : predicted, Limit);
    }
}
