using CsCheck;
using SatNode.Flight.Admission;
using SatNode.Flight.Model;
using SatNode.Flight.Tests.Model;
using SatNode.Protocol.Time;

namespace SatNode.Flight.Tests.Admission;

/// <summary>The search for a later start passes over starts that are surely not kept: it finds what the plain one finds, which judges each.</summary>
public sealed class AdmissionSearchTests
{
    private static readonly (Forecast Forecast, DtnTime Now)[] Skies = [.. Enumerable.Range(0, 12).Select(Fly)];

    private static readonly Gen<AdmittedLoad[]> Admitted = Gen.Select(Gen.Double[0, 3000], Gen.Double[1, 2000], Gen.Double[0, 8], Gen.Double[310, 400], Gen.Double[0, 0.9],
        (start, seconds, watts, board, charge) => (start, seconds, watts, board, charge)).Array[0, 4].Select(loads => loads
            .Select(load => new AdmittedLoad(After(load.start), After(load.start + load.seconds), new(load.watts), new(load.board), new(load.charge))).ToArray());

    private static readonly Gen<AdmissionRequest> Requests = Gen.Select(Gen.Double[300, 380], Gen.Double[0, 1], Gen.Double[1, 3000], Gen.Double[0, 8], Gen.Double[0, 12_000],
        (board, charge, seconds, watts, deadline) => new AdmissionRequest
        {
            BoardTemperatureMax = new(board),
            StateOfChargeMin = new(charge),
            Duration = TimeSpan.FromSeconds(seconds),
            Power = new(watts),
            Deadline = deadline < 1000 ? null : After(deadline),
        });

    [Fact]
    public void Finds_what_the_plain_search_finds()
    {
        int deferred = 0, refused = 0, passedOver = 0;
        Gen.Select(Gen.Int[0, Skies.Length - 1], Gen.Double[310, 360], Gen.Double[0.05, 0.9], Requests, Admitted).Sample(
            (sky, board, reserve, request, admitted) =>
            {
                (Forecast forecast, DtnTime start) = Skies[sky];
                DtnTime Moved(DtnTime time) => new(start.Milliseconds + time.Milliseconds - TruthWorld.Start.Milliseconds);
                admitted = [.. admitted.Select(load => load with { Start = Moved(load.Start), End = Moved(load.End) })];
                request = request with { Deadline = request.Deadline is { } deadline ? Moved(deadline) : null };
                var options = new AdmissionOptions { BoardTemperatureMax = new(board), StateOfChargeReserve = new(reserve) };
                Counting[] plain = Plain(passesOver: false), quick = Plain(passesOver: true);
                Verdict expected = new AdmissionController(options, plain).Judge(request, admitted, forecast, isSafeMode: false, start);
                Verdict found = new AdmissionController(options, quick).Judge(request, admitted, forecast, isSafeMode: false, start);
                Assert.Equal((expected.Decision, expected.Start, expected.Binding), (found.Decision, found.Start, found.Binding));
                Assert.Equal(Enumerable.Range(0, expected.Count).Select(i => expected[i]), Enumerable.Range(0, found.Count).Select(i => found[i]));
                Interlocked.Add(ref passedOver, plain.Sum(constraint => constraint.Judged) - quick.Sum(constraint => constraint.Judged));
                _ = expected.Decision == Decision.Defer ? Interlocked.Increment(ref deferred) : expected.Decision == Decision.Refuse ? Interlocked.Increment(ref refused) : 0;
            },
            iter: 3000);
        Assert.True(deferred > 100 && refused > 100 && passedOver > 10_000, $"{deferred} deferred, {refused} refused, {passedOver} judgements spared");
    }

    [Theory]
    [InlineData(double.NaN, 0.3, 1.5)]
    [InlineData(400, double.NaN, 1.5)]
    [InlineData(400, 0.3, double.NaN)]
    [InlineData(400, 0.3, -1)]
    public void What_is_unknown_ends_the_search_as_ever(double board, double charge, double watts)
    {
        (Forecast forecast, DtnTime start) = Skies[0];
        var request = new AdmissionRequest { BoardTemperatureMax = new(board), StateOfChargeMin = new(charge), Duration = TimeSpan.FromSeconds(60), Power = new(watts) };
        Assert.Equal(Decision.Refuse, new AdmissionController(new()).Judge(request, [], forecast, isSafeMode: false, start).Decision);
    }

    private static DtnTime After(double seconds) => TruthWorld.At(seconds);

    private static (Forecast Forecast, DtnTime Now) Fly(int seed)
    {
        double[] factors = TruthWorld.Perturbed(new Random(seed));
        var world = new TruthWorld(i => factors[i], seed);
        var model = new OnboardModel(world.Options);
        world.Fly(model, TruthWorld.OrbitSeconds + (seed * 600), seconds => seconds % 900 < 300 ? 2 : 0);
        var forecast = new Forecast();
        model.Predict(world.SunAhead(), forecast);
        return (forecast, world.Now);
    }

    private static Counting[] Plain(bool passesOver) =>
        [.. new IConstraint[] { new ModeConstraint(), new DeadlineConstraint(), new ThermalConstraint(), new PowerConstraint(), new EnergyReserveConstraint() }.Select(inner => new Counting(inner, passesOver))];

    /// <summary>A constraint whose quick look may be left out.</summary>
    private sealed class Counting(IConstraint inner, bool passesOver) : IConstraint
    {
        public string Name => inner.Name;

        public bool MayImprove => inner.MayImprove;

        public int Judged { get; private set; }

        public Margin Judge(in AdmissionRequest request, in Candidate candidate)
        {
            Judged++;
            return inner.Judge(request, candidate);
        }

        public bool IsSurelyBroken(in AdmissionRequest request, in Candidate candidate) => passesOver && inner.IsSurelyBroken(request, candidate);
    }
}
