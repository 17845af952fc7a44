using System.CommandLine;
using System.CommandLine.Completions;
using System.Globalization;
using SatNode.Ground.Api;
using SatNode.Ground.Archive;
using SatNode.Ground.Configuration;
using Spectre.Console;

namespace SatNode.Ground.Console.Commands;

/// <summary><c>tm get</c> and <c>tm watch</c>: telemetry parameters, in the units that people read, yellow outside their nominal range and red outside the hard one.</summary>
internal static class TmCommands
{
    private const int TrendSamples = 24;

    public static Command Create(Session session) => new("tm", "Reads telemetry.") { Get(session), Watch(session) };

    private static Argument<string[]> Names(Session session)
    {
        var names = new Argument<string[]>("parameters") { Description = "The parameters; all unless told.", Arity = ArgumentArity.ZeroOrMore };
        names.CompletionSources.Add(_ => session.Names.Dictionary.Parameters.Select(parameter => new CompletionItem(parameter.Name)));
        return names;
    }

    private static Command Get(Session session)
    {
        Argument<string> satellite = SatCommands.Satellite(session);
        Argument<string[]> names = Names(session);
        var last = new Option<int>("--last") { Description = "The last samples of each from the archive, instead of the latest alone." };
        return session.Command("get", "Reads the latest values, or a history.", [satellite, names, last], async (call, cancellation) =>
        {
            int count = call.Get(last);
            if (count is < 0 or > ArchiveReader.RowsMax)
                throw new RequestFault(string.Create(CultureInfo.InvariantCulture, $"--last: expected 1 to {ArchiveReader.RowsMax}, found {count}"));
            DictionaryView dictionary = await call.Station.DictionaryAsync(cancellation);
            ParameterView[] parameters = Find(dictionary, call.Get(names));
            List<Reading> readings = count > 0
                ? await HistoryAsync(call, call.Get(satellite), parameters, count, cancellation)
                : Latest(await call.Station.SatelliteAsync(call.Get(satellite), cancellation), parameters);
            if (call.IsJson)
                call.Json(readings.Select(reading => reading.ToView()));
            else
                call.Screen.Table(["parameter", "value", "unit", "nominal", "time"], readings.Select(reading => (IReadOnlyList<Cell>)
                    [reading.Parameter.Name, reading.Cell, People.Unit(reading.Parameter.Unit), new(People.Nominal(reading.Parameter), "grey"), new(People.Time(reading.Time), "grey")]),
                    "nothing was measured yet");
            return ExitCode.Done;
        });
    }

    private static Command Watch(Session session)
    {
        Argument<string> satellite = SatCommands.Satellite(session);
        Argument<string[]> names = Names(session);
        return session.Command("watch", "Follows values as they come, until Ctrl-C.", [satellite, names], async (call, cancellation) =>
        {
            DictionaryView dictionary = await call.Station.DictionaryAsync(cancellation);
            ParameterView[] parameters = Find(dictionary, call.Get(names));
            string name = call.Get(satellite);
            _ = await call.Station.SatelliteAsync(name, cancellation); // a name that is none is refused before anything is drawn
            return await Following.UntilCtrlCAsync(() => call.Screen.IsTerminal && !call.IsJson
                ? call.Screen.Terminal.Live(new Text("")).StartAsync(live => WatchAsync(call, name, parameters, (seen, trends) => live.UpdateTarget(Picture(seen, parameters, trends)), cancellation))
                : WatchAsync(call, name, parameters, (seen, _) => Write(call, seen, parameters), cancellation), cancellation);
        });
    }

