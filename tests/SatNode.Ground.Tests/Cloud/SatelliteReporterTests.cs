using SatNode.Ground.Cloud;
using SatNode.Ground.Cloud.Resources;
using SatNode.Ground.Placement;
using SatNode.Ground.Twins;
using SatNode.Protocol.Dictionary;
using static SatNode.Ground.Tests.Placement.Satellites;

namespace SatNode.Ground.Tests.Cloud;

public sealed class SatelliteReporterTests
{
    private static readonly TwinState Twin = new()
    {
        Node = "p10-s03",
        LastSeen = 840_000_000_123,
        HousekeepingTime = 840_000_000_000,
        AgentVersion = "1.2.3",
        Housekeeping = new Dictionary<ushort, double>
        {
            [Parameters.BoardTemperature.Id] = 313.17,
            [Parameters.StateOfCharge.Id] = 0.7949,
            [Parameters.Latitude.Id] = -12.345,
            [Parameters.Longitude.Id] = 100.06,
            [Parameters.Altitude.Id] = 551_234,
            [Parameters.Mode.Id] = 0,
        },
    };

    [Fact]
    public void Tells_what_is_known_rounded_to_what_a_person_reads()
    {
        SatelliteStatus status = SatelliteReporter.StatusOf(Twin, Good());
        Assert.Equal((40.0, 0.79, "nominal", "1.2.3"), (status.BoardCelsius, status.StateOfCharge, status.Mode, status.AgentVersion));
        Assert.Equal(new(-12.3, 100.1, 551_000), status.Position);
        Assert.Equal(("Reachable", null), (status.Contact!.State, status.Contact.NextPass));
    }

    [Fact]
    public void What_a_satellite_made_up_stays_within_the_schema()
    {
        SatelliteStatus status = SatelliteReporter.StatusOf(Twin with
        {
            Housekeeping = new Dictionary<ushort, double>
            {
                [Parameters.BoardTemperature.Id] = 1e9,
                [Parameters.StateOfCharge.Id] = -3,
                [Parameters.Latitude.Id] = 900,
                [Parameters.Longitude.Id] = -1e300,
                [Parameters.Altitude.Id] = 0,
            },
        }, Good());
        Assert.Equal((1000.0, 0.0, new(90, -180, 0)), (status.BoardCelsius, status.StateOfCharge, status.Position));
    }

    [Fact]
    public void Tells_the_next_pass_only_of_a_satellite_that_was_seen_and_is_away()
    {
        Candidate away = Good() with { IsReachable = false, ContactEnd = null };
        Assert.Equal("redu", SatelliteReporter.StatusOf(Twin, away).Contact!.NextPass!.Station);
        Assert.Equal(new("NeverSeen", null, null), SatelliteReporter.StatusOf(new TwinState { Node = "p10-s03" }, away).Contact); // else an idle one would cost a write a pass
    }

    [Fact]
    public void What_was_never_measured_is_left_out()
    {
        SatelliteStatus status = SatelliteReporter.StatusOf(new TwinState { Node = "p10-s03" }, new Candidate { Name = "p10-s03" });
        Assert.Equal((null, null, null, null, null), (status.BoardCelsius, status.StateOfCharge, status.Mode, status.Position, status.LastSeen));
    }

    [Fact]
    public void Contact_mode_version_and_functions_are_urgent_and_numbers_are_not()
    {
        SatelliteStatus before = SatelliteReporter.StatusOf(Twin, Good());
        Assert.True(SatelliteReporter.IsUrgent(null, before));
        Assert.False(SatelliteReporter.IsUrgent(before, before with { BoardCelsius = 70, LastSeen = Now }));
        Assert.True(SatelliteReporter.IsUrgent(before, before with { Mode = "safe" }));
        Assert.True(SatelliteReporter.IsUrgent(before, before with { AgentVersion = "2" }));
        Assert.True(SatelliteReporter.IsUrgent(before, before with { Contact = new("OutOfContact", null, null) }));
        Assert.True(SatelliteReporter.IsUrgent(before, before with { Functions = [new("greet", "1", "sha256:1")] }));
    }
}
