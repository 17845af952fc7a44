using System.Globalization;
using System.Text.Json;
using System.Xml.Linq;
using SatNode.Orbit;
using SatNode.Orbit.Constellations;
using SatNode.Orbit.Contacts;
using SatNode.Orbit.Elements;
using SatNode.Orbit.Geometry;
using SatNode.Orbit.Propagation;
using SatNode.Orbit.Sunlight;
using SatNode.Rig.Commands;
using SatNode.Rig.Reports;
using SatNode.Rig.Tests.Scenarios;

namespace SatNode.Rig.Tests.Commands;

public sealed class OrbitCommandsTests : IDisposable
{
    private const string Vanguard = """
        VANGUARD 1
        1 00005U 58002B   00179.78495062  .00000023  00000-0  28098-4 0  4753
        2 00005  34.2682 348.7242 1859667 331.7664  19.3264 10.82419157413667
        """;

    private const string Decays = """
        1 28872U 05037B   05333.02012661  .25992681  00000-0  24476-3 0  1534
        2 28872  96.4736 157.9986 0303955 244.0492 110.6523 16.46015938 10708
        """;

    private static readonly WalkerShell Shell = new() { Planes = 4, SatellitesPerPlane = 6, AltitudeKm = 780, InclinationDegrees = 60, Phasing = 1, Epoch = new(2024, 10, 21, 0, 0, 0, TimeSpan.Zero), FirstCatalogNumber = 70_001 };

    private readonly ScenarioFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Ephemeris_prints_the_published_states_with_nine_decimals()
    {
        // AIAA 2006-6753, tcppver.out: 7022.46529266 -1400.08296755 0.03995155, and six hours later -7154.03120202 -3783.17682504 -3536.19412294
        string[] lines = Lines(await Run("ephemeris", "--tle", Write(Vanguard), "--norad", "5", "--start", "2000-06-27T18:50:19.733568Z", "--step", "21600", "--count", "2", "--frame", "teme"));

        Assert.Equal(3, lines.Length);
        Assert.Equal("time,x_km,y_km,z_km,vx_km_s,vy_km_s,vz_km_s", lines[0]);
        Assert.StartsWith("2000-06-27T18:50:19.733568Z,7022.4652926", lines[1], StringComparison.Ordinal);
        Assert.Equal([7022.46529266, -1400.08296755, 0.03995155, 1.893841015, 6.405893759, 4.534807250], Numbers(lines[1]));
        Assert.Equal([-7154.03120202, -3783.17682504, -3536.19412294, 4.741887409, -4.151817765, -2.093935425], Numbers(lines[2]));
        Assert.All(lines.Skip(1).SelectMany(line => line.Split(',').Skip(1)), cell => Assert.Matches("^-?[0-9]+[.][0-9]{9}$", cell));

        static double[] Numbers(string line) => [.. line.Split(',').Skip(1).Select((cell, i) => Math.Round(double.Parse(cell, CultureInfo.InvariantCulture), i < 3 ? 8 : 9))];
    }

    [Theory]
    [InlineData("ecef", "time,x_km,y_km,z_km,vx_km_s,vy_km_s,vz_km_s")]
    [InlineData("geodetic", "time,lat_deg,lon_deg,alt_km")]
    public async Task Other_frames_are_those_of_the_library(string frame, string heading)
    {
        string file = Write(Vanguard);
        string[] lines = Lines(await Run("ephemeris", "--tle", file, "--start", "2000-06-28", "--step", "90", "--count", "3", "--frame", frame));

        var orbit = new SatelliteOrbit(ElementReader.Read(File.ReadAllBytes(file)).Elements[0]);
        DateTimeOffset at = new(2000, 6, 28, 0, 3, 0, TimeSpan.Zero);
        EcefState state = orbit.EcefAt(at);
        Geodetic under = orbit.GeodeticAt(at);
        Assert.Equal(heading, lines[0]);
        Assert.Equal(4, lines.Length);
        double[] values = frame is "ecef" ? [state.PositionKm.X, state.PositionKm.Y, state.PositionKm.Z, state.VelocityKmPerSecond.X, state.VelocityKmPerSecond.Y, state.VelocityKmPerSecond.Z]
            : [under.LatitudeDegrees, under.LongitudeDegrees, under.AltitudeKm];
        Assert.Equal($"2000-06-28T00:03:00Z,{string.Join(',', values.Select(value => value.ToString("F9", CultureInfo.InvariantCulture)))}", lines[3]);
    }

