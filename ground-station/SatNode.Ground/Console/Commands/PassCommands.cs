using System.CommandLine;
using System.CommandLine.Completions;
using System.Globalization;
using SatNode.Ground.Api;

namespace SatNode.Ground.Console.Commands;

/// <summary><c>pass next</c>: when which satellite is over which ground station, by the element sets of the station's configuration.</summary>
internal static class PassCommands
{
    public static Command Create(Session session) => new("pass", "Predicts passes.") { Next(session) };

    /// <summary>When a satellite comes into contact next, in words.</summary>
    public static async Task<string> NextAsync(Call call, string satellite, CancellationToken cancellation)
    {
        try
        {
            StationView station = await call.Station.StationAsync(cancellation);
            PassView[] passes = await call.Station.PassesAsync(satellite, null, 1, cancellation);
            if (passes is not [{ } pass])
                return "no pass within 72 h of the world";
            (string world, string here) = Until(pass, station);
            return pass.Begun ? $"the pass over {pass.Station} lasts until {People.Time(pass.Los)}" : $"its next pass is over {pass.Station} at {People.Time(pass.Aos)}, in {world} of the world, {here} here";
        }
        catch (StationRefusal unknown) // its orbit is not known to the station
        {
            return unknown.Message;
        }
    }

    private static Command Next(Session session)
    {
        Argument<string> satellite = SatCommands.Satellite(session);
        satellite.Arity = ArgumentArity.ZeroOrOne;
        satellite.Description = "The satellite; all unless told.";
        satellite.DefaultValueFactory = _ => "";
        var station = new Option<string?>("--station") { Description = "Only passes over this ground station." };
        station.CompletionSources.Add(_ => session.Names.Stations.Select(name => new CompletionItem(name)));
        var count = new Option<int>("--count") { Description = "How many.", DefaultValueFactory = _ => 5 };
        return session.Command("next", "Shows the next passes; times in UTC of the world.", [satellite, station, count], async (call, cancellation) =>
        {
            string node = call.Get(satellite);
            PassView[] passes = await call.Station.PassesAsync(node.Length > 0 ? node : null, call.Get(station), call.Get(count), cancellation);
            if (call.IsJson)
            {
                call.Json(passes);
                return ExitCode.Done;
            }
            StationView here = await call.Station.StationAsync(cancellation);
            call.Screen.Table(["satellite", "station", "rises", "sets", "lasts", "highest", "in, world", "in, here"], passes.Select(pass =>
            {
                (string inWorld, string inMachine) = Until(pass, here);
                return (IReadOnlyList<Cell>)
                [
                    new(pass.Satellite, "bold"), pass.Station, pass.Begun ? new Cell("now", "green") : People.Time(pass.Aos), People.Time(pass.Los), People.Span(TimeSpan.FromSeconds(pass.DurationSeconds)),
                    string.Create(CultureInfo.InvariantCulture, $"{pass.MaxElevationDegrees:0}°"), pass.Begun ? new Cell("now", "green") : inWorld, pass.Begun ? new Cell("now", "green") : inMachine,
                ];
            }), "no pass within 72 h of the world");
            return ExitCode.Done;
        });
    }

    private static (string World, string Here) Until(PassView pass, StationView station)
    {
        TimeSpan wait = People.Parse(pass.Aos) - People.Parse(station.Time);
        return (People.Span(wait), People.Span(wait / station.Rate));
    }
}
