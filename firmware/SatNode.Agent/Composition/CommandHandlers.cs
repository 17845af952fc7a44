using SatNode.Flight.Commanding;
using SatNode.Flight.Invocations;
using SatNode.Flight.Modes;
using SatNode.Flight.Telemetry;
using SatNode.Functions.Deployments;
using SatNode.Functions.Images;
using SatNode.Functions.Runtime;
using SatNode.Protocol;
using SatNode.Protocol.Cbor;
using SatNode.Protocol.Dictionary;
using SatNode.Protocol.Functions;
using SatNode.Protocol.Telecommands;
using SatNode.Protocol.Telemetry;

namespace SatNode.Agent.Composition;

/// <summary>Executes the telecommands.</summary>
internal sealed class CommandHandlers(
    ImageStore images, FunctionDeployments deployments, WorkflowRegistry workflows, TriggerBoard triggers, NodeFunctions functions, ModeController modes, Quarantine quarantine, FlightLoop loop,
    TelecommandReceiver receiver, IEventSink events, TimeProvider time)
{
    public void Register()
    {
        receiver.Handle(Commands.Ping, (_, _) => ValueTask.FromResult(CommandResult.Succeeded()));
        receiver.Handle(Commands.SetHousekeepingPeriod, (command, _) =>
        {
            loop.HousekeepingPeriod = TimeSpan.FromSeconds(command.Arguments["seconds"].AsInteger());
            return ValueTask.FromResult(CommandResult.Succeeded());
        });
        receiver.Handle(Commands.EnterSafeMode, (_, _) =>
        {
            modes.Enter();
            return ValueTask.FromResult(CommandResult.Succeeded());
        });
        receiver.Handle(Commands.LeaveSafeMode, (_, _) => ValueTask.FromResult(modes.Leave()
            ? CommandResult.Succeeded() : CommandResult.Failed(FailureReason.NotAllowedInMode, "low charge or heat still hold safe mode")));
        receiver.Handle(Commands.EnterEclipseSaving, (_, _) =>
        {
            modes.Save();
            return ValueTask.FromResult(CommandResult.Succeeded());
        });
        receiver.Handle(Commands.LeaveEclipseSaving, (_, _) => ValueTask.FromResult(modes.StopSaving()
            ? CommandResult.Succeeded() : CommandResult.Failed(FailureReason.NotAllowedInMode, "the forecast of the charge still holds eclipse-saving")));
        receiver.Handle(Commands.BeginImage, (command, _) => ValueTask.FromResult(OfImage(() => BeginImage(command))));
        receiver.Handle(Commands.DeliverChunk, (command, _) => ValueTask.FromResult(OfImage(() => DeliverChunk(command))));
        receiver.Handle(Commands.DeployFunction, (command, _) => ValueTask.FromResult(OfImage(() => DeployFunction(command))));
        receiver.Handle(Commands.UndeployFunction, (command, _) => ValueTask.FromResult(UndeployFunction(command)));
        receiver.Handle(Commands.InvokeFunction, (command, _) => ValueTask.FromResult(InvokeFunction(command)));
        receiver.Handle(Commands.ReleaseFunction, (command, _) => ValueTask.FromResult(ReleaseFunction(command)));
        receiver.Handle(Commands.DeployWorkflow, (command, _) => ValueTask.FromResult(DeployWorkflow(command)));
    }

    private CommandResult BeginImage(Telecommand command) => CommandResult.Succeeded(
        images.Begin(command.Arguments["manifest"].AsBytes(), command.Arguments["size"].AsInteger(), command.Arguments["signature"].AsBytes()).State.ToString());

    private CommandResult DeliverChunk(Telecommand command) => CommandResult.Succeeded(
        images.Take(command.Arguments["image"].AsText(), (int)command.Arguments["chunk"].AsInteger(), command.Arguments["bytes"].AsBytes()).ToString());

    private CommandResult DeployFunction(Telecommand command)
    {
        string image = command.Arguments["image"].AsText();
        long started = time.GetTimestamp();
        DeployedFunction function = deployments.Deploy(image);
        triggers.Add(function.Manifest, time.GetUtcNow());
        if (function.Manifest.Actor is null)
            functions.ForgetActors(function.Manifest.Name);
        events.Raise(Events.FunctionDeployed, function.Manifest.Name, function.Manifest.Version, image, time.GetElapsedTime(started).TotalMilliseconds);
        return CommandResult.Succeeded(image);
    }

    /// <summary>Runs a command about an image; a refusal becomes the reason that it names.</summary>
    private static CommandResult OfImage(Func<CommandResult> command)
    {
        try
        {
            return command();
        }
        catch (ImageException e)
        {
            return CommandResult.Failed(e.Fault switch
            {
                ImageFault.NotFound => FailureReason.NotFound,
                ImageFault.NoRoom => FailureReason.ResourceExhausted,
                _ => FailureReason.InvalidArgument,
            }, e.Message);
        }
        catch (Exception e) when (e is FunctionModuleException or WireFormatException)
        {
            return CommandResult.Failed(FailureReason.InvalidArgument, e.Message);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return CommandResult.Failed(FailureReason.ResourceExhausted, e.Message);
        }
    }

    private CommandResult UndeployFunction(Telecommand command)
    {
        string name = command.Arguments["name"].AsText();
        triggers.Remove(name);
        if (!deployments.Undeploy(name))
            return CommandResult.Failed(FailureReason.NotFound, $"no function '{name}' on this node");
        functions.Forget(name);
        events.Raise(Events.FunctionUndeployed, name);
        return CommandResult.Succeeded();
    }

    private CommandResult InvokeFunction(Telecommand command)
    {
        string name = command.Arguments["name"].AsText();
        if (!ActorAddress.TryParse(name, out ActorAddress address))
            return CommandResult.Failed(FailureReason.InvalidArgument, ActorAddress.Fault("name", name));
        if (functions.FindManifest(address.Function) is not { } manifest)
            return CommandResult.Failed(FailureReason.NotFound, $"no function '{address.Function}' on this node");
        if (manifest.Actor is null && name.Length > address.Function.Length)
            return CommandResult.Failed(FailureReason.InvalidArgument, $"name: expected a function's name, because {address.Function} has no actors, found \"{name}\"");
        string id = command.Id;
        bool isQueued = functions.Trigger(address.Function, InputSource.Bytes, command.Arguments["input"].AsBytes(), result => receiver.Complete(id,
            result.Result == InvocationResult.Completed
                ? CommandResult.Succeeded($"{result.OutputBytes} bytes in {result.CpuTime.TotalMilliseconds:F1} ms of CPU")
                : CommandResult.Failed(FailureReason.ExecutionFailed, $"{result.Result}: {result.Reason}")), run: id, actor: address.Key);
        if (isQueued)
            return CommandResult.Ongoing("queued");
        return CommandResult.Failed(FailureReason.ResourceExhausted, manifest.Actor is { } actor
            ? $"the mailbox of {address} is full with {actor.MailboxMax} messages, or {InvocationLimits.MaxMessagesPerFunction} for this function or {InvocationLimits.MaxMessages} in all wait already"
            : $"{InvocationLimits.MaxQueuedPerFunction} of this function, or {InvocationLimits.MaxQueued} invocations in all, wait already");
    }

    private CommandResult ReleaseFunction(Telecommand command)
    {
        string name = command.Arguments["name"].AsText();
        return functions.FindManifest(name) is null
            ? CommandResult.Failed(FailureReason.NotFound, $"no function '{name}' on this node")
            : CommandResult.Succeeded(quarantine.Release(name, time.GetUtcNow()) ? "released" : "there was nothing against it");
    }

    private CommandResult DeployWorkflow(Telecommand command)
    {
        try
        {
            WorkflowDefinition workflow = CborDecoder.Decode<WorkflowDefinition>(command.Arguments["definition"].AsBytes());
            if (workflow.Faults() is { Count: > 0 } faults)
                return CommandResult.Failed(FailureReason.InvalidArgument, string.Join("; ", faults));
            if (!workflows.TryAdd(workflow))
                return CommandResult.Failed(FailureReason.ResourceExhausted, $"expected at most {InvocationLimits.MaxWorkflows} workflows on a node");
            events.Raise(Events.WorkflowDeployed, workflow.Name, workflow.Stages.Count);
            return CommandResult.Succeeded();
        }
        catch (WireFormatException e)
        {
            return CommandResult.Failed(FailureReason.InvalidArgument, e.Message);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return CommandResult.Failed(FailureReason.ResourceExhausted, e.Message);
        }
    }
}
