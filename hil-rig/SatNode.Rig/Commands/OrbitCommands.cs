using System.CommandLine;
using System.Globalization;
using SatNode.Orbit.Contacts;
using SatNode.Orbit.Elements;
using SatNode.Rig.Orbits;

namespace SatNode.Rig.Commands;

/// <summary><c>satnode-rig orbit</c>: where satellites of a catalogue are, when they pass a site, when they are in the shadow, and whom they see; and the elements of a state. Exit codes: 0 answered, 1 the elements
/// have no state somewhere in the span, 2 bad input.</summary>
internal sealed class OrbitCommands
{
    private const string SiteDescription = "The site: LATITUDE,LONGITUDE[,HEIGHT] in degrees and km, such as 47.4,8.5,0.4.";

    private readonly TextWriter _output;
    private readonly TextWriter _error;
    private readonly Option<string> _file = new("--tle") { Description = "The catalogue: two-line elements with or without names, or OMM as JSON, CSV, XML or KVN.", Required = true };
    private readonly Option<int?> _number = new("--norad") { Description = "The satellite's catalogue number. Not needed when the file has one satellite." };
    private readonly Option<string?> _name = new("--name") { Description = "The satellite's name, instead of its number." };
    private readonly Option<string?> _start = new("--start") { Description = "The first instant, UTC, such as 2024-10-21T00:00:00Z. Unless told, the epoch of the elements." };
    private readonly Option<double> _hours = new("--hours") { Description = "The length of the search.", DefaultValueFactory = _ => 24.0 };
    private readonly Option<string> _format = new("--format") { Description = "csv or json.", DefaultValueFactory = _ => "csv" };
    private readonly Option<string?> _plot = new("--plot") { Description = "Draws a picture as well: an SVG file." };
    private readonly Option<string?> _site = new("--site") { Description = SiteDescription };
    private readonly Option<string> _neededSite = new("--site") { Description = SiteDescription, Required = true };
    private readonly Option<double> _mask = new("--mask") { Description = "The least elevation over the site's horizon, degrees.", DefaultValueFactory = _ => 10.0 };

    private OrbitCommands(TextWriter output, TextWriter error)
    {
        _output = output;
        _error = error;
        _format.AcceptOnlyFromAmong("csv", "json");
    }

    /// <summary>The command.</summary>
    public static Command Create(TextWriter output, TextWriter error)
    {
        var made = new OrbitCommands(output, error);
        return new("orbit", "Where satellites are, when they pass a site, when they are in the shadow, and whom they see; and the elements of a state.") { made.Ephemeris(), made.Passes(), made.Eclipses(), made.Contacts(), made.Elements() };
    }

    private Command Ephemeris()
    {
        var step = new Option<double>("--step") { Description = "Seconds from row to row.", DefaultValueFactory = _ => 60.0 };
        var count = new Option<int>("--count") { Description = "Number of rows.", DefaultValueFactory = _ => 100 };
        var frame = new Option<string>("--frame") { Description = "teme, ecef, geodetic, or look: from a site.", DefaultValueFactory = _ => "teme" };
        frame.AcceptOnlyFromAmong("teme", "ecef", "geodetic", "look");
        var frequency = new Option<double?>("--frequency-mhz") { Description = "With --frame look: adds the Doppler shift of a transmitter of this frequency." };
        var command = new Command("ephemeris", "States at equal steps: time,x_km,y_km,z_km,vx_km_s,vy_km_s,vz_km_s or time,lat_deg,lon_deg,alt_km.")
            { _file, _number, _name, _start, step, count, frame, _site, frequency, _format, _plot };
        command.SetAction(parsed =>
        {
            bool isLook = parsed.GetRequiredValue(frame) is "look";
            if (isLook && parsed.GetValue(_site) is null)
                throw new OrbitException("--frame look: expected --site LATITUDE,LONGITUDE[,HEIGHT]");
            var ephemeris = new EphemerisWriter(Request(parsed), parsed.GetRequiredValue(frame),
                TimeSpan.FromSeconds(OrbitRequest.Within(parsed.GetValue(step), 0.001, 366 * 86_400.0, "--step")),
                (int)OrbitRequest.Within(parsed.GetValue(count), 1, Limits.MaxRows, "--count"),
                isLook ? OrbitRequest.Site(parsed.GetValue(_site)!, 0.0) : null,
                parsed.GetValue(frequency) is { } mega ? OrbitRequest.Within(mega, 1e-3, 1e6, "--frequency-mhz") : null);
            return ephemeris.Write(_output) is { } fault ? Complain(fault) : RigCommands.Passed;
        });
        return command;
    }

    private Command Passes()
    {
        var command = new Command("passes", "When a satellite rises over a site's mask, culminates and sets.") { _file, _number, _name, _start, _hours, _neededSite, _mask, _format, _plot };
        command.SetAction(parsed =>
        {
            OrbitSearches.Passes(Request(parsed), Span(parsed), OrbitRequest.Site(parsed.GetRequiredValue(_neededSite), parsed.GetValue(_mask)), _output);
            return RigCommands.Passed;
        });
        return command;
    }