    private static async Task WatchAsync(Call call, string name, ParameterView[] parameters, Action<SatelliteView, IReadOnlyDictionary<string, Queue<double>>> show, CancellationToken cancellation)
    {
        var trends = parameters.ToDictionary(parameter => parameter.Name, _ => new Queue<double>(), StringComparer.Ordinal);
        string? shown = null;
        bool? wasReachable = null;
        while (true)
        {
            SatelliteView seen = await call.Station.SatelliteAsync(name, cancellation);
            if (seen.Housekeeping is { } housekeeping && housekeeping.Time != shown)
            {
                foreach ((string parameter, Queue<double> trend) in trends)
                {
                    if (!housekeeping.Values.TryGetValue(parameter, out ValueView? value))
                        continue;
                    trend.Enqueue(value.Value);
                    if (trend.Count > TrendSamples)
                        trend.Dequeue();
                }
            }
            bool isNews = seen.Housekeeping?.Time != shown || (call.Screen.IsTerminal && seen.Reachable != wasReachable);
            (shown, wasReachable) = (seen.Housekeeping?.Time, seen.Reachable);
            if (isNews)
                show(seen, trends);
            await Following.PauseAsync(cancellation);
        }
    }

    private static void Write(Call call, SatelliteView seen, ParameterView[] parameters)
    {
        foreach (Reading reading in Latest(seen, parameters))
        {
            if (call.IsJson)
                call.Json(reading.ToView());
            else
                call.Screen.Line(reading.Time, reading.Parameter.Name, reading.Cell, People.Unit(reading.Parameter.Unit));
        }
        call.Screen.Output.Flush();
    }

    private static Rows Picture(SatelliteView seen, ParameterView[] parameters, IReadOnlyDictionary<string, Queue<double>> trends) => new(
        new Markup($"[bold]{Markup.Escape(seen.Name)}[/] [grey]{People.Time(seen.Housekeeping?.Time)}[/] {(seen.Reachable ? "[green]in contact[/]" : "[yellow]out of contact[/]")}[grey], Ctrl-C ends[/]"),
        Screen.Grid(["parameter", "value", "unit", "nominal", "trend"], Latest(seen, parameters).Select(reading => (IReadOnlyList<Cell>)
            [reading.Parameter.Name, reading.Cell, People.Unit(reading.Parameter.Unit), new(People.Nominal(reading.Parameter), "grey"), new(Trend(trends[reading.Parameter.Name]), "deepskyblue1")])));

    /// <summary>The samples as a row of bars between the lowest and the highest of them.</summary>
    private static string Trend(Queue<double> samples)
    {
        const string bars = "▁▂▃▄▅▆▇█";
        if (samples.Count == 0)
            return "";
        double low = samples.Min(), span = samples.Max() - low;
        return string.Concat(samples.Select(sample => span > 0 ? bars[(int)Math.Min(bars.Length - 1, (sample - low) / span * bars.Length)] : bars[0]));
    }

    private static ParameterView[] Find(DictionaryView dictionary, string[] names) => names.Length == 0 ? [.. dictionary.Parameters] :
    [
        .. names.Select(name => dictionary.Parameters.FirstOrDefault(parameter => parameter.Name == name)
            ?? throw new RequestFault($"no parameter '{name}'{Suggestion.For(name, dictionary.Parameters.Select(parameter => parameter.Name))}")),
    ];

    private static List<Reading> Latest(SatelliteView satellite, ParameterView[] parameters) => satellite.Housekeeping is not { } housekeeping ? [] :
    [
        .. parameters.Where(parameter => housekeeping.Values.ContainsKey(parameter.Name)).Select(parameter => new Reading(parameter, housekeeping.Time, housekeeping.Values[parameter.Name].Value)),
    ];

    private static async Task<List<Reading>> HistoryAsync(Call call, string satellite, ParameterView[] parameters, int count, CancellationToken cancellation)
    {
        List<Reading> readings = [];
        foreach (ParameterView parameter in parameters)
            readings.AddRange((await call.Station.SamplesAsync(satellite, parameter.Name, count, cancellation)).Select(sample => new Reading(parameter, sample.Time, sample.Value)));
        return readings;
    }

    private sealed record Reading(ParameterView Parameter, string Time, double Value)
    {
        public Cell Cell => new(People.Value(Parameter.Name, Value, Parameter.Unit), People.Style(Parameter, Value));

        public ReadingView ToView() => new(Parameter.Name, Time, Value, Parameter.Unit, Parameter.Low, Parameter.High);
    }

    /// <summary>A reading for machines: value and range in the wire's unit.</summary>
    private sealed record ReadingView(string Parameter, string Time, double Value, string Unit, double? Low, double? High);
}
