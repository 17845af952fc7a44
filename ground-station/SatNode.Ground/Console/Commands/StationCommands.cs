using System.CommandLine;
using SatNode.Ground.Configuration;
using SatNode.Ground.Dictionary;
using SatNode.Ground.Hosting;
using SatNode.Ground.Keys;

namespace SatNode.Ground.Console.Commands;

/// <summary>What needs no running station: <c>serve</c>, <c>keys</c> and <c>dictionary</c>.</summary>
internal static class StationCommands
{
    private static readonly Option<string> Out = new("--out") { Description = "The folder to write to.", Required = true };

    public static Command Serve()
    {
        var config = new Option<string>("--config") { Description = "The configuration file.", Required = true };
        var serve = new Command("serve", "Runs the station until SIGTERM or SIGINT.") { config };
        serve.SetAction(async (parsed, _) =>
        {
            GroundOptions options = GroundOptionsReader.ReadFile(parsed.GetRequiredValue(config));
            await using GroundStation station = await GroundStation.StartAsync(options, TimeProvider.System);
            await System.Console.Out.WriteLineAsync($"ready http={station.Http.ToString().TrimEnd('/')} mqtt={station.Mqtt}");
            await System.Console.Out.FlushAsync(CancellationToken.None);
            var stop = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            await using (station.Stopping.Register(stop.SetResult))
                await stop.Task;
            return ExitCode.Done;
        });
        return serve;
    }

    public static Command KeyCommands(Screen screen) => new("keys", "Makes keys.") { New(screen), Enroll() };

    public static Command Dictionary(Screen screen)
    {
        var format = new Option<string>("--format") { Description = "json or markdown.", DefaultValueFactory = _ => "markdown" };
        format.AcceptOnlyFromAmong("json", "markdown");
        var dictionary = new Command("dictionary", "Writes the mission dictionary of this release: parameters, telecommands, events.") { format };
        dictionary.SetAction(parsed => screen.Output.Write(parsed.GetValue(format) is "json" ? DictionaryDocument.Json() : DictionaryDocument.Markdown()));
        return dictionary;
    }

    private static Command New(Screen screen)
    {
        var create = new Command("new", "Makes the keys of a mission: authority, broker, command, function and image signing keys, API token; in a folder that has some, those that it lacks.") { Out };
        create.SetAction(parsed => screen.Line($"made {string.Join(", ", KeyFolder.Create(parsed.GetRequiredValue(Out), TimeProvider.System))}"));
        return create;
    }

    private static Command Enroll()
    {
        var node = new Argument<string>("node") { Description = "The node's name." };
        var enroll = new Command("enroll", "Issues a node's certificate.") { node, Session.Keys, Out };
        enroll.SetAction(parsed => KeyFolder.Enroll(parsed.GetRequiredValue(node), parsed.GetRequiredValue(Session.Keys), parsed.GetRequiredValue(Out), TimeProvider.System));
        return enroll;
    }
}
