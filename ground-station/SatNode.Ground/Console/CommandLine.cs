using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using SatNode.Ground.Api;
using SatNode.Ground.Configuration;
using SatNode.Ground.Dictionary;
using SatNode.Ground.Hosting;
using SatNode.Ground.Keys;
using Spectre.Console;

namespace SatNode.Ground.Console;

/// <summary>The command line. Exit codes: 0 done, 1 it was tried and failed, 2 the request or the configuration is wrong.</summary>
internal static class CommandLine
{
    private const int Done = 0;
    private const int Failed = 1;
    private const int Wrong = 2;
    private static readonly TimeSpan PollPeriod = TimeSpan.FromMilliseconds(200);
    private static readonly Option<string> Station = new("--url") { Description = "The station's API.", DefaultValueFactory = _ => Environment.GetEnvironmentVariable("SATNODE_GROUND_URL") ?? "http://127.0.0.1:8080" };
    private static readonly Option<string> Keys = new("--keys") { Description = "The station's keys folder.", DefaultValueFactory = _ => Environment.GetEnvironmentVariable("SATNODE_GROUND_KEYS") ?? "keys" };
    private static readonly Option<string?> Config = new("--config") { Description = "The running station's configuration, in place of --url and --keys." };
    private static readonly Option<string> Out = new("--out") { Description = "The folder to write to.", Required = true };

    /// <summary>Runs a command line.</summary>
    public static async Task<int> RunAsync(string[] arguments)
    {
        ParseResult parsed = Root().Parse(arguments);
        if (parsed.Errors.Count > 0)
            return await WrongAsync(parsed.Errors[0].Message);
        try
        {
            return await parsed.InvokeAsync(new InvocationConfiguration { EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = null });
        }
        catch (Exception e) when (e is YamlInputException or StartFault or InvalidDataException or IOException or UnauthorizedAccessException or StationRefusal)
        {
            return await WrongAsync(e.Message);
        }
        catch (HttpRequestException e)
        {
            return await WrongAsync($"no station answers: {e.Message}");
        }
    }

    private static RootCommand Root() => new("SatNode's ground station.")
    {
        Serve(),
        new Command("keys", "Makes keys.") { NewKeys(), EnrollNode() },
        new Command("cmd", "Commands satellites.") { Send() },
        new Command("sat", "Shows satellites.") { List() },
        Dictionary(),
    };

