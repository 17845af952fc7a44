using SatNode.Orbit.Geometry;
using SatNode.Orbit.Propagation;
using SatNode.Orbit.Sunlight;

namespace SatNode.Orbit.Tests;

public sealed class SatelliteOrbitTests
{
    private static readonly DateTimeOffset At = TestOrbits.Equinox.AddMinutes(47);

    [Fact]
    public void Says_the_same_in_every_frame()
    {
        SatelliteOrbit orbit = TestOrbits.At(2, 3);
        TemeState state = orbit.StateAt(At);
        Assert.True(orbit.TryStateAt(At, out TemeState tried));
        Assert.Equal(state, tried);
        Assert.Equal(Frames.TemeToEcef(state, At), orbit.EcefAt(At));
        Assert.InRange((Frames.GeodeticToEcef(orbit.GeodeticAt(At)) - orbit.EcefAt(At).PositionKm).Length, 0.0, 1e-8);
        Assert.Equal(Eclipse.SunFraction(state.PositionKm, Sun.PositionKm(At)), orbit.SunFractionAt(At));
        Assert.Equal("p02-s03", orbit.Name);
        Assert.Same(orbit.Elements, orbit.Propagator.Elements);
    }

    [Fact]
    public void Ecef_velocity_is_the_derivative_of_the_position()
    {
        SatelliteOrbit orbit = TestOrbits.At(2, 3);
        Vector3d moved = orbit.EcefAt(At.AddSeconds(0.5)).PositionKm - orbit.EcefAt(At.AddSeconds(-0.5)).PositionKm;
        Assert.InRange((moved - orbit.EcefAt(At).VelocityKmPerSecond).Length, 0.0, 5e-4);
    }

    [Fact]
    public void Says_which_satellite_has_no_state_and_why()
    {
        var orbit = new SatelliteOrbit(TestOrbits.Starlink.ElementsOf(0, 0) with { BStar = 0.9 });
        var exception = Assert.Throws<PropagationException>(() => orbit.StateAt(At.AddDays(400)));
        Assert.NotEqual(PropagationError.None, exception.Error);
        Assert.StartsWith("sgp4: satellite 1: no state 576047.000 minutes from its epoch: ", exception.Message, StringComparison.Ordinal);
        Assert.False(orbit.TryStateAt(At.AddDays(400), out TemeState state));
        Assert.Equal(default, state);
    }
}
