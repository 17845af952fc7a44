using System.Text.Json.Nodes;
using SatNode.Ground.Archive;
using SatNode.Ground.Commanding;
using SatNode.Ground.Configuration;
using SatNode.Ground.Functions;
using SatNode.Ground.Ingest;
using SatNode.Ground.Twins;
using SatNode.Protocol.Dictionary;
using SatNode.Protocol.Telemetry;
using SatNode.Protocol.Time;

namespace SatNode.Ground.Api;

/// <summary>Makes the API's views from what the station knows.</summary>
internal static class Views
{
    private const string UnknownParameter = "parameter-";

    /// <summary>The name of a parameter; one that the dictionary lacks is called by its number.</summary>
    public static string NameOf(ushort parameter) => Parameters.Find(parameter)?.Name ?? $"{UnknownParameter}{parameter}";

    /// <summary>The number of a parameter by its name, or null.</summary>
    public static ushort? ParameterOf(string name) => Parameters.Find(name)?.Id
        ?? (name.StartsWith(UnknownParameter, StringComparison.Ordinal) && ushort.TryParse(name.AsSpan(UnknownParameter.Length), out ushort id) ? id : null);

    public static SatelliteView Satellite(SatelliteOptions options, TwinState twin, TelemetryStatistics statistics)
    {
        StreamStatistics[] streams = [.. statistics.Streams().Where(stream => string.Equals(stream.Node, options.Name, StringComparison.Ordinal))];
        var counters = new CountersView(streams.Sum(stream => stream.Received), streams.Sum(stream => stream.Duplicates), streams.Sum(stream => stream.Missing),
            statistics.Rejects().Where(reject => string.Equals(reject.Node, options.Name, StringComparison.Ordinal)).Sum(reject => reject.Count),
            streams.Where(stream => stream.Stream == TelemetryStream.Event).Sum(stream => stream.Received), twin.InvocationsCompleted, twin.InvocationsFailed);
        PositionView? position = Value(Parameters.Latitude) is { } latitude && Value(Parameters.Longitude) is { } longitude && Value(Parameters.Altitude) is { } altitude
            ? new(latitude, longitude, altitude) : null;
        string? mode = Value(Parameters.Mode) is { } number ? OperatingModes.Name(number) : null;
        return new(options.Name, options.Number, twin.IsReachable, Time(twin.ContactSince), Time(twin.LastSeen), twin.Boot, mode, position, Value(Parameters.SunFraction),
            twin.HousekeepingTime == 0 ? null : new(Time(twin.HousekeepingTime)!, twin.Housekeeping.OrderBy(pair => pair.Key).ToDictionary(pair => NameOf(pair.Key),
                pair => new ValueView(pair.Value, UnitOf(pair.Key)), StringComparer.Ordinal)),
            [.. twin.Functions.Select(function => new FunctionView(function.Name, function.Version, function.Digest, Time(function.Since)))], twin.Workflows,
            [.. twin.Running.Select(running => new RunningView(running.Function, running.Invocation, Time(running.Since)))],
            [.. twin.Links.Select(link => new LinkView(link.Peer, link.IsUp, link.BundlesSent, link.BundlesReceived, link.BytesSent, link.BytesReceived))],
            twin.LastEvent.Length > 0 ? twin.LastEvent : null, counters, options.Tle,
            [.. twin.Profiles.Select(Profile)]);

        double? Value(ParameterDefinition parameter) => twin.Housekeeping.TryGetValue(parameter.Id, out double value) ? value : null;
    }

    public static ProfileView Profile(ProfileState profile) => new(profile.Function, profile.Version, Time(profile.Since), Time(profile.Reported), profile.Completed,
        Enum.GetValues<InvocationFault>().Where(fault => profile.Failed.ElementAtOrDefault((int)fault) > 0).ToDictionary(fault => Lower(fault), fault => profile.Failed[(int)fault], StringComparer.Ordinal),
        profile.Refused, profile.Called, new(profile.ColdStarts, profile.FreshStarts, profile.WarmStarts), profile.CpuMedian?.TotalSeconds, profile.CpuP99?.TotalSeconds,
        profile.WallMedian?.TotalSeconds, profile.WallP99?.TotalSeconds, profile.MemoryBytesHighest, profile.InputBytes, profile.OutputBytes, profile.Joules);

