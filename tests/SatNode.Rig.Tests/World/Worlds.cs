using SatNode.Orbit;
using SatNode.Orbit.Constellations;
using SatNode.Orbit.Contacts;
using SatNode.Orbit.Geometry;
using SatNode.Rig.World;

namespace SatNode.Rig.Tests.World;

internal static class Worlds
{
    internal static readonly DateTimeOffset Start = new(2026, 6, 21, 12, 0, 0, TimeSpan.Zero);

    internal static readonly WalkerShell Shell = new() { Planes = 72, SatellitesPerPlane = 22, AltitudeKm = 550, InclinationDegrees = 53, Phasing = 17, Epoch = Start };

    internal static GroundSite WhiteSands => new(Geodetic.FromDegrees(32.501, -106.609, 1.2), ElevationMask.Constant(5));

    internal static SatelliteOrbit Orbit(int plane = 10, int slot = 3) => new(Shell.ElementsOf(plane, slot));

    internal static (TrueWorld World, SatelliteTruth Satellite) One(SatelliteOptions? options = null, double rate = 1)
    {
        var world = new TrueWorld(Start, rate, [WhiteSands]);
        return (world, world.Add("p10-s03", Orbit(), options));
    }
}

internal sealed class ScriptedLoad : IBoardLoad
{
    public bool IsPowered { get; set; } = true;

    public TimeSpan CpuTime { get; set; }

    public double Speed { get; private set; } = 1;

    public void Throttle(double speed) => Speed = speed;
}
