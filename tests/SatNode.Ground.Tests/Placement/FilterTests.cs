using SatNode.Ground.Placement;
using SatNode.Protocol.Quantities;
using static SatNode.Ground.Tests.Placement.Satellites;

namespace SatNode.Ground.Tests.Placement;

/// <summary>Each rule at both ends of its range, and with nothing known.</summary>
public sealed class FilterTests
{
    private static readonly PlacementPipeline Pipeline = PlacementPipeline.Of(new(FunctionsMax: 2, MemoryBytesMax: 100e6, TelemetryMaxAge: TimeSpan.FromSeconds(6000),
        PassHorizon: TimeSpan.FromHours(24), PlacementWeights.Default));

    [Fact]
    public void A_satellite_that_is_fit_is_taken() => Assert.Null(Pipeline.Judge(Request(), Good()));

    [Theory]
    [InlineData(60.0, null)] // the limit itself is kept
    [InlineData(60.1, "60.1 °C, at most 60.0 °C")]
    [InlineData(double.NaN, "NaN °C, at most 60.0 °C")]
    public void The_board_is_at_most_as_hot_as_the_function_allows(double celsius, string? refusal) =>
        AssertRefusal(RefusalReason.TooHot, refusal, Good() with { Board = double.IsNaN(celsius) ? new Temperature(double.NaN) : Temperature.FromCelsius(celsius) });

    [Theory]
    [InlineData(0.30, null)]
    [InlineData(0.29, "29 %, at least 30 %")]
    [InlineData(double.NaN, "NaN %, at least 30 %")]
    public void The_battery_has_at_least_the_charge_that_the_function_asks_for(double charge, string? refusal) =>
        AssertRefusal(RefusalReason.LowCharge, refusal, Good() with { Charge = new Ratio(charge) });

    [Theory]
    [InlineData(6000, null)]
    [InlineData(6001, "6001 s old, at most 6000 s")]
    public void Telemetry_is_recent(int age, string? refusal) =>
        AssertRefusal(RefusalReason.TelemetryOld, refusal, Good() with { Measured = Now.AddSeconds(-age) });

    [Fact]
    public void Safe_mode_refuses() => AssertRefusal(RefusalReason.SafeMode, "in safe mode", Good() with { IsSafeMode = true });

    [Fact]
    public void There_is_a_free_slot()
    {
        AssertRefusal(RefusalReason.NoFunctionSlot, null, Good().With(("one", "i")));
        AssertRefusal(RefusalReason.NoFunctionSlot, "2 functions, at most 2", Good().With(("one", "i"), ("two", "i")));
        AssertRefusal(RefusalReason.NoFunctionSlot, null, Good().With(("one", "i"), ("greet", "old"))); // a new version takes the slot of the old one
    }

    [Theory]
    [InlineData(100e6 - 65536, null)]
    [InlineData(100e6 - 65535, "95 MiB with the function, at most 95 MiB")]
    public void Its_memory_fits_beside_what_the_agent_uses(double used, string? refusal) =>
        AssertRefusal(RefusalReason.NoMemory, refusal, Good() with { MemoryBytes = used }, Request(Manifest(memory: 65536)));

    [Theory]
    [InlineData(24.0, null)]
    [InlineData(24.1, "no pass within 24 h")]
    [InlineData(null, "no pass within 24 h")]
    public void Out_of_contact_a_pass_comes_within_the_horizon(double? hours, string? refusal) => AssertRefusal(RefusalReason.NoContact, refusal, Good() with
    {
        IsReachable = false,
        ContactEnd = null,
        NextPass = hours is { } wait ? new("redu", Now.AddHours(wait), Now.AddHours(wait + 0.1)) : null,
    });

    [Fact]
    public void In_contact_no_pass_is_asked_for() => AssertRefusal(RefusalReason.NoContact, null, Good() with { ContactEnd = null, NextPass = null });

    [Fact]
    public void Only_the_satellites_that_are_named_are_taken()
    {
        Assert.Null(Pipeline.Judge(Request(null, "p10-s03"), Good()));
        Assert.Equal(RefusalReason.NotSelected, Pipeline.Judge(Request(null, "p10-s04"), Good())?.Reason);
    }

    [Fact]
    public void What_was_never_measured_refuses_and_is_named()
    {
        (Candidate, string)[] cases =
        [
            (Good() with { Measured = null }, "no housekeeping was ever received"),
            (Good() with { IsSafeMode = null }, "agent.mode was never measured"),
            (Good() with { MemoryBytes = null }, "agent.resident-memory was never measured"),
            (Good() with { Board = null }, "board.temperature was never measured"),
            (Good() with { Charge = null }, "battery.state-of-charge was never measured"),
        ];
        foreach ((Candidate candidate, string words) in cases)
            AssertRefusal(RefusalReason.TelemetryMissing, words, candidate);
    }

    [Fact]
    public void A_satellite_of_which_only_the_name_is_known_is_refused() => Assert.NotNull(Pipeline.Judge(Request(), new Candidate { Name = "p10-s03" }));

    [Fact]
    public void A_refusal_that_nobody_filled_in_refuses() => Assert.Equal(RefusalReason.Unknown, default(Refusal).Reason);

    private static void AssertRefusal(RefusalReason reason, string? words, Candidate candidate, PlacementRequest? request = null)
    {
        Refusal? refusal = Pipeline.Judge(request ?? Request(), candidate);
        Assert.Equal(words, refusal?.ToString());
        if (words is not null)
            Assert.Equal(reason, refusal!.Value.Reason);
    }
}
