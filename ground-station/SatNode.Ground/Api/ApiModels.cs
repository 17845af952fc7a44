using System.Text.Json.Nodes;
using System.Text.Json.Serialization;

namespace SatNode.Ground.Api;

/// <summary>A satellite as the API shows it. Times are ISO 8601 in UTC of the world, null when it never happened.</summary>
internal sealed record SatelliteView(string Name, int Number, bool Reachable, string? ContactSince, string? LastSeen, uint Boot, string? Mode, PositionView? Position,
    double? SunFraction, HousekeepingView? Housekeeping, IReadOnlyList<FunctionView> Functions, IReadOnlyList<string> Workflows, IReadOnlyList<RunningView> Running,
    IReadOnlyList<LinkView> Links, string? LastEvent, CountersView Counters, IReadOnlyList<string>? Tle,
    IReadOnlyList<ProfileView> Profiles);

/// <summary>Where a satellite is.</summary>
internal sealed record PositionView(double Latitude, double Longitude, double AltitudeMetres);

/// <summary>The latest housekeeping; values in the unit that is on the wire.</summary>
internal sealed record HousekeepingView(string Time, IReadOnlyDictionary<string, ValueView> Values);

/// <summary>A value with its unit.</summary>
internal sealed record ValueView(double Value, string Unit);

/// <summary>A function on a satellite.</summary>
internal sealed record FunctionView(string Name, string Version, string Digest, string? Since);

/// <summary>What a function did on a satellite since a time, as it told last; durations in the world's seconds, null when nothing ran.</summary>
internal sealed record ProfileView(string Function, string Version, string? Since, string? Reported, long Completed, IReadOnlyDictionary<string, long> Failed, long Refused, long Called,
    StartsView Starts, double? CpuSecondsP50, double? CpuSecondsP99, double? WallSecondsP50, double? WallSecondsP99, long MemoryBytesHighest, long InputBytes, long OutputBytes, double Joules);

/// <summary>How often a function started from what.</summary>
internal sealed record StartsView(long Cold, long Fresh, long Warm);

/// <summary>An invocation that runs.</summary>
internal sealed record RunningView(string Function, string Invocation, string? Since);

/// <summary>A link with its counters since boot.</summary>
internal sealed record LinkView(string Peer, bool Up, ulong BundlesSent, ulong BundlesReceived, ulong BytesSent, ulong BytesReceived);

/// <summary>What came in from a satellite.</summary>
internal sealed record CountersView(long Records, long Duplicates, long Missing, long Rejected, long Events, long InvocationsCompleted, long InvocationsFailed);

/// <summary>A sample of a parameter, in the unit that is on the wire.</summary>
internal sealed record SampleView(string Time, string Received, uint Boot, ulong Sequence, double Value);

/// <summary>An event; the id rises in the order in which events were archived.</summary>
internal sealed record EventView(long Id, string Satellite, uint Boot, ulong Sequence, string Time, string Received, string Name, string Severity, JsonObject Arguments, string Text);

/// <summary>The report of an invocation; the output as base64.</summary>
internal sealed record InvocationView(string Satellite, string Function, string Version, string Invocation, string Workflow, string Run, string Result, string Reason,
    string Queued, string Started, string Ended, string? Deadline, double CpuSeconds, double Joules, ulong Fuel, string State, byte[] Output, string Received,
    double WallSeconds, long MemoryBytesHighest, int InputBytes, int OutputBytes, string Start, string Limit);

/// <summary>A command with its stages.</summary>
internal sealed record CommandView(string Id, string Satellite, string Name, JsonObject Arguments, string State, string Queued, string Expiry, ulong? Sequence, int Releases,
    IReadOnlyList<StageView> Stages);

/// <summary>A stage: when it happened and when it became known; reason is none, or why it failed.</summary>
internal sealed record StageView(string Stage, string Time, string Received, string Reason, string Detail);

/// <summary>A request to queue a command.</summary>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
internal sealed record CommandRequest(string Name, JsonObject? Arguments);

/// <summary>A function as people write it, to be pushed or deployed; or, to be deployed, the reference of an image in the library.</summary>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
internal sealed record FunctionRequestBody(string? ManifestYaml, byte[]? ModuleBase64, string? Image);

/// <summary>The station, with the world's time there and how fast it passes.</summary>
internal sealed record StationView(string Name, string Time, double Rate, IReadOnlyList<AntennaView> Stations);

/// <summary>An antenna.</summary>
internal sealed record AntennaView(string Name, double Latitude, double Longitude, double AltitudeMetres, double MinElevationDegrees);

/// <summary>A pass: acquisition and loss of signal in world time, or that it goes on already, and its highest point.</summary>
internal sealed record PassView(string Satellite, string Station, string Aos, string Los, bool Begun, double DurationSeconds, double MaxElevationDegrees, double MinRangeKm);

/// <summary>A request to deploy a workflow.</summary>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
internal sealed record WorkflowRequest(string DefinitionYaml);

/// <summary>An image of the library.</summary>
internal sealed record ImageView(string Digest, string Name, string Version, long ModuleBytes);

/// <summary>A request to a function, wherever it is best; the input as a text, or bytes as base64.</summary>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
internal sealed record InvocationRequestBody(JsonNode? Input);

/// <summary>A request on its way: the command's id and the satellite.</summary>
internal sealed record RoutedView(string Id, string Satellite);

/// <summary>A queued command's id.</summary>
internal sealed record QueuedView(string Id);

/// <summary>What is wrong.</summary>
internal sealed record ErrorView(string Error);

/// <summary>The mission dictionary with its digest.</summary>
internal sealed record DictionaryView(string Digest, IReadOnlyList<ParameterView> Parameters, IReadOnlyList<EventKindView> Events, IReadOnlyList<CommandKindView> Commands);

/// <summary>A parameter of the dictionary; low and high bound its nominal range, the hard ones are beyond; a null bounds nothing. Commands may have changed them on board.</summary>
internal sealed record ParameterView(
    ushort Id, string Name, string Unit, double Accuracy, double? Low, double? High, double? HardLow, double? HardHigh, int Persistence, double? ExpectedAgeSeconds, string Description);

/// <summary>An event of the dictionary.</summary>
internal sealed record EventKindView(ushort Id, string Name, string Severity, IReadOnlyList<string> Arguments, string Description);

/// <summary>A command of the dictionary.</summary>
internal sealed record CommandKindView(string Name, IReadOnlyList<ArgumentView> Arguments, string Description);

/// <summary>An argument of a command; min and max bound a number, or the length of a text or bytes.</summary>
internal sealed record ArgumentView(string Name, string Type, double Min, double Max, string Description);
