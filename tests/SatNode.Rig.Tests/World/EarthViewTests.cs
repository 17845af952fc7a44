using SatNode.Rig.World;

namespace SatNode.Rig.Tests.World;

public sealed class EarthViewTests
{
    [Theory]
    [InlineData(1.0864)] // 550 km
    [InlineData(1.5)]
    [InlineData(6.61)]
    public void The_mean_over_all_sides_is_what_a_small_sphere_sees(double distance)
    {
        double sum = 0;
        const int Steps = 20_000;
        for (int i = 0; i < Steps; i++)
            sum += EarthView.OfPlate(-1 + ((2 * i) + 1.0) / Steps, distance); // cosines of even directions are even
        Assert.Equal((1 - Math.Sqrt(1 - (1 / (distance * distance)))) / 2, sum / Steps, 1e-6);
    }

    [Fact]
    public void Facing_the_Earth_sees_it_as_the_square_of_the_distance_says_and_turned_away_not_at_all()
    {
        Assert.Equal(1 / (1.2 * 1.2), EarthView.OfPlate(1, 1.2), 1e-12);
        Assert.Equal(0, EarthView.OfPlate(-1, 1.2));
        Assert.Equal(0.5, EarthView.OfPlate(0, 1), 1e-12);
    }

    [Fact]
    public void Has_no_step_where_the_plate_begins_to_cut_the_Earth()
    {
        double previous = EarthView.OfPlate(-1, 1.0864);
        for (double cosine = -1; cosine <= 1; cosine += 1e-4)
        {
            double now = EarthView.OfPlate(cosine, 1.0864);
            Assert.InRange(now - previous, -1e-12, 2e-4);
            previous = now;
        }
    }
}