    [Fact]
    public async Task Looking_from_a_site_gives_angles_range_rate_and_Doppler()
    {
        string[] lines = Lines(await Run("ephemeris", "--tle", Write(Vanguard), "--frame", "look", "--site", "47.4,8.5,0.4", "--frequency-mhz", "437", "--count", "2", "--step", "0.01"));

        Assert.Equal("time,azimuth_deg,elevation_deg,range_km,range_rate_km_s,doppler_hz", lines[0]);
        double[] first = [.. lines[1].Split(',').Skip(1).Select(cell => double.Parse(cell, CultureInfo.InvariantCulture))];
        double second = double.Parse(lines[2].Split(',')[3], CultureInfo.InvariantCulture);
        Assert.InRange(first[3] - ((second - first[2]) / 0.01), -1e-3, 1e-3);
        Assert.Equal(-437e6 * first[3] / 299_792.458, first[4], 3);
    }

    [Fact]
    public async Task Json_has_what_csv_has()
    {
        string file = Write(ShellText());
        string[] csv = Lines(await Run("passes", "--tle", file, "--norad", "70004", "--site", "47.4,8.5", "--mask", "5", "--hours", "12"));
        using var json = JsonDocument.Parse((await Run("passes", "--tle", file, "--norad", "70004", "--site", "47.4,8.5", "--mask", "5", "--hours", "12", "--format", "json")).Output);

        string[] names = csv[0].Split(',');
        Assert.Equal(csv.Length - 1, json.RootElement.GetArrayLength());
        Assert.True(csv.Length > 2);
        foreach ((string line, JsonElement row) in csv.Skip(1).Zip(json.RootElement.EnumerateArray()))
            Assert.Equal(line.Split(','), names.Select(name => row.GetProperty(name)).Select(cell => cell.ValueKind == JsonValueKind.String ? cell.GetString() : cell.GetRawText()));
    }

