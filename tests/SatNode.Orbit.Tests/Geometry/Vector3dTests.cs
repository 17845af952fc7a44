using SatNode.Orbit.Geometry;

namespace SatNode.Orbit.Tests.Geometry;

public sealed class Vector3dTests
{
    [Fact]
    public void Products_and_angles()
    {
        var x = new Vector3d(1, 0, 0);
        var y = new Vector3d(0, 2, 0);
        Assert.Equal(new Vector3d(0, 0, 2), x.Cross(y));
        Assert.Equal(0.0, x.Dot(y));
        Assert.Equal(Math.PI / 2, x.AngleToRadians(y), 15);
        Assert.InRange(x.AngleToRadians(new(1, 1e-9, 0)), 0.999999e-9, 1.000001e-9); // an arc cosine would say 0
        Assert.Equal(5.0, new Vector3d(0, 3, 4).Length);
        Assert.Equal(new Vector3d(0, 1, 0), y.Normalized());
        Assert.Equal(new Vector3d(1, 2, 0), x + y);
        Assert.Equal(new Vector3d(1, -2, 0), x - y);
        Assert.Equal(new Vector3d(-1, 0, 0), -x);
        Assert.Equal(2.0 * x, x * 2.0);
        Assert.Equal(x, (x * 2.0) / 2.0);
        Assert.False(new Vector3d(0, double.NaN, 0).IsFinite);
        Assert.False(Vector3d.Zero.Normalized().IsFinite);
    }

    [Fact]
    public void Turned_axes_see_a_vector_turned_back()
    {
        Vector3d seen = new Vector3d(1, 0, 7).InAxesTurnedAboutZ(Math.PI / 2);
        Assert.InRange((seen - new Vector3d(0, -1, 7)).Length, 0.0, 1e-15);
    }
}
