using SatNode.Ground.Configuration;
using SatNode.Ground.Placement;
using SatNode.Orbit.Constellations;

namespace SatNode.Ground.Tests.Placement;

public sealed class PassBookTests
{
    private static readonly DateTimeOffset Start = new(2026, 8, 15, 20, 0, 0, TimeSpan.Zero);

    private static readonly StationOptions Redu = new("redu", 50.002, 5.148, 335, 5);

    [Fact]
    public void Tells_the_pass_that_goes_on_and_the_next_and_never_one_that_is_over()
    {
        PassBook book = Book(Redu);
        List<PassWindow> seen = [];
        for (DateTimeOffset now = Start; now < Start.AddHours(24); now = now.AddMinutes(1))
        {
            (PassWindow? current, PassWindow? next) = book.At("p01-s01", now);
            Assert.NotNull(next);
            Assert.True(next.Start > now);
            Assert.True(current is null || (current.Start <= now && current.End > now));
            if (current is not null && !seen.Contains(current))
                seen.Add(current);
        }
        Assert.InRange(seen.Count, 4, 9); // a satellite of 53° over 50° north
        Assert.All(seen, pass => Assert.InRange((pass.End - pass.Start).TotalMinutes, 0, 12));
    }

    [Fact]
    public void A_pass_over_the_edge_of_a_search_is_one_pass()
    {
        PassWindow pass = Book(Redu).At("p01-s01", Start).Next!;
        DateTimeOffset middle = pass.Start + ((pass.End - pass.Start) / 2);
        PassBook book = Book(Redu);
        book.At("p01-s01", middle.AddHours(-3)); // a search of three hours ends within the pass
        (PassWindow? current, _) = book.At("p01-s01", middle);
        Assert.Equal(pass.End, current!.End, TimeSpan.FromSeconds(1));
    }

    [Fact]
    public void Without_a_station_or_an_orbit_there_is_no_pass()
    {
        Assert.Equal((null, null), Book().At("p01-s01", Start));
        Assert.Equal((null, null), Book(Redu).At("stranger", Start));
    }

    private static PassBook Book(params StationOptions[] stations)
    {
        var shell = new WalkerShell { Planes = 72, SatellitesPerPlane = 22, AltitudeKm = 550, InclinationDegrees = 53, Phasing = 17, Epoch = Start };
        (string line1, string line2) = shell.ElementsOf(1, 1).ToLines();
        return new([new("p01-s01", 101, [line1, line2])], stations, TimeSpan.FromHours(24));
    }
}
