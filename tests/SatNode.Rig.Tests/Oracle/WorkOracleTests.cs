using SatNode.Rig.Oracle;
using SatNode.Rig.Tests.World;
using SatNode.Rig.World;

namespace SatNode.Rig.Tests.Oracle;

/// <summary>The bound holds from above: against every schedule of a small case, and it isn't far above the best of them.</summary>
public sealed class WorkOracleTests(ITestOutputHelper output)
{
    private static readonly SatelliteOptions Vehicle = new()
    {
        BoardCores = 2,
        BoardCoreWatts = 4.5,
        BoardKelvinInitial = 340,
        StructureKelvinInitial = 292,
        TransmitterWatts = 2,
    };

    private static OracleQuestion Question(SatelliteOptions vehicle, double fromMinutes, double minutes) => new()
    {
        Vehicle = vehicle,
        Orbit = Worlds.Orbit(),
        Stations = [Worlds.WhiteSands],
        Start = Worlds.Start.AddMinutes(fromMinutes),
        WorkFrom = Worlds.Start.AddMinutes(fromMinutes),
        End = Worlds.Start.AddMinutes(fromMinutes + minutes),
        FunctionCores = 1,
        OwnCores = 0.1,
        BoardKelvinMax = 348.15,
        StateOfChargeReserve = 0.3,
    };

    /// <summary>The most work of all schedules that keep a core busy or idle for a slot at a time and keep both limits; and how many of them break one.</summary>
    private static (double Best, int Broken) TryAll(OracleQuestion question, int slots)
    {
        double seconds = (question.End - question.Start).TotalSeconds / slots, best = 0;
        int broken = 0;
        for (int schedule = 0; schedule < 1 << slots; schedule++)
        {
            var world = new TrueWorld(question.Start, 1, question.Stations);
            SatelliteTruth satellite = world.Add("tried", question.Orbit, question.Vehicle);
            var load = new FluidLoad();
            satellite.Board = load;
            bool isKept = true;
            for (int slot = 0; slot < slots && isKept; slot++)
            {
                for (int second = 0; second < seconds && isKept; second++)
                {
                    load.Add(question.OwnCores + ((schedule >> slot) & 1));
                    world.Advance(world.Now + TrueWorld.Step);
                    isKept = satellite.Now.BoardKelvin <= question.BoardKelvinMax && satellite.Now.StateOfCharge >= question.StateOfChargeReserve;
                }
            }
            broken += isKept ? 0 : 1;
            if (isKept)
                best = Math.Max(best, int.PopCount(schedule) * seconds);
        }
        return (best, broken);
    }

    [Fact]
    public void Nothing_that_keeps_the_boards_limit_does_more()
    {
        OracleQuestion question = Question(Vehicle, 0, 400 / 60.0);
        OracleAnswer answer = WorkOracle.Ask(question);
        (double best, int broken) = TryAll(question, 10);
        output.WriteLine($"heat {answer.ByHeat:0.0} s, charge {answer.ByCharge:0.0} s, cores {answer.ByCores:0.0} s; best of 1,024 schedules {best} s, {broken} break a limit");
        Assert.Equal("heat", answer.Binding);
        Assert.InRange(broken, 10, 1000); // else nothing was tried
        Assert.InRange(best, answer.CpuSeconds - 80, answer.CpuSeconds); // less than two slots below: schedules are coarse
    }

    [Theory]
    [InlineData(0)]
    [InlineData(16)]
    [InlineData(32)]
    [InlineData(48)]
    [InlineData(64)]
    [InlineData(80)]
    public void Nothing_that_keeps_the_reserve_does_more(double fromMinutes) // in the sun, in the dark, and over both edges
    {
        SatelliteOptions small = Vehicle with { BoardKelvinInitial = 300, BatteryWattHours = 3, BatteryMilliampereHours = 205.68, StateOfChargeInitial = 0.7, BatteryOhms = 0.3, SolarPeakWatts = 19, BoardCoreWatts = 6 };
        for (double charge = 0.4; charge < 0.95; charge += 0.15)
        {
            OracleQuestion question = Question(small with { StateOfChargeInitial = charge }, fromMinutes, 7);
            OracleAnswer answer = WorkOracle.Ask(question);
            (double best, int broken) = TryAll(question, 7);
            output.WriteLine($"from minute {fromMinutes} at {charge:0 %}: heat {answer.ByHeat:0.0} s, charge {answer.ByCharge:0.0} s; best of 128 schedules {best} s, {broken} break a limit");
            Assert.True(best <= answer.CpuSeconds, $"best {best} s, bound {answer.CpuSeconds} s");
            if (broken is > 0 and < 128)
                Assert.InRange(best, answer.CpuSeconds - 125, answer.CpuSeconds);
        }
    }

    [Fact]
    public void The_greedy_load_stays_at_the_limit_and_not_over_it()
    {
        OracleQuestion question = Question(Vehicle, 0, 60);
        IReadOnlyList<double> poured = WorkOracle.ByHeat(question);
        var world = new TrueWorld(question.Start, 1, question.Stations);
        SatelliteTruth satellite = world.Add("again", question.Orbit, Vehicle);
        var load = new FluidLoad();
        satellite.Board = load;
        foreach (double cores in poured)
        {
            load.Add(question.OwnCores + cores);
            world.Advance(world.Now + TrueWorld.Step);
        }
        Envelope board = satellite.History.Envelope(TruthQuantity.BoardKelvin, question.Start, question.End)!.Value;
        Envelope second = satellite.History.Envelope(TruthQuantity.BoardKelvin, question.Start.AddMinutes(15), question.End)!.Value;
        Assert.InRange(board.Max, question.BoardKelvinMax - 0.01, question.BoardKelvinMax + 0.01);
        Assert.InRange(second.Min, question.BoardKelvinMax - 0.1, question.BoardKelvinMax);
        Assert.All(poured, cores => Assert.InRange(cores, 0, 1));
    }

    [Fact]
    public void Without_a_limit_in_reach_the_cores_bound()
    {
        OracleAnswer answer = WorkOracle.Ask(Question(Vehicle with { BoardKelvinInitial = 300 }, 0, 3));
        Assert.Equal(("cores", 180.0), (answer.Binding, answer.CpuSeconds));
    }

    [Fact]
    public void Work_begins_when_there_is_some()
    {
        OracleQuestion question = Question(Vehicle with { BoardKelvinInitial = 300 }, 0, 3);
        OracleAnswer answer = WorkOracle.Ask(question with { WorkFrom = question.Start.AddMinutes(2) });
        Assert.Equal(60, answer.CpuSeconds);
        Assert.Equal(60, answer.ByHeat, 1e-9);
    }
}
