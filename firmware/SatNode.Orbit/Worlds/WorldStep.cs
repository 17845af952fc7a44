using SatNode.Orbit.Geometry;
using SatNode.Orbit.Propagation;
using SatNode.Orbit.Sunlight;
using SatNode.Orbit.Topologies;

namespace SatNode.Orbit.Worlds;

/// <summary>A whole constellation at one instant: states, sunlight, who sees which site, and who is linked to whom. Works in the same memory at each step: one thread at a time.</summary>
public sealed class WorldStep
{
    private readonly Sgp4Batch _batch;
    private readonly Topology _topology;
    private readonly GroundSights _sights;
    private readonly double[] _sunFractions;

    /// <summary>Prepares a constellation.</summary>
    /// <param name="batch">The satellites.</param>
    /// <param name="topology">How they are linked, for as many.</param>
    /// <param name="sights">The ground sites.</param>
    public WorldStep(Sgp4Batch batch, Topology topology, GroundSights sights)
    {
        ArgumentNullException.ThrowIfNull(batch);
        ArgumentNullException.ThrowIfNull(topology);
        ArgumentNullException.ThrowIfNull(sights);
        _batch = batch;
        _topology = topology;
        _sights = sights;
        States = new(batch.Count);
        _sunFractions = new double[batch.Count];
    }

    /// <summary>States in TEME.</summary>
    public ConstellationStates States { get; }

    /// <summary>The part of the Sun's disc each satellite sees, 0 to 1; NaN where there is no state.</summary>
    public ReadOnlySpan<double> SunFractions => _sunFractions;

    /// <summary>Links between satellites.</summary>
    public LinkSet Links { get; } = new();

    /// <summary>Links from sites to satellites.</summary>
    public LinkSet GroundLinks { get; } = new();

    /// <summary>Satellites without a state.</summary>
    public int Missing { get; private set; }

    /// <summary>The Sun, from the Earth's centre in TEME, km.</summary>
    public Vector3d SunPositionKm { get; private set; }

    /// <summary>Brings everything to an instant.</summary>
    public void MoveTo(DateTimeOffset utc)
    {
        Missing = _batch.Propagate(utc, States);
        SunPositionKm = Sun.PositionKm(utc);
        EclipseBatch.SunFractions(States, SunPositionKm, _sunFractions);
        _sights.Find(States, utc, GroundLinks);
        _topology.Link(States, Links);
    }
}
