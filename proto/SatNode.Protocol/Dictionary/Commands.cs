using SatNode.Protocol.Functions;
using SatNode.Protocol.Images;

namespace SatNode.Protocol.Dictionary;

/// <summary>One argument of a telecommand.</summary>
/// <param name="Name">The name on the wire.</param>
/// <param name="Type">The type.</param>
/// <param name="Min">The lowest number, or the shortest text or bytes.</param>
/// <param name="Max">The highest number, or the longest text or bytes.</param>
/// <param name="Description">One sentence, with the unit.</param>
public sealed record ArgumentDefinition(string Name, ArgumentType Type, double Min, double Max, string Description)
{
    /// <summary>Null when the value fits, else what was expected and found.</summary>
    public string? Fault(ArgumentValue value)
    {
        if (value.Type != Type && !(Type == ArgumentType.Real && value.Type == ArgumentType.Integer))
            return $"{Name}: expected {Type}, found {value.Type}";
        double size = Type switch
        {
            ArgumentType.Integer or ArgumentType.Real => value.AsReal(),
            ArgumentType.Text => value.AsText().Length,
            ArgumentType.Bytes => value.AsBytes().Length,
            _ => Min,
        };
        return size >= Min && size <= Max ? null : $"{Name}: expected {Min} to {Max}{(Type is ArgumentType.Text or ArgumentType.Bytes ? " long" : "")}, found {size}";
    }
}

/// <summary>One telecommand.</summary>
/// <param name="Name">Subject and verb, for example <c>function.deploy</c>.</param>
/// <param name="Arguments">All arguments; each is required.</param>
/// <param name="Description">One sentence.</param>
public sealed record CommandDefinition(string Name, IReadOnlyList<ArgumentDefinition> Arguments, string Description)
{
    /// <summary>Null when the arguments fit, else the first fault.</summary>
    public string? Fault(IReadOnlyDictionary<string, ArgumentValue> values)
    {
        ArgumentNullException.ThrowIfNull(values);
        foreach (ArgumentDefinition argument in Arguments)
        {
            if (!values.TryGetValue(argument.Name, out ArgumentValue value))
                return $"{argument.Name}: missing";
            if (argument.Fault(value) is { } fault)
                return fault;
        }
        foreach (string name in values.Keys)
        {
            if (!Arguments.Any(argument => string.Equals(argument.Name, name, StringComparison.Ordinal)))
                return $"{name}: not an argument of {Name}";
        }
        return null;
    }
}

/// <summary>The telecommands, each the one definition of its name and arguments.</summary>
public static class Commands
{
    private const int MaxName = 64;
    private const int ModuleBytesMin = 8;
    private const int ImageNameLength = 71; // "sha256:" and 64 digits

    private static readonly ArgumentDefinition MonitoredParameter = new("parameter", ArgumentType.Text, 1, MaxName, "The parameter's name.");

    /// <summary>Answers, and nothing else.</summary>
    public static readonly CommandDefinition Ping = new("ping", [], "Answers through the verification stages and does nothing else.");

    /// <summary>Sets the housekeeping period.</summary>
    public static readonly CommandDefinition SetHousekeepingPeriod = new("housekeeping.set-period",
        [new("seconds", ArgumentType.Integer, 1, 3600, "The period in seconds.")], "Sets how often housekeeping is sampled and sent.");

    /// <summary>Sets a parameter's limits.</summary>
    public static readonly CommandDefinition SetLimits = new("monitoring.set-limits",
        [
            MonitoredParameter,
            new("soft", ArgumentType.Text, 1, MaxName, "The nominal range in the wire's unit: LOW..HIGH, LOW.., ..HIGH or none."),
            new("hard", ArgumentType.Text, 1, MaxName, "The range beyond which is an alarm, written as soft is; soft lies within."),
            new("persistence", ArgumentType.Integer, 1, ParameterLimits.PersistenceMax, "Samples in a row beyond a limit, and back, that change the state."),
        ],
        "Sets what a parameter is watched by, in place of the dictionary's limits; kept over a reboot. The dictionary's own, set again, are the dictionary's.");

    /// <summary>Watches a parameter again.</summary>
    public static readonly CommandDefinition EnableMonitoring = new("monitoring.enable", [MonitoredParameter], "Watches a parameter's limits and age again.");

    /// <summary>Watches a parameter no more.</summary>
    public static readonly CommandDefinition DisableMonitoring = new("monitoring.disable", [MonitoredParameter],
        "Watches a parameter's limits and age no more, until it is enabled; kept over a reboot.");

