using System.Globalization;
using SatNode.Orbit.Contacts;
using SatNode.Orbit.Geometry;
using SatNode.Orbit.Propagation;
using SatNode.Orbit.Sunlight;
using SatNode.Rig.Reports;

namespace SatNode.Rig.Orbits;

/// <summary><c>orbit ephemeris</c>: states at equal steps in one frame.</summary>
/// <param name="request">Satellite, start, form, picture.</param>
/// <param name="frame">teme, ecef, geodetic or look.</param>
/// <param name="step">From row to row.</param>
/// <param name="count">Number of rows.</param>
/// <param name="site">Where one looks from, for look.</param>
/// <param name="megahertz">The frequency whose Doppler shift is told, or null.</param>
internal sealed class EphemerisWriter(OrbitRequest request, string frame, TimeSpan step, int count, GroundSite? site, double? megahertz)
{
    /// <summary>Writes the rows, and the picture.</summary>
    /// <returns>Why the rows end before their number, or null.</returns>
    public string? Write(TextWriter output)
    {
        string[] columns = frame switch
        {
            "geodetic" => ["time", "lat_deg", "lon_deg", "alt_km"],
            "look" => ["time", "azimuth_deg", "elevation_deg", "range_km", "range_rate_km_s", .. megahertz is null ? (string[])[] : ["doppler_hz"]],
            _ => ["time", "x_km", "y_km", "z_km", "vx_km_s", "vy_km_s", "vz_km_s"],
        };
        var table = new OrbitTable(output, request.IsJson, columns);
        List<TrackPoint> track = [];
        int thinning = 1 + (count / Limits.MaxPlotPoints);
        string? fault = null;
        for (int i = 0; i < count && fault is null; i++)
        {
            if (step * i > DateTimeOffset.MaxValue - request.Start)
            {
                fault = string.Create(CultureInfo.InvariantCulture, $"row {i + 1}: the calendar ends");
                continue;
            }
            DateTimeOffset at = request.Start + (step * i);
            TemeState state;
            try
            {
                state = request.Satellite.StateAt(at);
            }
            catch (PropagationException none) // a satellite that has decayed: the rows before it stand
            {
                fault = none.Message;
                continue;
            }
            Row(table, at, state);
            if (request.Plot is not null && i % thinning == 0)
            {
                Geodetic under = Frames.EcefToGeodetic(Frames.TemeToEcef(state.PositionKm, at));
                track.Add(new(under.LatitudeDegrees, under.LongitudeDegrees, Eclipse.SunFraction(state.PositionKm, Sun.PositionKm(at)) > 0.5));
            }
        }
        table.End();
        if (request.Plot is { } plot)
        {
            string span = string.Create(CultureInfo.InvariantCulture, $"{request.Start.UtcDateTime:yyyy-MM-dd HH:mm:ss} UTC and {(step * (count - 1)).TotalHours:0.##} hours on; the ring is its beginning");
            File.WriteAllText(plot, TrackPlot.Draw($"{request.Shown}: ground track", span, track));
        }
        return fault;
    }

    private void Row(OrbitTable table, DateTimeOffset at, in TemeState state)
    {
        if (frame is "teme")
        {
            Vectors(table, at, state.PositionKm, state.VelocityKmPerSecond);
            return;
        }
        EcefState turning = Frames.TemeToEcef(state, at);
        if (frame is "ecef")
        {
            Vectors(table, at, turning.PositionKm, turning.VelocityKmPerSecond);
        }
        else if (site is null)
        {
            Geodetic under = Frames.EcefToGeodetic(turning.PositionKm);
            table.Write(Cell.Of(at), Cell.Of(under.LatitudeDegrees), Cell.Of(under.LongitudeDegrees), Cell.Of(under.AltitudeKm));
        }
        else
        {
            LookAngles look = site.Look(turning.PositionKm);
            double rate = site.RangeRateKmPerSecond(turning);
            if (megahertz is { } sent)
                table.Write(Cell.Of(at), Cell.Of(look.AzimuthDegrees), Cell.Of(look.ElevationDegrees), Cell.Of(look.RangeKm), Cell.Of(rate), Cell.Of(Visibility.DopplerShiftHz(sent * 1e6, rate)));
            else
                table.Write(Cell.Of(at), Cell.Of(look.AzimuthDegrees), Cell.Of(look.ElevationDegrees), Cell.Of(look.RangeKm), Cell.Of(rate));
        }
    }

    private static void Vectors(OrbitTable table, DateTimeOffset at, Vector3d position, Vector3d velocity) =>
        table.Write(Cell.Of(at), Cell.Of(position.X), Cell.Of(position.Y), Cell.Of(position.Z), Cell.Of(velocity.X), Cell.Of(velocity.Y), Cell.Of(velocity.Z));
}
