using SatNode.Flight.Model;
using SatNode.Flight.Sensors;
using SatNode.Protocol.Quantities;

namespace SatNode.Flight.Tests.Model;

/// <summary>Where a satellite's joules go, by a model that has to find the truth out, moved by up to 20 %.</summary>
public sealed class EnergyLedgerTests(ITestOutputHelper output)
{
    private const double AgentShare = 0.02; // of a core, all the time

    private readonly RecordingEvents _events = new();

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(5)]
    public void An_orbits_books_match_the_measured_rail_and_what_functions_really_took(int number)
    {
        double[] factors = TruthWorld.Perturbed(new Random(2000 + number));
        if (number == 0)
            Array.Fill(factors, 1);
        var world = new TruthWorld(i => factors[i], seed: number);
        var model = new OnboardModel(world.Options);
        var ledger = new EnergyLedger(model, _events);
        TimeSpan functions = TimeSpan.Zero;
        Fly(world, model, ledger, ref functions, 2 * TruthWorld.OrbitSeconds);
        EnergyBooks before = ledger.Books;
        TimeSpan worked = functions;
        Fly(world, model, ledger, ref functions, TruthWorld.OrbitSeconds);
        EnergyBooks orbit = ledger.Books.Minus(before);
        double off = (orbit.Attributed / orbit.Measured).Value - 1;
        double truth = 1.46 * factors[10] * (functions - worked).TotalSeconds;
        output.WriteLine($"world {number}: functions {orbit.Functions.Joules:0} J of {truth:0}, agent {orbit.Agent.Joules:0}, links {orbit.Links.Joules:0}, idle {orbit.Idle.Joules:0}; "
            + $"sum {orbit.Attributed.Joules:0}, measured {orbit.Measured.Joules:0}: {off:+0.0 %;-0.0 %}");
        Assert.InRange(off, -0.05, 0.05);
        Assert.InRange(orbit.Functions.Joules / truth, 0.9, 1.1);
        Assert.True(orbit.Links.Joules > 0 && orbit.Agent.Joules > 0);
    }

    [Fact]
    public void What_was_not_measured_is_in_neither_side()
    {
        var world = new TruthWorld(_ => 1, seed: 1);
        var model = new OnboardModel(world.Options);
        var ledger = new EnergyLedger(model, _events);
        TimeSpan functions = TimeSpan.Zero;
        Fly(world, model, ledger, ref functions, 1000);
        EnergyBooks before = ledger.Books;
        world.Step(10);
        ledger.Book(world.Read() with { Solar = new(double.NaN) }, functions, default, new(1), false, 0);
        Assert.Equal(before, ledger.Books);
        world.Step(EnergyLedger.GapMax.TotalSeconds + 1);
        ledger.Book(world.Read(), functions, default, new(1), false, 0);
        Assert.Equal(before, ledger.Books); // a gap
        world.Step(EnergyLedger.GapMax.TotalSeconds);
        ledger.Book(world.Read(), functions, default, new(1), false, 0);
        Assert.True(ledger.Books.Measured > before.Measured);
    }

    [Theory]
    [InlineData(false, 1)] // at the node, once
    [InlineData(true, 1)] // where no position is known, after 110 min
    public void An_orbit_is_closed_at_its_ascending_node(bool isBlind, int expected)
    {
        var world = new TruthWorld(_ => 1, seed: 1);
        var model = new OnboardModel(world.Options);
        var ledger = new EnergyLedger(model, _events);
        double end = isBlind ? EnergyLedger.OrbitMax.TotalSeconds + 100 : 1.4 * TruthWorld.OrbitSeconds;
        while (world.Seconds < end)
        {
            world.Step(10);
            SensorReadings readings = world.Read();
            model.Update(readings, TimeSpan.Zero, new(world.Sun));
            ledger.Book(readings, default, default, new(world.Sun), false, isBlind ? double.NaN : 53 * Math.Sin(2 * Math.PI * world.Seconds / TruthWorld.OrbitSeconds));
        }
        Assert.Equal(expected, _events.Raised.Count(text => text.StartsWith("orbit.energy ", StringComparison.Ordinal)));
    }

    private static void Fly(TruthWorld world, OnboardModel model, EnergyLedger ledger, ref TimeSpan functions, double seconds)
    {
        for (double end = world.Seconds + seconds; world.Seconds < end;)
        {
            world.BusyCores = ((int)(world.Seconds / 400) % 5) switch { 1 => 1, 3 => 3, _ => 0 };
            world.IsInContact = world.Seconds % 2000 < 500;
            world.Step(10);
            functions += TimeSpan.FromSeconds(world.BusyCores * 10);
            SensorReadings readings = world.Read();
            model.Update(readings, TimeSpan.FromSeconds(world.BusyCores * 10), new(world.Sun), world.IsInContact);
            ledger.Book(readings, functions, TimeSpan.FromSeconds(world.Seconds * AgentShare), new Ratio(world.Sun), world.IsInContact,
                53 * Math.Sin(2 * Math.PI * world.Seconds / TruthWorld.OrbitSeconds));
        }
    }
}