    [Fact]
    public async Task Passes_eclipses_and_contacts_are_those_of_the_library()
    {
        string file = Write(ShellText());
        SatelliteOrbit one = Read(file, 70004), other = Read(file, 70009);
        DateTimeOffset from = new(2024, 10, 21, 6, 0, 0, TimeSpan.Zero), to = from.AddHours(10);
        string[] span = ["--tle", file, "--norad", "70004", "--start", "2024-10-21T06:00:00Z", "--hours", "10"];

        string[] passes = Lines(await Run(["passes", .. span, "--site", "40,-100,1", "--mask", "3"]));
        string[] eclipses = Lines(await Run(["eclipses", .. span]));
        string[] contacts = Lines(await Run(["contacts", .. span, "--with", "70009", "--max-range-km", "6500"]));

        IReadOnlyList<GroundPass> expected = ContactWindows.Passes(one, new(Geodetic.FromDegrees(40, -100, 1), ElevationMask.Constant(3)), from, to);
        Assert.Equal("aos,culmination,los,duration_s,max_elevation_deg,culmination_range_km,aos_azimuth_deg,los_azimuth_deg,starts_before,ends_after", passes[0]);
        Assert.Equal(expected.Select(pass => pass.Aos), passes.Skip(1).Select(line => Instant(line, 0)));
        Assert.Equal(expected.Select(pass => pass.Los), passes.Skip(1).Select(line => Instant(line, 2)));
        Assert.NotEmpty(expected);
        Assert.Equal("penumbra_entry,umbra_entry,umbra_exit,penumbra_exit,duration_s,umbra_s,beta_deg,starts_before,ends_after", eclipses[0]);
        Assert.Equal(EclipseSearch.Find(one, from, to).Select(eclipse => eclipse.PenumbraExit), eclipses.Skip(1).Select(line => Instant(line, 3)));
        Assert.Equal("with_norad,with_name,start,end,duration_s,min_range_km,max_range_km,starts_before,ends_after", contacts[0]);
        IReadOnlyList<IslWindow> windows = ContactWindows.IslWindows(one, other, new IslLimits { MaxRangeKm = 6500 }, from, to);
        Assert.NotEmpty(windows);
        Assert.Equal(windows.Select(window => window.End), contacts.Skip(1).Select(line => Instant(line, 3)));
        Assert.All(contacts.Skip(1), line => Assert.StartsWith("70009,p01-s02,", line, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Contacts_with_all_of_the_file_are_those_with_each()
    {
        string file = Write(ShellText());
        string[] span = ["--tle", file, "--norad", "70004", "--hours", "2", "--max-range-km", "6500"];
        string[] all = Lines(await Run(["contacts", .. span]));
        string[] each = Lines(await Run(["contacts", .. span, "--with", .. Enumerable.Range(70_001, Shell.Count).Where(number => number != 70_004).Select(number => $"{number}")]));
        Assert.True(all.Length > 10);
        Assert.Equal(all, each);
    }

    [Theory]
    [InlineData("ephemeris", "polyline", "--count", "200")]
    [InlineData("passes", "polyline", "--site", "47.4,8.5", "--hours", "24")]
    [InlineData("eclipses", "rect", "--hours", "24")]
    [InlineData("contacts", "rect", "--hours", "3")]
    public async Task A_picture_is_drawn_beside_the_rows(string command, string element, params string[] options)
    {
        string plot = Path.Combine(_folder.Root, "plot.svg");
        string[] lines = Lines(await Run([command, "--tle", Write(ShellText()), "--norad", "70004", .. options, "--plot", plot]));

        var picture = XDocument.Load(plot);
        Assert.True(lines.Length > 1);
        Assert.StartsWith("p00-s03", picture.Root!.Elements().First(child => child.Name.LocalName == "title").Value, StringComparison.Ordinal);
        Assert.True(picture.Descendants().Count(child => child.Name.LocalName == element) > 2);
        Assert.DoesNotContain("NaN", File.ReadAllText(plot), StringComparison.Ordinal);
    }

    [Fact]
    public void A_track_ends_at_the_edge_of_the_map_and_begins_on_the_other()
    {
        (List<(double X, double Y)> Points, bool IsLit)[] pieces = [.. TrackPlot.Pieces([new(0, 170, true), new(10, -170, true), new(20, -150, false)])];
        Assert.Equal([true, true, false], pieces.Select(piece => piece.IsLit));
        Assert.Equal(pieces[0].Points[^1].Y, pieces[1].Points[0].Y);
        Assert.Equal((pieces[0].Points[0].Y + pieces[1].Points[1].Y) / 2, pieces[0].Points[^1].Y, 6); // half way between them
        Assert.True(pieces[0].Points[^1].X > 800 && pieces[1].Points[0].X < 100);
    }

    [Fact]
    public async Task Where_the_elements_have_no_state_the_rows_before_stand()
    {
        (int code, string output, string error) = await Run("ephemeris", "--tle", Write(Decays), "--step", "300", "--count", "100");

        Assert.Equal(1, code);
        Assert.Equal(12, output.TrimEnd().Split('\n').Length); // the heading, and 0 to 50 minutes
        Assert.StartsWith("satnode-rig: sgp4: satellite 28872: no state 55.00", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Sets_that_cannot_be_read_are_told_and_left_out()
    {
        string file = Write($"{Vanguard}\n{Decays.Replace("0  1534", "0  1535", StringComparison.Ordinal)}\n");
        (int code, string output, string error) = await Run("ephemeris", "--tle", file, "--count", "1");
        Assert.Equal(0, code);
        Assert.Equal($"{file}: tle: line 4 column 69: expected the checksum 4, found '5'; this set is left out", error.TrimEnd().Split('\n')[0]);
        Assert.StartsWith("time,", output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--norad: no satellite 6 among the 25 of FILE; beside it are 5 (VANGUARD 1) and 70001 (p00-s00)", "ephemeris", "--norad", "6")]
    [InlineData("--norad: no satellite 99999 among the 25 of FILE; beside it is 70024 (p03-s05)", "eclipses", "--norad", "99999")]
    [InlineData("--name: no satellite 'vangard 1' in FILE; did you mean 'VANGUARD 1'?", "ephemeris", "--name", "vangard 1")]
    [InlineData("expected --norad or --name: FILE has 25 satellites", "ephemeris")]
    [InlineData("expected either --norad or --name, found both", "ephemeris", "--norad", "5", "--name", "VANGUARD 1")]
    [InlineData("--start: expected an instant such as 2024-10-21T00:00:00Z, found '21 October'", "ephemeris", "--norad", "5", "--start", "21 October")]
    [InlineData("--step: expected 0.001 to 31622400, found 0", "ephemeris", "--norad", "5", "--step", "0")]
    [InlineData("--count: expected 1 to 1000000, found 1000001", "ephemeris", "--norad", "5", "--count", "1000001")]
    [InlineData("--hours: expected 0 to 8784, found -1", "eclipses", "--norad", "5", "--hours", "-1")]
    [InlineData("--frame look: expected --site LATITUDE,LONGITUDE[,HEIGHT]", "ephemeris", "--norad", "5", "--frame", "look")]
    [InlineData("--site: expected LATITUDE,LONGITUDE[,HEIGHT] in degrees (-90 to 90, -180 to 180) and km (-10 to 10) such as 47.4,8.5,0.4, found '91,0'", "passes", "--norad", "5", "--site", "91,0")]
    [InlineData("--with: expected another satellite, found 5 itself", "contacts", "--norad", "5", "--with", "5")]
    [InlineData("Option '--site' is required.", "passes", "--norad", "5")]
    public async Task Bad_input_is_one_line_and_exit_code_2(string expected, string command, params string[] options)
    {
        string file = Write($"{Vanguard}\n{ShellText()}");
        (int code, string output, string error) = await Run([command, "--tle", file, .. options]);
        Assert.Equal((2, ""), (code, output));
        Assert.Equal($"satnode-rig: {expected.Replace("FILE", file, StringComparison.Ordinal)}", error.TrimEnd());
    }

    [Theory]
    [InlineData("tle", 0.03)] // the digits of two lines: 1e-4 degrees, 0.864 ms
    [InlineData("csv", 1e-6)]
    [InlineData("json", 1e-6)]
    public async Task Elements_of_a_state_are_read_again_and_give_it(string format, double kmMax)
    {
        // AIAA 2006-6753, tcppver.out, satellite 5 at its epoch.
        (int code, string output, string error) = await Run("elements", "--position", "7022.46529266,-1400.08296755,0.03995155", "--velocity", "1.893841015,6.405893759,4.534807250",
            "--epoch", "2000-06-27T18:50:19.733568Z", "--bstar", "0.000028098", "--norad", "5", "--name", "VANGUARD, 1", "--format", format);

        Assert.Equal((0, ""), (code, error));
        Tle read = Assert.Single(ElementReader.Read(System.Text.Encoding.UTF8.GetBytes(output)).Elements);
        Assert.Equal(("VANGUARD, 1", 5, 0.000028098), (read.Name, read.CatalogNumber, read.BStar));
        Assert.Equal(10.82419157, read.MeanMotionRevolutionsPerDay, 6); // the published set
        Assert.Equal(0.1859667, read.Eccentricity, 6);
        Assert.Equal(34.2682, read.InclinationDegrees, 4);
        TemeState state = new SatelliteOrbit(read).StateAt(new DateTimeOffset(2000, 6, 27, 18, 50, 19, TimeSpan.Zero).AddTicks(7_335_680));
        Assert.InRange((state.PositionKm - new Vector3d(7022.46529266, -1400.08296755, 0.03995155)).Length, 0.0, kmMax);
    }

    [Theory]
    [InlineData("csv")]
    [InlineData("json")]
    public async Task Elements_without_a_name_are_of_an_unknown_object(string format)
    {
        string text = string.Join('\n', Lines(await Run("elements", "--position", "7000,0,0", "--velocity", "0,-4,-6.4", "--epoch", "2024-10-21", "--format", format)));
        Tle read = Assert.Single(ElementReader.Read(System.Text.Encoding.UTF8.GetBytes(text)).Elements);
        Assert.Equal(("UNKNOWN", "UNKNOWN", 0), (read.Name, read.InternationalDesignator, read.CatalogNumber));
    }

    [Theory]
    [InlineData("--position: expected X,Y,Z such as 6778.1,0,-12.5, found '7000,0'", "7000,0", "0,7.5,0")]
    [InlineData("--velocity: expected X,Y,Z such as 6778.1,0,-12.5, found 'fast'", "7000,0,0", "fast")]
    [InlineData("state: expected a position above the Earth's surface, 6378.135 km from its centre, found 7 km; are these km?", "7,0,0", "0,7.5,0")]
    [InlineData("state: expected a speed below that of escape, 10.671736 km/s, found 7500 km/s; are these km/s?", "7000,0,0", "-0,-7500,0")]
    [InlineData("state: expected six finite numbers, found (NaN, 0, 0) km and (0, 7.5, 0) km/s", "NaN,0,0", "0,7.5,0")]
    [InlineData("--epoch: expected a year of 1957 to 2056, found 2060", "7000,0,0", "0,7.5,0", "--epoch", "2060-01-01")]
    [InlineData("--bstar: expected -1 to 1, found 2", "7000,0,0", "0,7.5,0", "--bstar", "2")]
    [InlineData("--norad: expected 0 to 339999, found 340000", "7000,0,0", "0,7.5,0", "--norad", "340000")]
    public async Task A_state_without_elements_is_one_line_and_exit_code_2(string expected, string position, string velocity, params string[] options)
    {
        string[] epoch = options.Contains("--epoch") ? [] : ["--epoch", "2024-10-21"];
        Assert.Equal((2, "", $"satnode-rig: {expected}\n"), await Run(["elements", "--position", position, "--velocity", velocity, .. epoch, .. options]));
    }

    [Fact]
    public async Task A_file_that_has_no_sets_says_so()
    {
        string file = Write("{}");
        Assert.Equal((2, "", $"satnode-rig: {file}: expected element sets, found none; omm: line 1 column 1: expected EPOCH in the message, found none\n"), await Run("ephemeris", "--tle", file));
        Assert.Equal((2, "", "satnode-rig: --tle: no such file '/none'\n"), await Run("ephemeris", "--tle", "/none"));
    }

    private static string ShellText() => string.Concat(Shell.AllElements().Select(tle => tle.ToText()));

    private static SatelliteOrbit Read(string file, int number) => new(ElementReader.Read(File.ReadAllBytes(file)).Elements.Single(tle => tle.CatalogNumber == number));

    private static DateTimeOffset Instant(string line, int column) => DateTimeOffset.Parse(line.Split(',')[column], CultureInfo.InvariantCulture);

    private static string[] Lines((int Code, string Output, string Error) result)
    {
        Assert.Equal((0, ""), (result.Code, result.Error));
        return result.Output.TrimEnd('\n').Split('\n');
    }

    private static async Task<(int Code, string Output, string Error)> Run(params string[] arguments)
    {
        var output = new StringWriter();
        var error = new StringWriter();
        int code = await RigCommands.Run(["orbit", .. arguments], output, error);
        return (code, output.ToString(), error.ToString());
    }

    private string Write(string text)
    {
        string path = Path.Combine(_folder.Root, "catalogue.txt");
        File.WriteAllText(path, text);
        return path;
    }
}
