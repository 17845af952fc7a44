using System.CommandLine;
using System.CommandLine.Completions;
using System.Globalization;
using System.Text.Json.Nodes;
using SatNode.Ground.Api;
using SatNode.Ground.Archive;
using SatNode.Ground.Configuration;

namespace SatNode.Ground.Console.Commands;

/// <summary><c>cmd list</c>, <c>cmd send</c> and <c>cmd history</c>: telecommands.</summary>
internal static class CmdCommands
{
    private const int TimeoutSecondsMax = 86_400;

    public static Command Create(Session session) => new("cmd", "Commands satellites.") { List(session), Send(session), History(session) };

    /// <summary>The option that says how long an end is waited for.</summary>
    public static Option<int> Timeout() => new("--timeout") { Description = "Machine seconds to wait with --wait.", DefaultValueFactory = _ => 300 };

    /// <summary>The option that follows what was sent.</summary>
    public static Option<bool> Wait() => new("--wait") { Description = "Follows it to its end." };

    /// <summary>The time of <see cref="Timeout"/>.</summary>
    public static TimeSpan Patience(Call call, Option<int> timeout)
    {
        int seconds = call.Get(timeout);
        return seconds is >= 1 and <= TimeoutSecondsMax ? TimeSpan.FromSeconds(seconds)
            : throw new RequestFault(string.Create(CultureInfo.InvariantCulture, $"--timeout: expected 1 to {TimeoutSecondsMax}, found {seconds}"));
    }

    /// <summary>Says which commands were queued, or follows them to their end.</summary>
    public static async Task<int> FinishAsync(Call call, IReadOnlyList<string> ids, bool isAwaited, TimeSpan patience, CancellationToken cancellation)
    {
        int code = ExitCode.Done;
        List<CommandView> commands = [];
        if (isAwaited)
        {
            var follower = new CommandFollower(call, patience);
            code = await follower.FollowAsync(ids, cancellation);
            commands.AddRange(follower.Seen);
        }
        else
        {
            foreach (string id in ids)
                commands.Add(await call.Station.CommandAsync(id, cancellation));
        }
        if (call.IsJson && commands is [{ } only])
            call.Json(only);
        else if (call.IsJson)
            call.Json(commands);
        else if (!isAwaited)
        {
            foreach (CommandView command in commands)
            {
                call.Screen.Line(new("queued", "green"), command.Id, new(command.Satellite, "bold"), CommandFollower.Described(call, command));
                if (!(await call.Station.SatelliteAsync(command.Satellite, cancellation)).Reachable)
                    call.Screen.Note($"{command.Satellite} is out of contact; {await PassCommands.NextAsync(call, command.Satellite, cancellation)}");
            }
        }
        return code;
    }

    private static Command List(Session session) => session.Command("list", "Lists the telecommands of the dictionary.", [], async (call, cancellation) =>
    {
        DictionaryView dictionary = await call.Station.DictionaryAsync(cancellation);
        if (call.IsJson)
            call.Json(dictionary.Commands);
        else
            call.Screen.Table(["telecommand", "arguments", "what"], dictionary.Commands.Select(command => (IReadOnlyList<Cell>)
                [new(command.Name, "bold"), string.Join(' ', command.Arguments.Select(Described)), new(command.Description, "grey")]), "no telecommands");
        return ExitCode.Done;
    });

    private static Command Send(Session session)
    {
        Argument<string> satellite = SatCommands.Satellite(session);
        var name = new Argument<string>("telecommand") { Description = "The telecommand of the dictionary." };
        name.CompletionSources.Add(_ => session.Names.Dictionary.Commands.Select(command => new CompletionItem(command.Name, detail: command.Description)));
        var values = new Argument<string[]>("arguments") { Description = "name=value; bytes as @FILE, text:TEXT or base64:TEXT.", Arity = ArgumentArity.ZeroOrMore };
        values.CompletionSources.Add(context => Kind(session.Names.Dictionary, context.ParseResult.GetValue(name))?.Arguments.Select(argument => new CompletionItem($"{argument.Name}=", detail: argument.Description)) ?? []);
        Option<bool> wait = Wait();
        Option<int> timeout = Timeout();
        return session.Command("send", "Queues a telecommand; it is sent in the next contact.", [satellite, name, values, wait, timeout], async (call, cancellation) =>
        {
            TimeSpan patience = Patience(call, timeout);
            DictionaryView dictionary = await call.Station.DictionaryAsync(cancellation);
            string wanted = call.Get(name);
            CommandKindView kind = Kind(dictionary, wanted) ?? throw new RequestFault($"no telecommand '{wanted}'{Suggestion.For(wanted, dictionary.Commands.Select(command => command.Name))}");
            string id = await call.Station.SendAsync(call.Get(satellite), new(kind.Name, ReadArguments(kind, call.Get(values))), cancellation);
            return await FinishAsync(call, [id], call.Get(wait), patience, cancellation);
        });
    }

