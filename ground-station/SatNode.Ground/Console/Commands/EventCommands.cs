using System.CommandLine;
using System.CommandLine.Completions;
using System.Globalization;
using SatNode.Ground.Api;
using SatNode.Ground.Archive;
using SatNode.Ground.Configuration;

namespace SatNode.Ground.Console.Commands;

/// <summary><c>events list</c> and <c>events follow</c>: what the agents reported, in the order in which it came down.</summary>
internal static class EventCommands
{
    private const int Page = 1000;
    private static readonly string[] Severities = ["informative", "low", "medium", "high"];

    public static Command Create(Session session) => new("events", "Reads the satellites' events.") { Read(session, isFollowed: false), Read(session, isFollowed: true) };

    /// <summary>Shows the last events and, when wanted, those that come until Ctrl-C.</summary>
    public static async Task<int> RunAsync(Call call, string? satellite, string? name, Func<EventView, bool> isWanted, Action<EventView> show, int last, bool isFollowed, CancellationToken cancellation)
    {
        if (last is < 0 or > ArchiveReader.RowsMax)
            throw new RequestFault(string.Create(CultureInfo.InvariantCulture, $"--last: expected 0 to {ArchiveReader.RowsMax}, found {last}"));
        // What is filtered here is asked for in a larger number, so that the last few wanted are among them.
        EventView[] past = await call.Station.EventsAsync(satellite, name, null, Math.Clamp(last * 20, 1, ArchiveReader.RowsMax), cancellation);
        foreach (EventView item in past.Where(isWanted).TakeLast(last))
            show(item);
        if (!isFollowed)
            return ExitCode.Done;
        long after = past is [.., { } latest] ? latest.Id : 0;
        return await Following.UntilCtrlCAsync(async () =>
        {
            while (true)
            {
                EventView[] news = await call.Station.EventsAsync(satellite, name, after, Page, cancellation);
                foreach (EventView item in news)
                {
                    after = item.Id;
                    if (isWanted(item))
                        show(item);
                }
                await call.Screen.Output.FlushAsync(cancellation);
                if (news.Length < Page)
                    await Following.PauseAsync(cancellation);
            }
        }, cancellation);
    }

    private static Command Read(Session session, bool isFollowed)
    {
        Argument<string> satellite = SatCommands.Satellite(session);
        satellite.Arity = ArgumentArity.ZeroOrOne;
        satellite.Description = "The satellite; all unless told.";
        satellite.DefaultValueFactory = _ => "";
        var name = new Option<string?>("--name") { Description = "Only this event of the dictionary." };
        name.CompletionSources.Add(_ => session.Names.Dictionary.Events.Select(kind => new CompletionItem(kind.Name)));
        var severity = new Option<string>("--severity") { Description = "The least severity.", DefaultValueFactory = _ => Severities[0] };
        severity.CompletionSources.Add(Severities);
        var last = new Option<int>("--last") { Description = "How many of the past are shown.", DefaultValueFactory = _ => isFollowed ? 10 : 20 };
        return session.Command(isFollowed ? "follow" : "list", isFollowed ? "Follows events until Ctrl-C." : "Lists the latest events.", [satellite, name, severity, last], (call, cancellation) =>
        {
            string wanted = call.Get(severity)!;
            int least = Array.IndexOf(Severities, wanted);
            if (least < 0)
                throw new RequestFault($"--severity: expected {string.Join(", ", Severities)}, found '{wanted}'{Suggestion.For(wanted, Severities)}");
            string node = call.Get(satellite);
            return RunAsync(call, node.Length > 0 ? node : null, call.Get(name), item => Array.IndexOf(Severities, item.Severity) >= least, item => Show(call, item), call.Get(last), isFollowed, cancellation);
        });
    }

    private static void Show(Call call, EventView item)
    {
        if (call.IsJson)
            call.Json(item);
        else if (call.Screen.IsTerminal)
            call.Screen.Line(new(People.Time(item.Time), "grey"), new(item.Satellite, "bold"), new(item.Severity.PadRight(11), Style(item.Severity)), item.Text);
        else
            call.Screen.Line(item.Time, item.Satellite, item.Severity, item.Text);
    }

    private static string Style(string severity) => severity switch { "high" => "red bold", "medium" => "red", "low" => "yellow", _ => "grey" };
}
