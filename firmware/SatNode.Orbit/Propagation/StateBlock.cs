using System.Runtime.Intrinsics;
using SatNode.Orbit.Geometry;

namespace SatNode.Orbit.Propagation;

/// <summary>Four states, component by component, in km and km/s.</summary>
internal struct StateBlock
{
    internal Vector256<double> X;
    internal Vector256<double> Y;
    internal Vector256<double> Z;
    internal Vector256<double> VelocityX;
    internal Vector256<double> VelocityY;
    internal Vector256<double> VelocityZ;

    internal readonly TemeState Lane(int lane) => new(
        new Vector3d(X.GetElement(lane), Y.GetElement(lane), Z.GetElement(lane)),
        new Vector3d(VelocityX.GetElement(lane), VelocityY.GetElement(lane), VelocityZ.GetElement(lane)));
}