    /// <summary>Tells how parameters are watched.</summary>
    public static readonly CommandDefinition ReportMonitoring = new("monitoring.report",
        [new("parameter", ArgumentType.Text, 1, MaxName, "The parameter's name, or all.")],
        "Completion says a parameter's state, limits and expected age; of all, which are not nominal, disabled, or watched by other limits than the dictionary's.");

    /// <summary>Begins the delivery of an image, or takes up one that was interrupted.</summary>
    public static readonly CommandDefinition BeginImage = new("image.begin",
        [
            new("manifest", ArgumentType.Bytes, 1, FunctionImage.FunctionManifestBytesMax, "The function manifest, CBOR; it names the module's digest."),
            new("size", ArgumentType.Integer, ModuleBytesMin, FunctionImage.ModuleBytesMax, "The module's size in bytes."),
            new("signature", ArgumentType.Bytes, 1, ImageSignature.BytesMax, "The signature over the image, COSE_Sign1."),
        ],
        "Begins the delivery of a function's image; completion says which chunks of its module are missing.");

    /// <summary>Delivers a chunk of an image.</summary>
    public static readonly CommandDefinition DeliverChunk = new("image.chunk",
        [
            new("image", ArgumentType.Text, ImageNameLength, ImageNameLength, "The image's digest, sha256:…"),
            new("chunk", ArgumentType.Integer, 0, ImageDelivery.ChunksMax - 1, "Which chunk, from 0."),
            new("bytes", ArgumentType.Bytes, 1, ImageDelivery.ChunkBytes, "The chunk: 64 KiB, the last one what is left."),
        ],
        "Delivers a chunk of an image's module; completion says which are missing still.");

    /// <summary>Puts a function on the node.</summary>
    public static readonly CommandDefinition DeployFunction = new("function.deploy",
        [new("image", ArgumentType.Text, ImageNameLength, ImageNameLength, "The digest of the function's image, which was delivered before, sha256:…")],
        "Installs a function; a deployment of the same name is replaced.");

    /// <summary>Removes a function.</summary>
    public static readonly CommandDefinition UndeployFunction = new("function.undeploy",
        [new("name", ArgumentType.Text, 1, MaxName, "The function's name.")], "Removes a function; what runs ends first.");

    /// <summary>Invokes a function once.</summary>
    public static readonly CommandDefinition InvokeFunction = new("function.invoke",
        [
            new("name", ArgumentType.Text, 1, ActorAddress.CharsMax, "The function's name; an actor's is FUNCTION/KEY."),
            new("input", ArgumentType.Bytes, 0, 64 * 1024, "The input."),
        ],
        "Queues one invocation; completion is reported when it ended.");

    /// <summary>Lets a function in quarantine run again.</summary>
    public static readonly CommandDefinition ReleaseFunction = new("function.release",
        [new("name", ArgumentType.Text, 1, MaxName, "The function's name.")], "Ends a function's quarantine and forgets its offences.");

    /// <summary>Puts a workflow on the node.</summary>
    public static readonly CommandDefinition DeployWorkflow = new("workflow.deploy",
        [new("definition", ArgumentType.Bytes, 1, 16 * 1024, "The workflow definition, CBOR.")], "Makes a workflow's stages and placements known to the node.");

    /// <summary>Enters safe mode.</summary>
    public static readonly CommandDefinition EnterSafeMode = new("safe-mode.enter", [], "Stops functions, and starts none, until safe mode is left.");

    /// <summary>Leaves safe mode.</summary>
    public static readonly CommandDefinition LeaveSafeMode = new("safe-mode.leave", [], "Admits functions again, without waiting for the hold-off; what is not well yet holds safe mode.");

    /// <summary>Enters eclipse-saving.</summary>
    public static readonly CommandDefinition EnterEclipseSaving = new("eclipse-saving.enter", [], "Runs only urgent functions and thins housekeeping, until eclipse-saving is left.");

    /// <summary>Leaves eclipse-saving.</summary>
    public static readonly CommandDefinition LeaveEclipseSaving = new("eclipse-saving.leave", [], "Ends the eclipse-saving that a command asked for; the forecast may hold it.");

    /// <summary>All commands.</summary>
    public static readonly IReadOnlyList<CommandDefinition> All =
        [
            Ping, SetHousekeepingPeriod, BeginImage, DeliverChunk, DeployFunction, UndeployFunction, InvokeFunction, ReleaseFunction, DeployWorkflow, EnterSafeMode, LeaveSafeMode, EnterEclipseSaving,
            LeaveEclipseSaving, SetLimits, EnableMonitoring, DisableMonitoring, ReportMonitoring,
        ];

    /// <summary>The command of a name, or null.</summary>
    public static CommandDefinition? Find(string name) => All.FirstOrDefault(command => string.Equals(command.Name, name, StringComparison.Ordinal));
}
