using SatNode.Functions.Hosting;
using SatNode.Protocol.Functions;
using Wasmtime;

namespace SatNode.Functions.Runtime;

/// <content>Functions of one module that run in one instance.</content>
public sealed partial class FunctionRuntime
{
    /// <summary>Whether two functions may run in one instance: reactors of one module, in the agent's process, without actors, each of which has its own messages.</summary>
    public static bool CanFuse(FunctionManifest first, FunctionManifest next)
    {
        ArgumentNullException.ThrowIfNull(first);
        ArgumentNullException.ThrowIfNull(next);
        return IsFusible(first) && IsFusible(next) && next.ModuleDigest.Span.SequenceEqual(first.ModuleDigest.Span);
    }

    /// <summary>Runs functions fused: in one instance, one after the other, each on the output of the one before where it lies, and commits what all of them changed as one. Each has the limits of
    /// its own manifest; what one invocation may change is for all together.</summary>
    /// <remarks>Where the next cannot go on from there, because the output is longer than its input may be, the memory larger than its own may be, its ancestry too deep, or it was removed, those
    /// before it complete and it does not run. One that fails leaves no trace, and those before it complete; when it is cancelled, none of them leaves one. The instance serves nobody afterwards.</remarks>
    /// <param name="functions">At least one; what <see cref="CanFuse"/> of the first with each other one.</param>
    /// <param name="input">The first one's input, as with <see cref="InvokeAhead"/>.</param>
    /// <param name="cancellationToken">Ends them.</param>
    /// <returns>How each ended that ran, in order: at least one. Of outputs only the last one's, when it completed.</returns>
    /// <exception cref="ArgumentException">The functions cannot be fused.</exception>
    public IReadOnlyList<InvocationOutcome> InvokeFused(IReadOnlyList<FusedFunction> functions, Lazy<ReadOnlyMemory<byte>?> input, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(functions);
        ArgumentNullException.ThrowIfNull(input);
        RequireOneModule(functions);
        if (TakeInstance(cancellationToken) is { } failure)
            return [NotBegun(failure, 0)];
        if (!_effects.TryTake(out EffectLog? effects))
            effects = new();
        (DeployedFunction first, IFunctionEnvironment environment) = functions[0];
        FunctionInstance? instance = null;
        bool mayServeAgain = false;
        _ticker.Enter();
        try
        {
            List<InvocationOutcome> outcomes = new(functions.Count)
            {
                Run(first, "", default, default, input, environment, null, effects, first.Manifest.Limits.FuelMax, cancellationToken, out ICallee? callee),
            };
            instance = (FunctionInstance?)callee; // what has a worker is not fused
            if (instance is null)
                return outcomes;
            while (outcomes.Count < functions.Count && outcomes[^1].Succeeded && MayGoOn(functions[outcomes.Count], instance))
                outcomes.Add(PassOn(functions[outcomes.Count], instance, effects));
            if (outcomes[^1].End == InvocationEnd.Cancelled)
                return [Cancelled(outcomes)];
            CommitFused(outcomes, environment, effects);
            if (outcomes[^1].Succeeded)
                outcomes[^1] = outcomes[^1] with { Output = instance.Output.ToArray() };
            mayServeAgain = outcomes is [{ Succeeded: true }];
            return outcomes;
        }
        finally
        {
            instance?.Release(mayServeAgain);
            _ticker.Leave();
            effects.Clear();
            _effects.Add(effects);
            _instances.Release();
        }
    }

    private static bool MayGoOn(in FusedFunction next, FunctionInstance instance)
    {
        FunctionLimits limits = next.Function.Manifest.Limits;
        return !next.Function.IsDisposed && instance.Output.Length <= limits.InputBytesMax && instance.MemoryBytes <= limits.MemoryBytesMax && next.Environment.Depth <= limits.DepthMax;
    }

    private static InvocationOutcome PassOn(in FusedFunction next, FunctionInstance instance, EffectLog effects)
    {
        FunctionManifest manifest = next.Function.Manifest;
        int inputBytes = instance.Output.Length;
        EffectLog.Mark mark = effects.Save();
        instance.Context.Become(manifest, next.Environment);
        Ending ending = Ending.Completed;
        try
        {
            instance.PassOn(manifest);
            instance.Context.Keep(null);
        }
        catch (Exception e) when (e is WasmtimeException or GuestFaultException or ObjectDisposedException)
        {
            ending = Classify(e, instance, manifest.Limits.FuelMax);
            effects.Restore(mark);
        }
        return Measure(instance, ending, manifest.Limits.FuelMax, inputBytes, InstanceStart.Warm);
    }

    /// <summary>Commits what those that completed changed; when that fails, none of them has.</summary>
    private static void CommitFused(List<InvocationOutcome> outcomes, IFunctionEnvironment environment, EffectLog effects)
    {
        InvocationOutcome committed = Commit(outcomes[0], environment, effects);
        for (int i = 0; !committed.Succeeded && i < outcomes.Count && outcomes[i].Succeeded; i++)
            outcomes[i] = outcomes[i] with { End = committed.End, Reason = committed.Reason, OutputBytes = 0 };
    }

    /// <summary>All of them as one that was cancelled: what is run again from the start must not have been committed in part.</summary>
    private static InvocationOutcome Cancelled(List<InvocationOutcome> outcomes)
    {
        InvocationOutcome last = outcomes[^1];
        TimeSpan cpuTime = TimeSpan.Zero, wallTime = TimeSpan.Zero;
        ulong fuel = 0;
        foreach (InvocationOutcome outcome in outcomes)
        {
            cpuTime += outcome.CpuTime;
            wallTime += outcome.WallTime;
            fuel += outcome.FuelUsed;
        }
        return outcomes[0] with { End = last.End, Reason = last.Reason, Limit = "", OutputBytes = 0, CpuTime = cpuTime, WallTime = wallTime, FuelUsed = fuel };
    }

    private static bool IsFusible(FunctionManifest manifest) => manifest is { Kind: FunctionKind.Reactor, Actor: null, Isolation: not FunctionIsolation.Process };

    private static void RequireOneModule(IReadOnlyList<FusedFunction> functions)
    {
        if (functions.Count == 0)
            throw new ArgumentException("expected at least one function, found none", nameof(functions));
        FunctionManifest first = functions[0].Function.Manifest;
        foreach (FusedFunction other in functions)
        {
            if (!CanFuse(first, other.Function.Manifest))
            {
                throw new ArgumentException($"expected reactors of one module, in the agent's process and without actors, found {first.Name} and {other.Function.Manifest.Name}", nameof(functions));
            }
        }
    }
}
