using SatNode.Orbit.Propagation;

namespace SatNode.Orbit.Tests.Propagation;

public sealed class Sgp4VerificationTests(ITestOutputHelper output)
{
    public static TheoryData<int> Indices => [.. Enumerable.Range(0, VerificationSet.Cases.Count)];

    [Theory]
    [MemberData(nameof(Indices))]
    public void Gives_the_states_of_the_reference_implementation(int index)
    {
        VerificationCase test = VerificationSet.Cases[index];
        var sgp4 = new Sgp4(test.Tle);
        double worstKm = 0, worstKmPerSecond = 0;
        PropagationError error = PropagationError.None;
        foreach (VerificationState expected in test.Expected)
        {
            error = sgp4.Propagate(expected.Minutes, out TemeState state);
            worstKm = Math.Max(worstKm, (state.PositionKm - expected.State.PositionKm).Length);
            worstKmPerSecond = Math.Max(worstKmPerSecond, (state.VelocityKmPerSecond - expected.State.VelocityKmPerSecond).Length);
        }

        output.WriteLine($"{test} {test.Expected.Count} states: {worstKm:E2} km {worstKmPerSecond:E2} km/s {error}");
        Assert.True(worstKm < 2e-7, $"{worstKm}");
    }
}
