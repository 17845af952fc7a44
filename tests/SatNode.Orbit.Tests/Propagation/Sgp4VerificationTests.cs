using SatNode.Orbit.Propagation;

namespace SatNode.Orbit.Tests.Propagation;

/// <summary>All 33 cases of the standard verification set, 667 states, and how each case ends.</summary>
public sealed class Sgp4VerificationTests
{
    /// <summary>0.3 mm and 1 µm/s: what rounding to 8 and 9 digits leaves, and after 3.5 years of resonance a little more.</summary>
    private const double ToleranceKm = 3e-7, ToleranceKmPerSecond = 1e-9;

    public static TheoryData<int> Indices => [.. Enumerable.Range(0, VerificationSet.Cases.Count)];

    [Fact]
    public void The_set_is_whole()
    {
        Assert.Equal(33, VerificationSet.Cases.Count);
        Assert.Equal(667, VerificationSet.Cases.Sum(test => test.Expected.Count));
    }

    [Theory]
    [MemberData(nameof(Indices))]
    public void Gives_the_states_of_the_reference_implementation(int index)
    {
        VerificationCase test = VerificationSet.Cases[index];
        var sgp4 = new Sgp4(test.Tle);
        foreach (VerificationState expected in test.Expected)
        {
            if (index == 30)
                break; // the reference repeats the line before: it has no state at all, see below
            Assert.Equal(PropagationError.None, sgp4.Propagate(expected.Minutes, out TemeState state));
            Assert.InRange((state.PositionKm - expected.State.PositionKm).Length, 0.0, ToleranceKm);
            Assert.InRange((state.VelocityKmPerSecond - expected.State.VelocityKmPerSecond).Length, 0.0, ToleranceKmPerSecond);
        }
    }

    [Theory]
    [InlineData(25, 55.0, PropagationError.Decayed)]
    [InlineData(26, 440.0, PropagationError.Decayed)]
    [InlineData(11, 494.2028672, PropagationError.MeanEccentricity)]
    [InlineData(22, 1560.0, PropagationError.MeanEccentricity)]
    [InlineData(32, 1844345.0, PropagationError.Decayed)]
    [InlineData(29, 25.0, PropagationError.SemiLatusRectum)]
    [InlineData(30, 0.0, PropagationError.PerturbedEccentricity)]
    public void Ends_where_the_reference_ends(int index, double minutes, PropagationError expected)
    {
        VerificationCase test = VerificationSet.Cases[index];
        Assert.Equal(expected, new Sgp4(test.Tle).Propagate(minutes, out TemeState state));
        Assert.Equal(default, state);
    }

    [Theory]
    [MemberData(nameof(Indices))]
    public void Ends_nowhere_else(int index)
    {
        VerificationCase test = VerificationSet.Cases[index];
        bool cut = test.Expected[^1].Minutes < test.StopMinutes - 1e-6;
        Assert.Equal(index is 11 or 22 or 25 or 26 or 29 or 30 or 32, cut);
    }
}
