using System.CommandLine;
using System.Runtime.InteropServices;
using System.Text.Encodings.Web;
using System.Text.Json;
using SatNode.Ground.Api;
using SatNode.Ground.Configuration;

namespace SatNode.Ground.Console;

/// <summary>What the commands of one console share: where they write, the station they talk to, and Ctrl-C.</summary>
internal sealed class Session(Screen screen) : IDisposable
{
    private static readonly Option<string> Url = new("--url") { Description = "The station's API.", DefaultValueFactory = _ => Environment.GetEnvironmentVariable("SATNODE_GROUND_URL") ?? "http://127.0.0.1:8080" };
    private static readonly Option<string?> Config = new("--config") { Description = "The configuration of a station that runs on this machine, in place of --url and --keys." };
    private static readonly Option<bool> Json = new("--json") { Description = "Answers in JSON." };
    private StationClient? _station;

    /// <summary>The keys folder, also of commands without a station.</summary>
    public static readonly Option<string> Keys = new("--keys") { Description = "The station's keys folder.", DefaultValueFactory = _ => Environment.GetEnvironmentVariable("SATNODE_GROUND_KEYS") ?? "keys" };

    /// <summary>Where answers go.</summary>
    public Screen Screen => screen;

    /// <summary>What the station knows by name; a console refreshes it, a one-shot leaves it empty.</summary>
    public StationNames Names { get; set; } = StationNames.None;

    /// <summary>The station, once a command connected.</summary>
    public StationClient? Station => _station;

    /// <summary>A command that asks the station. Within a console the station is the console's, so that there are no options to name another.</summary>
    public Command Command(string name, string description, IEnumerable<Symbol> symbols, Func<Call, CancellationToken, Task<int>> run)
    {
        var command = new Command(name, description);
        foreach (Symbol symbol in symbols)
        {
            if (symbol is Argument argument)
                command.Arguments.Add(argument);
            else
                command.Options.Add((Option)symbol);
        }
        command.Options.Add(Json);
        if (_station is null)
        {
            command.Options.Add(Url);
            command.Options.Add(Keys);
            command.Options.Add(Config);
        }
        command.SetAction(async (parsed, _) =>
        {
            _station ??= Connect(parsed);
            using var interrupt = new CancellationTokenSource();
            using PosixSignalRegistration ctrlC = PosixSignalRegistration.Create(PosixSignal.SIGINT, signal =>
            {
                signal.Cancel = true;
                interrupt.Cancel();
            });
            return await run(new(parsed, _station, screen, parsed.GetValue(Json)), interrupt.Token);
        });
        return command;
    }

    public void Dispose() => _station?.Dispose();

    private static StationClient Connect(ParseResult parsed)
    {
        if (parsed.GetValue(Config) is { } file)
            return StationClient.Of(GroundOptionsReader.ReadFile(file));
        string url = parsed.GetRequiredValue(Url);
        return Uri.TryCreate(url, UriKind.Absolute, out Uri? station) && (station.Scheme is "http" or "https")
            ? new StationClient(station, parsed.GetRequiredValue(Keys))
            : throw new RequestFault($"--url: expected a URL such as http://127.0.0.1:8080, found '{url}'");
    }
}

/// <summary>One run of a command.</summary>
internal sealed class Call(ParseResult parsed, StationClient station, Screen screen, bool isJson)
{
    private static readonly JsonSerializerOptions Readable = new(JsonSerializerOptions.Web) { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>The station.</summary>
    public StationClient Station => station;

    /// <summary>Where the answer goes.</summary>
    public Screen Screen => screen;

    /// <summary>Whether the answer is wanted as JSON.</summary>
    public bool IsJson => isJson;

    /// <summary>An argument's value.</summary>
    public T Get<T>(Argument<T> argument) => parsed.GetRequiredValue(argument);

    /// <summary>An option's value.</summary>
    public T? Get<T>(Option<T> option) => parsed.GetValue(option);

    /// <summary>Writes a line of JSON.</summary>
    public void Json<T>(T answer) => screen.Output.WriteLine(JsonSerializer.Serialize(answer, Readable));
}

/// <summary>Names of the station, for completion.</summary>
internal sealed record StationNames(IReadOnlyList<string> Satellites, IReadOnlyList<string> Functions, IReadOnlyList<string> Stations, DictionaryView Dictionary)
{
    /// <summary>Nothing but this release's dictionary.</summary>
    public static StationNames None { get; } = new([], [], [], Views.Dictionary());
}
