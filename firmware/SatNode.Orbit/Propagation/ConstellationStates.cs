using System.Runtime.Intrinsics;
using SatNode.Orbit.Geometry;

namespace SatNode.Orbit.Propagation;

/// <summary>The states of many satellites at one instant, component by component, as <see cref="Sgp4Batch"/> fills them: positions in km and velocities in km/s in TEME.</summary>
/// <remarks>A satellite without a state has NaN in all its components, which is out of range and out of sight of everything.</remarks>
public sealed class ConstellationStates
{
    /// <summary>Room for a number of satellites.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The number is not 0 to <see cref="Sgp4Batch.SatellitesMax"/>.</exception>
    public ConstellationStates(int count)
    {
        Count = Bounds.Check(count, 0, Sgp4Batch.SatellitesMax);
        X = new double[count];
        Y = new double[count];
        Z = new double[count];
        VelocityX = new double[count];
        VelocityY = new double[count];
        VelocityZ = new double[count];
    }

    /// <summary>Number of satellites.</summary>
    public int Count { get; }

    internal double[] X { get; }
    internal double[] Y { get; }
    internal double[] Z { get; }
    internal double[] VelocityX { get; }
    internal double[] VelocityY { get; }
    internal double[] VelocityZ { get; }

    /// <summary>True when the satellite has a state.</summary>
    public bool Has(int index) => !double.IsNaN(X[index]);

    /// <summary>Position in km, NaN where there is none.</summary>
    public Vector3d PositionKm(int index) => new(X[index], Y[index], Z[index]);

    /// <summary>Position and velocity, NaN where there are none.</summary>
    public TemeState State(int index) => new(PositionKm(index), new(VelocityX[index], VelocityY[index], VelocityZ[index]));

    /// <summary>Sets a satellite's state.</summary>
    public void Set(int index, in TemeState state)
    {
        (X[index], Y[index], Z[index]) = (state.PositionKm.X, state.PositionKm.Y, state.PositionKm.Z);
        (VelocityX[index], VelocityY[index], VelocityZ[index]) = (state.VelocityKmPerSecond.X, state.VelocityKmPerSecond.Y, state.VelocityKmPerSecond.Z);
    }

    /// <summary>Leaves a satellite without a state.</summary>
    public void Clear(int index)
    {
        var none = new Vector3d(double.NaN, double.NaN, double.NaN);
        Set(index, new(none, none));
    }

    internal void Store(int index, ref StateBlock block)
    {
        Vector256.StoreUnsafe(block.X, ref X[index]);
        Vector256.StoreUnsafe(block.Y, ref Y[index]);
        Vector256.StoreUnsafe(block.Z, ref Z[index]);
        Vector256.StoreUnsafe(block.VelocityX, ref VelocityX[index]);
        Vector256.StoreUnsafe(block.VelocityY, ref VelocityY[index]);
        Vector256.StoreUnsafe(block.VelocityZ, ref VelocityZ[index]);
    }
}