    private static Command Serve()
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
            return Done;
        });
        return serve;
    }

    private static Command Dictionary()
    {
        var format = new Option<string>("--format") { Description = "json or markdown.", DefaultValueFactory = _ => "markdown" };
        format.AcceptOnlyFromAmong("json", "markdown");
        var dictionary = new Command("dictionary", "Writes the mission dictionary of this release: parameters, telecommands, events.") { format };
        dictionary.SetAction(parsed => System.Console.Out.Write(parsed.GetValue(format) is "json" ? DictionaryDocument.Json() : DictionaryDocument.Markdown()));
        return dictionary;
    }

    private static Command NewKeys()
    {
        var create = new Command("new", "Makes the keys of a mission: authority, broker, command and image signing keys, API token.") { Out };
        create.SetAction(parsed => KeyFolder.Create(parsed.GetRequiredValue(Out), TimeProvider.System));
        return create;
    }

    private static Command EnrollNode()
    {
        var node = new Argument<string>("node") { Description = "The node's name." };
        var enroll = new Command("enroll", "Issues a node's certificate.") { node, Keys, Out };
        enroll.SetAction(parsed => KeyFolder.Enroll(parsed.GetRequiredValue(node), parsed.GetRequiredValue(Keys), parsed.GetRequiredValue(Out), TimeProvider.System));
        return enroll;
    }

    private static Command Send()
    {
        var satellite = new Argument<string>("satellite") { Description = "The satellite." };
        var name = new Argument<string>("command") { Description = "The command of the dictionary." };
        var values = new Argument<string[]>("arguments") { Description = "name=value; bytes as @FILE or base64:TEXT.", Arity = ArgumentArity.ZeroOrMore };
        var wait = new Option<bool>("--wait") { Description = "Follows the command to its end." };
        var timeout = new Option<int>("--timeout") { Description = "Seconds to wait.", DefaultValueFactory = _ => 300 };
        var send = new Command("send", "Queues a command.") { satellite, name, values, wait, timeout, Station, Keys, Config };
        send.SetAction(async (parsed, cancellation) =>
        {
            using var client = Connect(parsed);
            DictionaryView dictionary = await client.DictionaryAsync(cancellation);
            string commandName = parsed.GetRequiredValue(name);
            CommandKindView? kind = dictionary.Commands.FirstOrDefault(known => string.Equals(known.Name, commandName, StringComparison.Ordinal));
            var request = new CommandRequest(commandName, ReadArguments(kind, parsed.GetValue(values) ?? []));
            string id = await client.SendAsync(parsed.GetRequiredValue(satellite), request, cancellation);
            await System.Console.Out.WriteLineAsync($"queued {id}");
            return parsed.GetValue(wait) ? await FollowAsync(client, id, TimeSpan.FromSeconds(parsed.GetValue(timeout)), cancellation) : Done;
        });
        return send;
    }

    private static Command List()
    {
        var format = new Option<string>("--format") { Description = "table or json.", DefaultValueFactory = _ => "table" };
        format.AcceptOnlyFromAmong("table", "json");
        var list = new Command("list", "Lists the satellites.") { format, Station, Keys, Config };
        list.SetAction(async (parsed, cancellation) =>
        {
            using var client = Connect(parsed);
            IReadOnlyList<SatelliteView> satellites = await client.SatellitesAsync(cancellation);
            if (parsed.GetValue(format) is "json")
                await System.Console.Out.WriteLineAsync(JsonSerializer.Serialize(satellites, JsonSerializerOptions.Web));
            else
                Show(satellites);
            return Done;
        });
        return list;
    }

    private static StationClient Connect(ParseResult parsed)
    {
        if (parsed.GetValue(Config) is { } file)
            return StationClient.Of(GroundOptionsReader.ReadFile(file));
        string url = parsed.GetRequiredValue(Station);
        return Uri.TryCreate(url, UriKind.Absolute, out Uri? station) && (station.Scheme is "http" or "https")
            ? new StationClient(station, parsed.GetRequiredValue(Keys))
            : throw new InvalidDataException($"--url: expected a URL such as http://127.0.0.1:8080, found '{url}'");
    }

    private static void Show(IReadOnlyList<SatelliteView> satellites)
    {
        string[] columns = ["satellite", "contact", "last seen", "mode", "board °C", "charge %", "functions", "running"];
        IEnumerable<string[]> rows = satellites.Select(satellite => new[]
        {
            satellite.Name, satellite.Reachable ? "yes" : "no", satellite.LastSeen ?? "never", satellite.Mode ?? "",
            Shown(satellite, "board.temperature", kelvin => new Protocol.Quantities.Temperature(kelvin).Celsius), Shown(satellite, "battery.state-of-charge", share => share * 100),
            string.Join(' ', satellite.Functions.Select(function => function.Name)), string.Join(' ', satellite.Running.Select(running => running.Function)),
        });
        if (System.Console.IsOutputRedirected)
        {
            System.Console.Out.WriteLine(string.Join('\t', columns));
            foreach (string[] row in rows)
                System.Console.Out.WriteLine(string.Join('\t', row));
            return;
        }
        var table = new Table();
        table.AddColumns(columns);
        foreach (string[] row in rows)
            table.AddRow(row.Select(Markup.Escape).ToArray());
        AnsiConsole.Write(table);
    }

    private static string Shown(SatelliteView satellite, string parameter, Func<double, double> convert) =>
        satellite.Housekeeping?.Values.TryGetValue(parameter, out ValueView? value) == true ? convert(value.Value).ToString("F1", CultureInfo.InvariantCulture) : "";

    private static JsonObject ReadArguments(CommandKindView? kind, string[] values)
    {
        var arguments = new JsonObject();
        foreach (string pair in values)
        {
            int equals = pair.IndexOf('=', StringComparison.Ordinal);
            if (equals <= 0)
                throw new InvalidDataException($"expected name=value, found '{pair}'");
            string name = pair[..equals];
            string text = pair[(equals + 1)..];
            string type = kind?.Arguments.FirstOrDefault(argument => string.Equals(argument.Name, name, StringComparison.Ordinal))?.Type ?? "text";
            arguments[name] = type switch
            {
                "integer" when long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long integer) => JsonValue.Create(integer),
                "real" when double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out double real) => JsonValue.Create(real),
                "boolean" when bool.TryParse(text, out bool boolean) => JsonValue.Create(boolean),
                "bytes" => new JsonObject { ["base64"] = ReadBytes(text) },
                _ => JsonValue.Create(text),
            };
        }
        return arguments;
    }

    private static string ReadBytes(string text)
    {
        const string prefix = "base64:";
        if (text.StartsWith('@'))
            return Convert.ToBase64String(File.ReadAllBytes(text[1..]));
        return text.StartsWith(prefix, StringComparison.Ordinal) ? text[prefix.Length..] : throw new InvalidDataException($"expected bytes as @FILE or base64:TEXT, found '{text}'");
    }

    private static async Task<int> FollowAsync(StationClient client, string id, TimeSpan timeout, CancellationToken cancellation)
    {
        int shown = 0;
        long begin = TimeProvider.System.GetTimestamp();
        while (true)
        {
            CommandView command = await client.CommandAsync(id, cancellation);
            foreach (StageView stage in command.Stages.Skip(shown))
                await System.Console.Out.WriteLineAsync($"{stage.Time} {stage.Stage}{(stage.Reason is "none" ? "" : $" {stage.Reason}")}{(stage.Detail.Length > 0 ? $": {stage.Detail}" : "")}");
            shown = command.Stages.Count;
            if (command.State is "completed")
                return Done;
            if (command.State is "failed" or "expired")
                return Failed;
            if (TimeProvider.System.GetElapsedTime(begin) > timeout)
            {
                await System.Console.Error.WriteLineAsync($"satnode-ground: command {id} is {command.State} after {timeout.TotalSeconds} s; it goes on without this console");
                return Failed;
            }
            await Task.Delay(PollPeriod, TimeProvider.System, cancellation);
        }
    }

    private static async Task<int> WrongAsync(string text)
    {
        await System.Console.Error.WriteLineAsync($"satnode-ground: {text.ReplaceLineEndings(" ")}");
        return Wrong;
    }
}
