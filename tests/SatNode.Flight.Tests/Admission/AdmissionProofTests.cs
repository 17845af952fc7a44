using SatNode.Flight.Admission;
using SatNode.Flight.Model;
using SatNode.Flight.Tests.Model;

namespace SatNode.Flight.Tests.Admission;

/// <summary>Admission over three orbits of a world whose constants it doesn't know, with work always waiting: no limit is passed, and little of what was possible is left undone.</summary>
public sealed class AdmissionProofTests(ITestOutputHelper output)
{
    private const double Orbits = 3;
    private const double CoreScale = 3.1; // 4.5 W for a busy core
    private const double SmallArray = 0.71;
    private const double InvocationSeconds = 24;

    /// <summary>Worlds moved by up to ±20 %, all constants at once.</summary>
    private static TruthWorld World(int number, double charge, double array = 1)
    {
        var random = new Random(2000 + number);
        double[] factors = TruthWorld.Perturbed(random);
        if (number == 0)
            Array.Fill(factors, 1);
        factors[10] = CoreScale * (number == 0 ? 1 : 0.9 + (0.2 * random.NextDouble()));
        if (array != 1)
            (factors[7], factors[8], factors[9]) = (array, 1, 1); // it carries the idle satellite, and not much more
        return new(i => factors[i], seed: number) { Charge = charge, Board = 318, Frame = 291 };
    }

    /// <summary>Flies with one invocation after another, as the scheduler would: looked at every second, deferred half-way to the start that admission names, by ten seconds to a minute, heat and charge sampled every ten.</summary>
    private static (double Work, double Hottest, double LowestCharge) Fly(TruthWorld world, double boardMaxKelvin, double reserve)
    {
        var model = new OnboardModel(world.Options);
        var forecast = new Forecast();
        var controller = new AdmissionController(new() { BoardTemperatureMax = new(boardMaxKelvin), StateOfChargeReserve = new(reserve) });
        double work = 0, hottest = 0, lowest = 1, until = 0, notBefore = 0, sampled = 0;
        AdmittedLoad[] running = [];
        for (double second = 0; second < Orbits * TruthWorld.OrbitSeconds; second++)
        {
            if (second % 10 == 0)
            {
                model.Update(world.Read(), TimeSpan.FromSeconds(work - sampled), new(world.Sun));
                sampled = work;
                model.Predict(world.SunAhead(), forecast);
            }
            if (second >= until && second >= notBefore)
            {
                var load = TimeSpan.FromSeconds(InvocationSeconds * 1.1);
                Verdict verdict = controller.Judge(new AdmissionRequest
                {
                    BoardTemperatureMax = new(boardMaxKelvin),
                    StateOfChargeMin = new(reserve),
                    Duration = load,
                    Power = model.Energy.PowerOf(load, load),
                }, running, forecast, isSafeMode: false, world.Now);
                if (verdict.Decision == Decision.Admit)
                {
                    running = [new(world.Now, new(world.Now.Milliseconds + (ulong)load.TotalMilliseconds), model.Energy.PowerOf(load, load), new(boardMaxKelvin), new(reserve))];
                    until = second + InvocationSeconds; // the tenth more is the scheduler's caution
                }
                else
                {
                    notBefore = second + Math.Max(10, verdict.Decision == Decision.Defer ? Math.Min(60, verdict.Start.Since(world.Now).TotalSeconds / 2) : 10);
                }
            }
            if (second == until && running.Length > 0)
                running[0] = running[0] with { End = world.Now };
            world.BusyCores = second < until ? 1 : 0;
            work += world.BusyCores;
            world.Step(1);
            hottest = Math.Max(hottest, world.Board);
            lowest = Math.Min(lowest, world.Charge);
        }
        return (work, hottest, lowest);
    }

    /// <summary>The work of one who sees the truth every second: all that keeps the board at its limit.</summary>
    private static double OracleByHeat(TruthWorld world, double boardMaxKelvin)
    {
        double work = 0;
        for (double second = 0; second < Orbits * TruthWorld.OrbitSeconds; second++)
        {
            world.BusyCores = world.Board < boardMaxKelvin ? 1 : 0;
            work += world.BusyCores;
            world.Step(1);
        }
        return work;
    }

    /// <summary>What a busy core adds to a board, at the hottest.</summary>
    private static double OfBusyCore(int number, double settled)
    {
        TruthWorld world = World(number, charge: 0.85);
        world.BusyCores = 1;
        double hottest = 0;
        for (double second = 0; second < TruthWorld.OrbitSeconds; second++, world.Step(1))
            hottest = Math.Max(hottest, world.Board);
        return hottest - settled;
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(5)]
    [InlineData(6)]
    [InlineData(7)]
    public void On_a_hot_board_no_limit_is_passed_and_little_is_left_undone(int number)
    {
        TruthWorld idle = World(number, charge: 0.85);
        double settled = 0;
        for (double second = 0; second < TruthWorld.OrbitSeconds; second++, idle.Step(1))
            settled = Math.Max(settled, idle.Board);
        double added = OfBusyCore(number, settled);
        double limit = settled + (0.75 * added);
        double oracle = OracleByHeat(World(number, charge: 0.85), limit);
        (double work, double hottest, _) = Fly(World(number, charge: 0.85), limit, reserve: 0.05);
        output.WriteLine($"world {number}: {work:0} of {oracle:0} s of CPU, {work / oracle:0.0 %}; board up to {hottest - limit:+0.00;-0.00} K from its limit");
        Assert.InRange(oracle, 0.4 * Orbits * TruthWorld.OrbitSeconds, 0.95 * Orbits * TruthWorld.OrbitSeconds); // the limit binds
        Assert.InRange(hottest, 0, limit);
        Assert.InRange(work / oracle, 0.85, 1);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(5)]
    [InlineData(6)]
    [InlineData(7)]
    public void On_a_small_array_the_reserve_is_kept_and_what_is_above_it_is_used(int number)
    {
        TruthWorld idle = World(number, charge: 0.6, SmallArray);
        double lowestIdle = 1;
        for (double second = 0; second < Orbits * TruthWorld.OrbitSeconds; second++, idle.Step(1))
            lowestIdle = Math.Min(lowestIdle, idle.Charge);
        double reserve = lowestIdle - 0.07;
        (double work, _, double lowest) = Fly(World(number, charge: 0.6, SmallArray), boardMaxKelvin: 400, reserve);
        output.WriteLine($"world {number}: idle down to {lowestIdle:0.000} and at the end {idle.Charge:0.000}; {work:0} s of CPU; charge down to {lowest - reserve:+0.0000;-0.0000} from its reserve");
        Assert.InRange(work, 3600, 0.9 * Orbits * TruthWorld.OrbitSeconds); // the reserve binds
        Assert.InRange(lowest, reserve, reserve + 0.03); // twice the estimate's half a per cent, and what the array and the loads may differ
    }
}
