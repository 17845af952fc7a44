using Microsoft.Extensions.Time.Testing;
using SatNode.Flight.Invocations;
using SatNode.Flight.Telemetry;
using SatNode.Protocol.Cbor;
using SatNode.Protocol.Quantities;
using SatNode.Protocol.Telemetry;

namespace SatNode.Flight.Tests.Invocations;

public sealed class FunctionProfilesTests : IDisposable
{
    private static readonly InvocationUse Completed = new()
    {
        Result = InvocationResult.Completed,
        CpuTime = TimeSpan.FromMilliseconds(2),
        WallTime = TimeSpan.FromMilliseconds(8),
        MemoryBytesHighest = 65_536,
        InputBytes = 10,
        OutputBytes = 20,
        Start = InvocationStart.Fresh,
    };

    private readonly TemporaryFolder _folder = new();
    private readonly FakeTimeProvider _time = new(SchedulerWorld.Noon);
    private FlightDatabase _database;
    private Outbox _outbox;
    private FunctionProfiles _profiles;

    public FunctionProfilesTests()
    {
        _database = FlightDatabase.Open(_folder.File("flight.db"));
        _outbox = new(_database, _time);
        _profiles = new(_database, _outbox);
    }

    private DateTimeOffset Now => _time.GetUtcNow();

    public void Dispose()
    {
        _outbox.Dispose();
        _database.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public void Counts_what_ended_how_and_what_it_used()
    {
        Add(Completed, joules: 1.5);
        Add(Completed with { Start = InvocationStart.Cold, MemoryBytesHighest = 131_072, CpuTime = TimeSpan.FromMilliseconds(200) }, joules: 2);
        Add(Completed with { Result = InvocationResult.Trapped, Fault = InvocationFault.Stack, Start = InvocationStart.Warm, OutputBytes = 0 }, joules: 0.5);
        Add(Completed with { Result = InvocationResult.Refused, Start = InvocationStart.None }, joules: 0);
        Assert.True(_profiles.Add("detect", "1.2", Completed, loadFactor: 60, default, isCalled: true, Now));
        FunctionProfile profile = _profiles.Find("detect")!;
        Assert.Equal((3UL, 1UL, 1UL, 1UL), (profile.Completed, profile.Failures, profile.Failed[(int)InvocationFault.Stack], profile.Refused));
        Assert.Equal((1UL, 2UL, 1UL, 1UL), (profile.ColdStarts, profile.FreshStarts, profile.WarmStarts, profile.Called));
        Assert.Equal((131_072UL, (40UL, 60UL), 4.0), (profile.MemoryBytesHighest, profile.Bytes, profile.Energy.Joules));
        Assert.Equal((4UL, 4UL), (profile.CpuTime.Count, profile.WallTime.Count)); // what never began took no time
        Assert.InRange(profile.CpuTime.Quantile(0.5)!.Value.TotalSeconds, 0.12 / 1.2, 0.12 * 1.2); // 2 ms at 60 times
        Assert.InRange(profile.CpuTime.Quantile(1)!.Value.TotalSeconds, 12 / 1.2, 12 * 1.2);
    }

    [Fact]
    public void Tells_of_the_first_at_once_and_of_a_change_every_five_minutes()
    {
        _profiles.Tell(Now);
        Assert.Empty(Told());
        Add(Completed);
        _profiles.Tell(Now);
        Assert.Equal(1UL, Assert.Single(Told()).Completed);
        Add(Completed);
        _time.Advance(InvocationLimits.ProfileInterval - TimeSpan.FromSeconds(1));
        _profiles.Tell(Now);
        Assert.Single(Told());
        _time.Advance(TimeSpan.FromSeconds(1));
        _profiles.Tell(Now);
        Assert.Equal([1UL, 2UL], Told().Select(profile => profile.Completed));
        _time.Advance(InvocationLimits.ProfileInterval);
        _profiles.Tell(Now); // nothing new
        Assert.Equal(2, Told().Count);
    }

    [Fact]
    public void Tells_of_no_more_a_tick_than_its_bound_and_of_all_in_the_end()
    {
        for (int i = 0; i < 10; i++)
            Assert.True(_profiles.Add($"f{i}", "1", Completed, 1, default, isCalled: false, Now));
        _profiles.Tell(Now);
        Assert.Equal(InvocationLimits.MaxProfilesPerTick, Told().Count);
        _profiles.Tell(Now);
        Assert.Equal(2 * InvocationLimits.MaxProfilesPerTick, Told().Count);
        _profiles.TellAll();
        Assert.Equal(10, Told().DistinctBy(profile => profile.Function).Count());
        Assert.Equal(10, Told().Count);
    }

    [Fact]
    public void Goes_on_after_a_restart_from_what_was_told()
    {
        Add(Completed, joules: 1.5);
        Add(Completed with { Result = InvocationResult.LimitReached, Fault = InvocationFault.Fuel });
        _profiles.TellAll();
        byte[] before = _profiles.Find("detect")!.Encode();
        Restart();
        Assert.Equal(before, _profiles.Find("detect")!.Encode());
        Add(Completed);
        Assert.Equal(3UL, _profiles.Find("detect")!.Runs);
    }

    [Fact]
    public void Another_version_begins_anew_and_a_removed_function_is_forgotten()
    {
        Add(Completed);
        _profiles.TellAll();
        _profiles.Add("detect", "1.3", Completed, 1, default, isCalled: false, Now);
        Assert.Equal(("1.3", 1UL), (_profiles.Find("detect")!.Version, _profiles.Find("detect")!.Runs));
        _profiles.Forget("detect");
        Assert.Null(_profiles.Find("detect"));
        Restart();
        Assert.Null(_profiles.Find("detect"));
    }

    [Fact]
    public void Keeps_as_many_as_there_can_be_functions_and_no_more()
    {
        for (int i = 0; i < InvocationLimits.MaxFunctions; i++)
            Assert.True(_profiles.Add($"f{i}", "1", Completed, 1, default, isCalled: false, Now));
        Assert.False(_profiles.Add("more", "1", Completed, 1, default, isCalled: false, Now));
        Assert.True(_profiles.Add("f7", "2", Completed, 1, default, isCalled: false, Now));
        Assert.Equal(InvocationLimits.MaxFunctions, _profiles.Count);
    }

    [Fact]
    public void Counting_allocates_nothing_but_for_a_functions_first()
    {
        Add(Completed);
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 1000; i++)
            _profiles.Add("detect", "1.2", Completed, 60, default, isCalled: true, SchedulerWorld.Noon);
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    [Fact]
    public void A_damaged_profile_begins_anew()
    {
        Add(Completed);
        _profiles.TellAll();
        _database.TryWrite(_database, static file =>
        {
            using Microsoft.Data.Sqlite.SqliteCommand damage = file.Prepare("UPDATE profile SET payload = x'00'");
            damage.ExecuteNonQuery();
        });
        Restart();
        Assert.Null(_profiles.Find("detect"));
    }

    private void Add(InvocationUse result, double joules = 0) => Assert.True(_profiles.Add("detect", "1.2", result, loadFactor: 60, new Energy(joules), isCalled: false, Now));

    private List<FunctionProfile> Told() => [.. _outbox.Peek(1000).Where(record => record.Stream == TelemetryStream.Profile)
        .Select(record => CborDecoder.Decode<TelemetryRecord<FunctionProfile>>(record.Payload).Body)];

    private void Restart()
    {
        _outbox.Dispose();
        _database.Dispose();
        _database = FlightDatabase.Open(_folder.File("flight.db"));
        _outbox = new(_database, _time);
        _profiles = new(_database, _outbox);
    }
}
