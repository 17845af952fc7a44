using System.Globalization;
using SatNode.Orbit;
using SatNode.Orbit.Contacts;
using SatNode.Orbit.Propagation;
using SatNode.Orbit.Sunlight;
using SatNode.Rig.Reports;

namespace SatNode.Rig.Orbits;

/// <summary><c>orbit passes</c>, <c>eclipses</c> and <c>contacts</c>: what a span of time holds, each end exact to a millisecond of the model.</summary>
internal static class OrbitSearches
{
    private const int BetaPoints = 200;

    /// <summary>The passes over a site.</summary>
    public static void Passes(OrbitRequest request, TimeSpan span, GroundSite site, TextWriter output)
    {
        IReadOnlyList<GroundPass> passes = ContactWindows.Passes(request.Satellite, site, request.Start, request.Start + span);
        var table = new OrbitTable(output, request.IsJson, "aos", "culmination", "los", "duration_s", "max_elevation_deg", "culmination_range_km", "aos_azimuth_deg", "los_azimuth_deg", "starts_before", "ends_after");
        foreach (GroundPass pass in passes)
        {
            table.Write(Cell.Of(pass.Aos), Cell.Of(pass.Culmination), Cell.Of(pass.Los), Cell.Of(pass.Duration.TotalSeconds), Cell.Of(pass.MaxElevationDegrees), Cell.Of(pass.CulminationRangeKm),
                Cell.Of(pass.AosAzimuthDegrees), Cell.Of(pass.LosAzimuthDegrees), Cell.Of(pass.StartsBefore), Cell.Of(pass.EndsAfter));
        }
        table.End();
        if (request.Plot is { } plot)
        {
            string place = string.Create(CultureInfo.InvariantCulture, $"{site.Location.LatitudeDegrees:0.###}°, {site.Location.LongitudeDegrees:0.###}°");
            File.WriteAllText(plot, SkyPlot.Draw($"{request.Shown} over {place}", $"{Shown(request, span)}: {passes.Count} passes; rings are where they rise", request.Satellite, site, passes));
        }
    }

    /// <summary>The eclipses.</summary>
    public static void Eclipses(OrbitRequest request, TimeSpan span, TextWriter output)
    {
        DateTimeOffset to = request.Start + span;
        IReadOnlyList<EclipseInterval> eclipses = EclipseSearch.Find(request.Satellite, request.Start, to);
        var table = new OrbitTable(output, request.IsJson, "penumbra_entry", "umbra_entry", "umbra_exit", "penumbra_exit", "duration_s", "umbra_s", "beta_deg", "starts_before", "ends_after");
        foreach (EclipseInterval eclipse in eclipses)
        {
            table.Write(Cell.Of(eclipse.PenumbraEntry), Cell.Of(eclipse.UmbraEntry), Cell.Of(eclipse.UmbraExit), Cell.Of(eclipse.PenumbraExit), Cell.Of(eclipse.Duration.TotalSeconds),
                Cell.Of(eclipse.UmbraDuration.TotalSeconds), Cell.Of(Beta(request.Satellite, eclipse.PenumbraEntry)), Cell.Of(eclipse.StartsBefore), Cell.Of(eclipse.EndsAfter));
        }
        table.End();
        if (request.Plot is { } plot)
        {
            (double Hours, double Degrees)[] beta = [.. Enumerable.Range(0, BetaPoints + 1).Select(i => span * i / BetaPoints)
                .Select(at => (at.TotalHours, Beta(request.Satellite, request.Start + at))).Where(point => double.IsFinite(point.Item2))];
            double share = span > TimeSpan.Zero ? eclipses.Sum(eclipse => eclipse.Duration.Ticks) / (double)span.Ticks : 0;
            string sums = string.Create(CultureInfo.InvariantCulture, $"{Shown(request, span)}: {eclipses.Count} eclipses, {share * 100:0.0} % of the time");
            File.WriteAllText(plot, EclipsePlot.Draw($"{request.Shown}: minutes in the Earth's shadow", sums, request.Start, to, eclipses, beta));
        }
    }

    /// <summary>The contacts with other satellites.</summary>
    /// <exception cref="OrbitException">Another satellite is not in the file, or there are too many.</exception>
    public static void Contacts(OrbitRequest request, TimeSpan span, IReadOnlyList<int> with, IslLimits limits, TextWriter output)
    {
        DateTimeOffset to = request.Start + span;
        SatelliteOrbit[] others = with.Count > 0
            ? [.. with.Distinct().Select(number => request.Catalogue.Find(number, null, "--with"))]
            : [.. request.Catalogue.Elements.Where(tle => tle.CatalogNumber != request.Satellite.Elements.CatalogNumber).DistinctBy(tle => tle.CatalogNumber).Select(tle => new SatelliteOrbit(tle))];
        if (others.Any(other => other.Elements.CatalogNumber == request.Satellite.Elements.CatalogNumber))
            throw new OrbitException($"--with: expected another satellite, found {request.Satellite.Elements.CatalogNumber} itself");
        if (others.Length > Limits.MaxOthers)
            throw new OrbitException($"expected --with: the file has {others.Length} other satellites, at most {Limits.MaxOthers} are searched");
        (SatelliteOrbit Other, IReadOnlyList<IslWindow> Windows)[] found = [.. others.AsParallel().AsOrdered()
            .Select(other => (other, ContactWindows.IslWindows(request.Satellite, other, limits, request.Start, to)))];
        var table = new OrbitTable(output, request.IsJson, "with_norad", "with_name", "start", "end", "duration_s", "min_range_km", "max_range_km", "starts_before", "ends_after");
        foreach ((SatelliteOrbit other, IReadOnlyList<IslWindow> windows) in found)
        {
            foreach (IslWindow window in windows)
            {
                table.Write(Cell.Of(other.Elements.CatalogNumber), Cell.Of(other.Name), Cell.Of(window.Start), Cell.Of(window.End), Cell.Of(window.Duration.TotalSeconds),
                    Cell.Of(window.MinRangeKm), Cell.Of(window.MaxRangeKm), Cell.Of(window.StartsBefore), Cell.Of(window.EndsAfter));
            }
        }
        table.End();
        if (request.Plot is { } plot)
        {
            string sums = string.Create(CultureInfo.InvariantCulture, $"{Shown(request, span)}: {found.Sum(one => one.Windows.Count)} contacts with {found.Count(one => one.Windows.Count > 0)} satellites within {limits.MaxRangeKm:0} km, beam over {limits.GrazingAltitudeKm:0} km");
            File.WriteAllText(plot, ContactPlot.Draw($"{request.Shown}: contacts with other satellites", sums, request.Start, to, [.. found.Select(one => (OrbitRequest.ShownOf(one.Other), one.Windows))]));
        }
    }

    private static string Shown(OrbitRequest request, TimeSpan span) =>
        string.Create(CultureInfo.InvariantCulture, $"{request.Start.UtcDateTime:yyyy-MM-dd HH:mm:ss} UTC and {span.TotalHours:0.##} hours on");

    private static double Beta(SatelliteOrbit orbit, DateTimeOffset at) => orbit.TryStateAt(at, out TemeState state) ? Sun.BetaAngleDegrees(state, at) : double.NaN;
}