    private static Command History(Session session)
    {
        Argument<string> satellite = SatCommands.Satellite(session);
        satellite.Arity = ArgumentArity.ZeroOrOne;
        satellite.Description = "The satellite; all unless told.";
        satellite.DefaultValueFactory = _ => "";
        var last = new Option<int>("--last") { Description = "How many.", DefaultValueFactory = _ => 20 };
        return session.Command("history", "Lists the telecommands that were sent and how far each got.", [satellite, last], async (call, cancellation) =>
        {
            if (call.Get(last) is < 1 or > ArchiveReader.RowsMax)
                throw new RequestFault(string.Create(CultureInfo.InvariantCulture, $"--last: expected 1 to {ArchiveReader.RowsMax}, found {call.Get(last)}"));
            string node = call.Get(satellite);
            CommandView[] commands = await call.Station.CommandsAsync(node.Length > 0 ? node : null, call.Get(last), cancellation);
            if (call.IsJson)
                call.Json(commands);
            else
                call.Screen.Table(["queued", "satellite", "telecommand", "state", "since", "detail", "id"], commands.Select(command => (IReadOnlyList<Cell>)
                [
                    new(People.Time(command.Queued), "grey"), new(command.Satellite, "bold"), CommandFollower.Described(call, command), new(command.State, CommandFollower.Style(command.State)),
                    new(People.Time(command.Stages[^1].Time), "grey"), command.Stages[^1].Reason is "none" ? CommandFollower.Shown(call, command.Stages[^1].Detail) : $"{command.Stages[^1].Reason}: {command.Stages[^1].Detail}", new(command.Id, "grey"),
                ]), "no telecommand was sent");
            return ExitCode.Done;
        });
    }

    private static CommandKindView? Kind(DictionaryView dictionary, string? name) => dictionary.Commands.FirstOrDefault(command => command.Name == name);

    private static string Described(ArgumentView argument) =>
        string.Create(CultureInfo.InvariantCulture, $"{argument.Name}={argument.Type}({argument.Min:0.###}–{argument.Max:0.###}{(argument.Type is "text" or "bytes" ? " long" : "")})");

    private static JsonObject ReadArguments(CommandKindView kind, string[] values)
    {
        var arguments = new JsonObject();
        foreach (string pair in values)
        {
            int equals = pair.IndexOf('=', StringComparison.Ordinal);
            if (equals <= 0)
                throw new RequestFault($"{kind.Name}: expected name=value, found '{pair}'{(kind.Arguments.Count > 0 ? $"; its arguments: {string.Join(", ", kind.Arguments.Select(argument => argument.Name))}" : "")}");
            string name = pair[..equals];
            string text = pair[(equals + 1)..];
            if (arguments.ContainsKey(name))
                throw new RequestFault($"{kind.Name}: expected {name} once, found it twice");
            arguments[name] = (kind.Arguments.FirstOrDefault(argument => argument.Name == name)?.Type ?? "text") switch
            {
                "integer" when long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long integer) => JsonValue.Create(integer),
                "real" when double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out double real) && double.IsFinite(real) => JsonValue.Create(real),
                "boolean" when bool.TryParse(text, out bool boolean) => JsonValue.Create(boolean),
                "bytes" => new JsonObject { ["base64"] = Convert.ToBase64String(ReadBytes(name, text)) },
                _ => JsonValue.Create(text),
            };
        }
        return arguments;
    }

    /// <summary>Reads what an argument names as @FILE.</summary>
    public static byte[] ReadFile(string name, string path) => path.Length > 0 ? File.ReadAllBytes(path) : throw new RequestFault($"{name}: expected a file as @FILE, found '@'");

    private static byte[] ReadBytes(string name, string text)
    {
        const string asText = "text:";
        const string asBase64 = "base64:";
        if (text.StartsWith('@'))
            return ReadFile(name, text[1..]);
        if (text.StartsWith(asText, StringComparison.Ordinal))
            return System.Text.Encoding.UTF8.GetBytes(text[asText.Length..]);
        byte[] bytes = new byte[text.Length];
        return text.StartsWith(asBase64, StringComparison.Ordinal) && Convert.TryFromBase64String(text[asBase64.Length..], bytes, out int length) ? bytes[..length]
            : throw new RequestFault($"{name}: expected bytes as @FILE, text:TEXT or base64:TEXT, found '{text}'");
    }
}
