using SatNode.Flight.Model;
using SatNode.Flight.Sensors;

namespace SatNode.Flight.Tests.Model.Quality;

/// <summary>A perturbed satellite with its work: heavy functions that are admitted ahead, short ones that events start unforeseen, and passes over ground
/// stations. Every constant of the truth is moved by up to ±20 %, every odd one looks at the Earth.</summary>
internal sealed class Mission
{
    /// <summary>How long before its start a heavy function is admitted.</summary>
    public const double LeadSeconds = 40 * 60;

    private const double Orbits = 6;

    private readonly List<Task> _tasks = [];
    private readonly List<Task> _events = [];
    private readonly List<(double Start, double End)> _passes = [];

    /// <summary>Creates a mission.</summary>
    /// <param name="seed">Its truth and its work.</param>
    /// <param name="areSomeUnannounced">A quarter of the heavy functions start without having been admitted ahead.</param>
    public Mission(int seed, bool areSomeUnannounced = false)
    {
        var random = new Random(seed);
        double[] factors = TruthWorld.Perturbed(random);
        World = new(i => factors[i], seed)
        {
            ToldAmpereHours = 8.145 * factors[14] * (1 + (0.02 * (random.NextDouble() - 0.5))), // measured before flight to 1 %
            CounterOffset = 0.02 * (random.NextDouble() - 0.5), // and set to 1 %
            CurrentBias = 0.01 * (random.NextDouble() - 0.5),
            Charge = 0.7 + (0.2 * random.NextDouble()),
            Board = 295 + (15 * random.NextDouble()),
            Frame = 283 + (15 * random.NextDouble()),
            LooksAtEarth = seed % 2 != 0,
        };
        double end = Orbits * TruthWorld.OrbitSeconds;
        for (double start = 200 * random.NextDouble(); start < end;)
        {
            double expected = 60 + (540 * random.NextDouble());
            _tasks.Add(new(start, start + expected, start + (expected * (0.9 + (0.2 * random.NextDouble()))), random.Next(1, 4), !areSomeUnannounced || _tasks.Count % 4 != 0));
            start += expected + (1000 * random.NextDouble());
        }
        for (double start = 0; start < end; start -= 400 * Math.Log(1 - random.NextDouble()))
            _events.Add(new(start, 0, start + 5 + (15 * random.NextDouble()), 1, false));
        for (double orbit = 0; orbit < Orbits; orbit++)
        {
            double start = (orbit + (0.85 * random.NextDouble())) * TruthWorld.OrbitSeconds;
            if (random.NextDouble() < 0.7)
                _passes.Add((start, start + 300 + (300 * random.NextDouble())));
        }
        Contacts = [.. _passes.Select(pass => new ContactInterval(TruthWorld.At(pass.Start), TruthWorld.At(pass.End)))];
        Model = new(World.Options);
    }

    public TruthWorld World { get; }

    public OnboardModel Model { get; }

    /// <summary>All passes; the agent knows them by its orbit.</summary>
    public ContactInterval[] Contacts { get; }

    /// <summary>Ten seconds of flight, and what the sensors say then.</summary>
    public SensorReadings Step()
    {
        double now = World.Seconds;
        World.BusyCores = Math.Min(4, _tasks.Concat(_events).Where(task => task.Start <= now && now < task.TrueEnd).Sum(task => task.Cores));
        World.IsInContact = _passes.Exists(pass => pass.Start <= now && now < pass.End);
        World.Step(10);
        SensorReadings readings = World.Read();
        Model.Update(readings, TimeSpan.FromSeconds(World.BusyCores * 10), new(World.Sun), World.IsInContact);
        return readings;
    }

    /// <summary>The functions that the agent has admitted and that have not ended.</summary>
    public PlannedLoad[] Planned()
    {
        double now = World.Seconds;
        return [.. _tasks.Where(task => task.Start <= (task.IsAnnounced ? now + LeadSeconds : now) && task.TrueEnd > now)
            .Select(task => new PlannedLoad(TruthWorld.At(task.Start), TruthWorld.At(Math.Max(task.ExpectedEnd, task.Start <= now ? now + 10 : 0)), Model.Energy.PowerOf(TimeSpan.FromSeconds(task.Cores), TimeSpan.FromSeconds(1))))];
    }

    private sealed record Task(double Start, double ExpectedEnd, double TrueEnd, int Cores, bool IsAnnounced);
}
