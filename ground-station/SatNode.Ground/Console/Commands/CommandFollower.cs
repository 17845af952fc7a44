using System.Globalization;
using SatNode.Ground.Api;
using SatNode.Protocol.Functions;
using Spectre.Console;

namespace SatNode.Ground.Console.Commands;

/// <summary>Follows telecommands to their end and shows each verification stage as it becomes known.</summary>
/// <param name="call">The run of the console's command.</param>
/// <param name="patience">Machine time after which it is given up; what was sent goes on.</param>
/// <param name="isAside">Whether the stages are not the answer itself, so that they go to standard error where nobody looks at a terminal.</param>
internal sealed class CommandFollower(Call call, TimeSpan patience, bool isAside = false)
{
    private readonly Dictionary<string, int> _shown = new(StringComparer.Ordinal);

    /// <summary>The commands as they were seen last.</summary>
    public IReadOnlyList<CommandView> Seen { get; private set; } = [];

    /// <summary>Follows commands until all have ended.</summary>
    /// <returns>Done when all were completed; refused when one failed or expired; timed out or interrupted when one goes on.</returns>
    public async Task<int> FollowAsync(IReadOnlyList<string> ids, CancellationToken cancellation)
    {
        try
        {
            return call.Screen.IsTerminal && !call.IsJson
                ? await call.Screen.Terminal.Status().Spinner(Spinner.Known.Dots).StartAsync("sending", status => PollAsync(ids, text => status.Status(Screen.Styled(text)), cancellation))
                : await PollAsync(ids, _ => { }, cancellation);
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            call.Screen.Fault($"interrupted; {Unfinished()}");
            return ExitCode.Interrupted;
        }
    }

    private async Task<int> PollAsync(IReadOnlyList<string> ids, Action<string> wait, CancellationToken cancellation)
    {
        long begin = TimeProvider.System.GetTimestamp();
        HashSet<string> told = new(StringComparer.Ordinal);
        while (true)
        {
            List<CommandView> commands = [];
            foreach (string id in ids)
                commands.Add(await call.Station.CommandAsync(id, cancellation));
            Seen = commands;
            foreach (CommandView command in commands)
                ShowNews(command);
            CommandView[] open = [.. commands.Where(command => !IsEnded(command))];
            if (open.Length == 0)
                return commands.All(command => command.State is "completed") ? ExitCode.Done : ExitCode.Refused;
            foreach (CommandView command in open.Where(command => command.State is "queued" && told.Add(command.Id)))
            {
                if (!(await call.Station.SatelliteAsync(command.Satellite, cancellation)).Reachable)
                    call.Screen.Note($"{command.Satellite} is out of contact; {await PassCommands.NextAsync(call, command.Satellite, cancellation)}");
            }
            if (TimeProvider.System.GetElapsedTime(begin) > patience)
            {
                call.Screen.Fault(string.Create(CultureInfo.InvariantCulture, $"not ended after {patience.TotalSeconds:0} s; {Unfinished()}"));
                return ExitCode.TimedOut;
            }
            wait(string.Join(", ", open.Select(command => $"{command.Satellite} {command.Name}: {command.State}")));
            await Following.PauseAsync(cancellation);
        }
    }

    private void ShowNews(CommandView command)
    {
        int shown = _shown.GetValueOrDefault(command.Id);
        _shown[command.Id] = command.Stages.Count;
        if (call.IsJson)
            return;
        foreach (StageView stage in command.Stages.Skip(shown))
        {
            string words = string.Join(": ", ((string[])[stage.Reason is "none" ? "" : stage.Reason, stage.Detail]).Where(part => part.Length > 0));
            if (call.Screen.IsTerminal)
                call.Screen.Line(new(People.Time(stage.Time), "grey"), new(command.Satellite, "bold"), new(stage.Stage.PadRight(11), Style(stage.Stage)), words.Length == 0 && stage.Stage is "queued" ? Described(call, command) : words);
            else if (isAside)
                call.Screen.Note($"{stage.Time}\t{command.Satellite}\t{stage.Stage}\t{words}");
            else
                call.Screen.Line(stage.Time, command.Satellite, stage.Stage, words);
        }
    }

    /// <summary>A command as it was sent; on a terminal with digests that can be told apart.</summary>
    public static string Described(Call call, CommandView command) => string.Join(' ', command.Arguments
        .Select(argument => $"{argument.Key}={Shown(call, argument.Value?.ToString() ?? "")}").Prepend(command.Name));

    /// <summary>A text that may be a digest; on a terminal then one that can be told from others.</summary>
    public static string Shown(Call call, string value) => call.Screen.IsTerminal && value.StartsWith(FunctionImage.DigestPrefix, StringComparison.Ordinal) ? People.Digest(value) : value;

    /// <summary>How a stage looks.</summary>
    public static string Style(string stage) => stage switch { "completed" => "green", "failed" or "expired" => "red", "queued" => "grey", _ => "deepskyblue1" };

    private static bool IsEnded(CommandView command) => command.State is "completed" or "failed" or "expired";

    private string Unfinished() => string.Join(", ", Seen.Where(command => !IsEnded(command)).Select(command => $"command {command.Id} to {command.Satellite} is {command.State}"))
        + " and goes on without this console";
}
