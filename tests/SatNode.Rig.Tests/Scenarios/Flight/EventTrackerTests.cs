using SatNode.Rig.Scenarios.Checks;
using SatNode.Rig.Scenarios.Flight;

namespace SatNode.Rig.Tests.Scenarios.Flight;

public sealed class EventTrackerTests
{
    private readonly EventTracker _tracker = new();
    private long _number;

    [Fact]
    public void Reads_an_event_with_values_that_have_spaces()
    {
        EventRecord read = EventTracker.Parse("EVENT 2 17 2026-06-21T12:03:10.250Z medium invocation.failed function=object-det invocation=r1-2 reason=trapped: out of bounds = bad")!;

        Assert.Equal((2u, 17ul, "invocation.failed"), (read.Boot, read.Sequence, read.Name));
        Assert.Equal(new DateTimeOffset(2026, 6, 21, 12, 3, 10, 250, TimeSpan.Zero), read.Time);
        Assert.Equal("object-det", read.Text("function"));
        Assert.Equal("trapped: out of bounds = bad", read.Text("reason"));
    }

    [Theory]
    [InlineData("")]
    [InlineData("EVENT")]
    [InlineData("event 1 1 2026-06-21T12:03:10Z low ping")]
    [InlineData("EVENT x 1 2026-06-21T12:03:10Z low ping")]
    [InlineData("EVENT 1 -1 2026-06-21T12:03:10Z low ping")]
    [InlineData("EVENT 1 1 noon low ping")]
    public void Passes_over_what_is_no_event(string line) => Assert.Null(EventTracker.Parse(line));

    [Fact]
    public void A_board_that_was_reset_runs_nothing_and_is_in_no_contact()
    {
        Take("EVENT 1 1 2026-06-21T12:00:00Z informative contact.gained outbox_depth=3 start_ms=120");
        Take("EVENT 1 2 2026-06-21T12:00:01Z informative invocation.started function=greet invocation=i1");
        Take("EVENT 1 3 2026-06-21T12:00:02Z informative link.up peer=p10-s04");
        Assert.Equal("greet", _tracker.Now.Running);

        Take("EVENT 2 1 2026-06-21T12:00:30Z informative agent.started version=0.1.0 reset_reason=watchdog start_ms=900");

        Assert.False(_tracker.IsInContact);
        Assert.Equal("", _tracker.Now.Running);
        Assert.Empty(_tracker.Now.Peers);
    }

    [Fact]
    public void Keeps_events_of_standard_output_only()
    {
        Take("EVENT 1 1 2026-06-21T12:00:00Z informative contact.gained outbox_depth=3 start_ms=120");
        Take("EVENT 1 2 2026-06-21T12:00:01Z informative contact.lost reason=x", isError: true);
        Take("hello");

        Assert.Equal(1, _tracker.Count);
        Assert.True(_tracker.IsInContact);
        Assert.Equal("contact.gained outbox_depth=3 start_ms=120", _tracker.Now.LastEvent);
    }

    [Fact]
    public void Knows_what_runs_and_who_is_linked_until_the_power_goes()
    {
        Take("EVENT 1 1 2026-06-21T12:00:00Z informative invocation.started function=denoise invocation=a peak_kelvin=300 lowest_charge=0.5");
        Take("EVENT 1 2 2026-06-21T12:00:00Z informative invocation.started function=ingest invocation=b peak_kelvin=300 lowest_charge=0.5");
        Take("EVENT 1 3 2026-06-21T12:00:00Z informative link.up peer=p10-s04");
        Take("EVENT 1 4 2026-06-21T12:00:00Z informative link.up peer=p10-s04");
        Take("EVENT 1 5 2026-06-21T12:00:00Z informative link.down peer=p10-s04 reason=twice");
        Take("EVENT 1 6 2026-06-21T12:00:00Z informative invocation.completed function=denoise invocation=a cpu_seconds=1 joules=1 output_bytes=0 state=none");

        Assert.Equal("ingest", _tracker.Now.Running);
        Assert.Equal(["p10-s04"], _tracker.Now.Peers);

        _tracker.PowerLost();
        Assert.Equal("", _tracker.Now.Running);
        Assert.Empty(_tracker.Now.Peers);
        Assert.False(_tracker.IsInContact);
        Assert.Equal(6, _tracker.Count);
    }

    private void Take(string text, bool isError = false) => _tracker.Take(new(++_number, default, 1, isError, text));
}