    private Command Eclipses()
    {
        var command = new Command("eclipses", "When a satellite is in the Earth's penumbra and umbra, and the beta angle.") { _file, _number, _name, _start, _hours, _format, _plot };
        command.SetAction(parsed =>
        {
            OrbitSearches.Eclipses(Request(parsed), Span(parsed), _output);
            return RigCommands.Passed;
        });
        return command;
    }

    private Command Contacts()
    {
        var others = new Option<int[]>("--with") { Description = "The other satellites' numbers; unless told, all of the file.", AllowMultipleArgumentsPerToken = true };
        var range = new Option<double>("--max-range-km") { Description = "The longest link, km.", DefaultValueFactory = _ => 5_000.0 };
        var grazing = new Option<double>("--grazing-km") { Description = "The least height of the beam over the Earth, km.", DefaultValueFactory = _ => 80.0 };
        var command = new Command("contacts", "When a satellite can hold links to others: range and line of sight.") { _file, _number, _name, others, _start, _hours, range, grazing, _format, _plot };
        command.SetAction(parsed =>
        {
            OrbitRequest request = Request(parsed);
            var limits = new IslLimits
            {
                MaxRangeKm = OrbitRequest.Within(parsed.GetValue(range), 1, 1e6, "--max-range-km"),
                GrazingAltitudeKm = OrbitRequest.Within(parsed.GetValue(grazing), -100, 10_000, "--grazing-km"),
            };
            OrbitSearches.Contacts(request, Span(parsed), parsed.GetValue(others) ?? [], limits, _output);
            return RigCommands.Passed;
        });
        return command;
    }

    private Command Elements()
    {
        var position = new Option<string>("--position") { Description = "Position in TEME: X,Y,Z in km.", Required = true };
        var velocity = new Option<string>("--velocity") { Description = "Velocity in TEME: X,Y,Z in km/s.", Required = true };
        var epoch = new Option<string>("--epoch") { Description = "The instant of the state, UTC, such as 2024-10-21T00:00:00Z.", Required = true };
        var drag = new Option<double>("--bstar") { Description = "Drag term B*, 1/Earth radii; a state says nothing of it." };
        var number = new Option<int>("--norad") { Description = "The satellite's catalogue number." };
        var name = new Option<string>("--name") { Description = "The satellite's name.", DefaultValueFactory = _ => "" };
        var format = new Option<string>("--format") { Description = "tle, or OMM with all digits: csv or json.", DefaultValueFactory = _ => "tle" };
        format.AcceptOnlyFromAmong("tle", "csv", "json");
        var command = new Command("elements", "The mean elements from which SGP4 gives a position and velocity.") { position, velocity, epoch, drag, number, name, format };
        command.SetAction(parsed =>
        {
            Tle elements = StateElements.Of(
                OrbitRequest.Vector(parsed.GetRequiredValue(position), "--position"), OrbitRequest.Vector(parsed.GetRequiredValue(velocity), "--velocity"),
                OrbitRequest.Instant(parsed.GetRequiredValue(epoch), "--epoch"), OrbitRequest.Within(parsed.GetValue(drag), -1, 1, "--bstar"));
            string text = parsed.GetRequiredValue(name);
            if (text.Length > Tle.NameLengthMax || text.AsSpan().ContainsAny('\r', '\n'))
                throw new OrbitException($"--name: expected one line of at most {Tle.NameLengthMax} characters, found {text.Length}");
            int last = parsed.GetRequiredValue(format) is "tle" ? Tle.TwoLineCatalogNumberMax : Tle.CatalogNumberMax;
            StateElements.Write(elements with { Name = text, CatalogNumber = (int)OrbitRequest.Within(parsed.GetValue(number), 0, last, "--norad") }, parsed.GetRequiredValue(format), _output);
            return RigCommands.Passed;
        });
        return command;
    }

    private TimeSpan Span(ParseResult parsed) => TimeSpan.FromHours(OrbitRequest.Within(parsed.GetValue(_hours), 0.0, Limits.MaxHours, "--hours"));

    private OrbitRequest Request(ParseResult parsed)
    {
        if (parsed.GetValue(_number) is not null && parsed.GetValue(_name) is not null)
            throw new OrbitException("expected either --norad or --name, found both");
        var catalogue = OrbitCatalogue.Read(parsed.GetRequiredValue(_file));
        foreach (ElementFormatException fault in catalogue.Faults.Take(Limits.MaxFaultsTold))
            _error.WriteLine($"{parsed.GetRequiredValue(_file)}: {fault.Message}; this set is left out");
        if (catalogue.Faults.Count > Limits.MaxFaultsTold)
            _error.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{parsed.GetRequiredValue(_file)}: {catalogue.Faults.Count - Limits.MaxFaultsTold} more could not be read"));
        SatNode.Orbit.SatelliteOrbit satellite = catalogue.Find(parsed.GetValue(_number), parsed.GetValue(_name));
        DateTimeOffset start = parsed.GetValue(_start) is { } told ? OrbitRequest.Instant(told, "--start") : satellite.Elements.Epoch;
        return new(catalogue, satellite, start, parsed.GetValue(_format) is "json", parsed.GetValue(_plot));
    }

    private int Complain(string fault)
    {
        _error.WriteLine($"satnode-rig: {fault}");
        return RigCommands.Failed;
    }
}
