using System.Collections.Concurrent;
using SatNode.Ground.Archive;
using SatNode.Ground.Cloud.Resources;
using SatNode.Ground.Commanding;
using SatNode.Ground.Functions;
using SatNode.Ground.Placement;
using SatNode.Protocol.Dictionary;

namespace SatNode.Ground.Cloud;

/// <summary>Brings about what functions should be: plans each, queues the commands and writes the status. Everything is read anew each round, so that a
/// round after any interruption does what is missing and nothing twice.</summary>
internal sealed partial class FunctionKeeper(CloudOptions options, Fleet fleet, FunctionLibrary library, CommandQueue queue, ArchiveReader archive, PlacementPipeline pipeline,
    PolarisTargets targets, BridgeMetrics metrics, TimeProvider clock, TimeProvider machineTime, ILogger<FunctionKeeper> logger)
{
    private static readonly TimeSpan RetryMin = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan RetryMax = TimeSpan.FromSeconds(60);
    private readonly ImageResolver _images = new(library);
    private readonly Dictionary<string, long> _written = new(StringComparer.Ordinal);
    private readonly Dictionary<string, (long Since, TimeSpan Wait, string Fault)> _failed = new(StringComparer.Ordinal);

    /// <summary>Looks at every function once.</summary>
    /// <param name="client">The cluster.</param>
    /// <param name="functions">The functions by the name of their object; a status that was written is noted there.</param>
    /// <param name="stop">Ends the round.</param>
    public async Task RoundAsync(ClusterClient client, ConcurrentDictionary<string, SatelliteFunctionObject> functions, CancellationToken stop)
    {
        SatelliteFunctionObject[] wanted = [.. functions.Values.OrderBy(function => function.Metadata.CreationTimestamp).ThenBy(function => function.Metadata.Name, StringComparer.Ordinal)];
        Dictionary<string, ImageResolution> images = wanted.ToDictionary(function => function.Metadata.Name, _images.Resolve, StringComparer.Ordinal);
        Dictionary<string, string> owners = new(StringComparer.Ordinal); // of a function's name: the oldest object
        foreach (SatelliteFunctionObject function in wanted)
        {
            if (images[function.Metadata.Name].Function is { } name)
                owners.TryAdd(name, function.Metadata.Name);
        }
        targets.Set(options.Namespace, owners);
        HashSet<string> objects = wanted.Select(ImageResolver.KeyOf).ToHashSet(StringComparer.Ordinal);
        _images.Forget(images.Values.Where(image => image.Digest is not null).Select(image => image.Digest!).ToHashSet(StringComparer.Ordinal), objects);
        foreach (string gone in _written.Keys.Concat(_failed.Keys).Where(key => !objects.Contains(key)).ToArray())
        {
            _written.Remove(gone);
            _failed.Remove(gone);
        }
        if (wanted.Length == 0)
            return;
        Candidate[] satellites = [.. (await fleet.LookAsync()).Select(member => member.Candidate)];
        foreach (SatelliteFunctionObject function in wanted)
        {
            string name = function.Metadata.Name;
            if (_failed.TryGetValue(ImageResolver.KeyOf(function), out (long Since, TimeSpan Wait, string Fault) failure) && machineTime.GetElapsedTime(failure.Since) < failure.Wait)
                continue;
            ImageResolution image = images[name];
            string? owner = image.Function is { } functionName && owners[functionName] != name ? owners[functionName] : null;
            await TryReconcileAsync(client, functions, function, image, owner, satellites, stop);
        }
    }

    private async Task TryReconcileAsync(ClusterClient client, ConcurrentDictionary<string, SatelliteFunctionObject> functions, SatelliteFunctionObject function, ImageResolution image,
        string? owner, Candidate[] satellites, CancellationToken stop)
    {
        string name = function.Metadata.Name, key = ImageResolver.KeyOf(function);
        long started = machineTime.GetTimestamp();
        try
        {
            SatelliteFunctionStatus? written = await ReconcileAsync(client, function, image, owner, satellites, stop);
            if (written is not null)
                functions.TryUpdate(name, function with { Status = written }, function); // unless the watch was faster
            _failed.Remove(key);
            metrics.Reconciled(isDone: true, machineTime.GetElapsedTime(started));
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            throw;
        }
        catch (ClusterException e) when (e.IsConflict) // it changed or went meanwhile: the watch tells
        {
            metrics.Reconciled(isDone: false, machineTime.GetElapsedTime(started));
        }
#pragma warning disable CA1031 // one function that cannot be kept must not keep the others from it
        catch (Exception e)
#pragma warning restore CA1031
        {
            metrics.Reconciled(isDone: false, machineTime.GetElapsedTime(started));
            bool isKnown = _failed.TryGetValue(key, out (long Since, TimeSpan Wait, string Fault) before);
            TimeSpan wait = !isKnown ? RetryMin : before.Wait * 2 < RetryMax ? before.Wait * 2 : RetryMax;
            if (before.Fault != e.Message)
                LogFailed(logger, name, e.Message);
            _failed[key] = (machineTime.GetTimestamp(), wait, e.Message);
        }
    }

    /// <summary>Looks at one function, and returns the status that was written, or null.</summary>
    private async Task<SatelliteFunctionStatus?> ReconcileAsync(ClusterClient client, SatelliteFunctionObject function, ImageResolution image, string? owner, Candidate[] satellites,
        CancellationToken stop)
    {
        if (function.IsDeleting && !function.IsHeld)
            return null; // others hold it; for us it is gone
        if (!function.IsDeleting && !function.IsHeld && image.Function is not null && owner is null)
        {
            await client.SetFinalizersAsync(function, [.. function.Metadata.Finalizers ?? [], ApiNames.Finalizer], stop);
            return null; // before any command; the watch brings the object back
        }
        ReconcilePlan plan = FunctionReconciler.Plan(InputOf(function, image, owner, satellites));
        if (plan.Commands.Count > 0)
        {
            image = Checked(image, plan);
            foreach (PlannedCommand command in plan.Commands.Where(command => !command.IsDeploy || image.Digest is not null))
                await QueueAsync(command, image, stop);
            plan = FunctionReconciler.Plan(InputOf(function, image, owner, satellites)); // now with the commands on their way
        }
        if (function.IsDeleting && plan.MayGo)
        {
            await client.SetFinalizersAsync(function, (function.Metadata.Finalizers ?? []).Where(finalizer => finalizer != ApiNames.Finalizer), stop);
            return null;
        }
        return await WriteAsync(client, function, plan.Status, stop) ? plan.Status : null;
    }

    private ReconcileInput InputOf(SatelliteFunctionObject function, ImageResolution image, string? owner, Candidate[] satellites) => new()
    {
        Object = function,
        Image = image,
        NameTakenBy = owner,
        Fleet = satellites,
        Commands = image.Function is { } name
            ? archive.Read(connection => CommandStore.Deployments(connection, name)).ToDictionary(command => command.Node, StringComparer.Ordinal)
            : new Dictionary<string, DeploymentCommand>(StringComparer.Ordinal),
        Pipeline = pipeline,
        ReplaceAfter = options.ReplaceAfter,
        RetryAfter = options.RetryAfter,
        Now = clock.GetUtcNow(),
        ClusterNow = machineTime.GetUtcNow(),
    };

    /// <summary>The image, or as not there when the library cannot give it.</summary>
    private ImageResolution Checked(ImageResolution image, ReconcilePlan plan)
    {
        if (!plan.Commands.Any(command => command.IsDeploy))
            return image;
        try
        {
            library.Load(image.Digest!);
            return image;
        }
        catch (Exception e) when (e is IOException or InvalidDataException or UnauthorizedAccessException)
        {
            return image with { Digest = null, Manifest = null, Reason = "LibraryFailed", Message = $"the library cannot give the image: {e.Message}" };
        }
    }

    private async Task QueueAsync(PlannedCommand command, ImageResolution image, CancellationToken stop)
    {
        string name = command.IsDeploy ? Protocol.Dictionary.Commands.DeployFunction.Name : Protocol.Dictionary.Commands.UndeployFunction.Name;
        string function = image.Function!;
        var arguments = new Dictionary<string, ArgumentValue>(StringComparer.Ordinal) { [command.IsDeploy ? "image" : "name"] = command.IsDeploy ? image.Digest! : function };
        if (await queue.EnqueueAsync(command.Satellite, name, arguments, stop) is not { } id)
            return; // its queue is full: the next plan says so, and the next round tries again
        metrics.Queued(name);
        LogQueued(logger, command.Satellite, name, function, id);
    }

    /// <summary>Writes a status that says something new at once, and new words and numbers alone from time to time.</summary>
    private async Task<bool> WriteAsync(ClusterClient client, SatelliteFunctionObject function, SatelliteFunctionStatus status, CancellationToken stop)
    {
        string name = function.Metadata.Name;
        if (function.Status is { } before && before.SaysTheSameAs(status))
        {
            bool isSame = before.Placements.SequenceEqual(status.Placements) && before.Conditions.SequenceEqual(status.Conditions);
            if (isSame || (_written.TryGetValue(ImageResolver.KeyOf(function), out long last) && machineTime.GetElapsedTime(last) < options.StatusPeriod))
                return false;
        }
        await client.WriteStatusAsync(name, status, stop);
        _written[ImageResolver.KeyOf(function)] = machineTime.GetTimestamp();
        return true;
    }

    [LoggerMessage(LogLevel.Information, "cloud: {satellite}: {command} {function} queued as {id}")]
    private static partial void LogQueued(ILogger logger, string satellite, string command, string function, string id);

    [LoggerMessage(LogLevel.Warning, "cloud: satellitefunction {name}: {fault}; tried again")]
    private static partial void LogFailed(ILogger logger, string name, string fault);
}