    public static SampleView Sample(SampleRow row) => new(row.Time.ToString(), row.Received.ToString(), row.Boot, row.Sequence, row.Value);

    public static EventView Event(RecordRow row)
    {
        EventReport report = row.Body<EventReport>();
        EventDefinition? definition = Events.Find(report.EventId);
        var arguments = new JsonObject();
        for (int i = 0; i < report.Arguments.Count; i++)
            arguments[definition is not null && i < definition.Arguments.Count ? definition.Arguments[i] : $"argument{i}"] = ArgumentJson.ToJson(report.Arguments[i]);
        return new(row.Id, row.Node, row.Boot, row.Sequence, row.Time.ToString(), row.Received.ToString(), definition?.Name ?? $"event-{report.EventId}", Lower(report.Severity), arguments, report.ToText());
    }

    public static InvocationView Invocation(RecordRow row)
    {
        InvocationReport report = row.Body<InvocationReport>();
        return new(row.Node, report.Function, report.Version, report.InvocationId, report.Workflow, report.Run, Lower(report.Result), report.Reason, report.Queued.ToString(),
            report.Started.ToString(), report.Ended.ToString(), Time((long)report.Deadline.Milliseconds), report.CpuTime.TotalSeconds, report.Energy.Joules, report.Fuel,
            Lower(report.State), report.Output.ToArray(), row.Received.ToString(), report.WallTime.TotalSeconds, report.MemoryBytesHighest, report.InputBytes, report.OutputBytes,
            Lower(report.Start), report.Limit);
    }

    public static CommandView Command(CommandRow row, IReadOnlyList<StageRow> stages)
    {
        var arguments = new JsonObject();
        foreach ((string name, ArgumentValue value) in row.Arguments)
            arguments[name] = value.Type == ArgumentType.Bytes ? JsonValue.Create(value.ToString()) : ArgumentJson.ToJson(value);
        return new(row.Id, row.Node, row.Name, arguments, Lower(row.State), row.Queued.ToString(), row.Expiry.ToString(), row.Sequence, row.Releases,
            [.. stages.Select(stage => new StageView(Lower(stage.State), stage.Time.ToString(), stage.Received.ToString(), Lower(stage.Reason), stage.Detail))]);
    }

    public static DictionaryView Dictionary() => new(
        Convert.ToHexStringLower(MissionDictionary.Digest.Span),
        [.. Parameters.All.Select(parameter => new ParameterView(parameter.Id, parameter.Name, Lower(parameter.Unit), parameter.Accuracy, parameter.Limits.Soft.Low,
            parameter.Limits.Soft.High, parameter.Limits.Hard.Low, parameter.Limits.Hard.High, parameter.Limits.Persistence, parameter.ExpectedAge?.TotalSeconds, parameter.Description))],
        [.. Events.All.Select(kind => new EventKindView(kind.Id, kind.Name, Lower(kind.Severity), kind.Arguments, kind.Description))],
        [.. Commands.All.Select(command => new CommandKindView(command.Name, [.. command.Arguments.Select(argument =>
            new ArgumentView(argument.Name, Lower(argument.Type), argument.Min, argument.Max, argument.Description))], command.Description))]);

    private static string UnitOf(ushort parameter) => Parameters.Find(parameter) is { } definition ? Lower(definition.Unit) : "unknown";

    private static string? Time(long milliseconds) => milliseconds == 0 ? null : new DtnTime((ulong)milliseconds).ToString();

    /// <summary>An image of the library.</summary>
    public static ImageView Image(StoredImage image) => new(image.Digest, image.Manifest.Name, image.Manifest.Version, image.ModuleBytes);

    /// <summary>An enumeration's word as the API writes it: lower case with hyphens.</summary>
    public static string Lower<T>(T value) where T : struct, Enum =>
        string.Concat(value.ToString().Select((c, i) => char.IsUpper(c) ? (i > 0 ? "-" : "") + char.ToLowerInvariant(c) : c.ToString()));
}
