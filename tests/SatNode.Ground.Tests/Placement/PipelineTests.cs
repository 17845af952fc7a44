using SatNode.Ground.Placement;
using SatNode.Protocol.Quantities;
using static SatNode.Ground.Tests.Placement.Satellites;

namespace SatNode.Ground.Tests.Placement;

public sealed class PipelineTests
{
    private static readonly PlacementPipeline Pipeline = PlacementPipeline.Of(PlacementOptions.Default);

    [Fact]
    public void Chooses_the_best_first_and_spreads_over_planes()
    {
        Candidate cool = Good("p10-s03") with { Board = Temperature.FromCelsius(30) };
        Candidate sameplane = Good("p10-s04") with { Board = Temperature.FromCelsius(30) };
        Candidate warmer = Good("p11-s01") with { Board = Temperature.FromCelsius(52) };
        PlacementVerdict verdict = Pipeline.Choose(Request(), [warmer, sameplane, cool], [], 2);
        Assert.Equal(["p10-s03", "p11-s01"], verdict.Chosen.Select(chosen => chosen.Candidate.Name)); // 80 % of 20 lost by heat weigh less than half of 20 by the plane
    }

    [Fact]
    public void Equal_satellites_are_taken_by_name_in_whatever_order_they_come()
    {
        Candidate[] satellites = [Good("c"), Good("a"), Good("b")];
        Assert.Equal(["a", "b", "c"], Pipeline.Choose(Request(), satellites, [], 3).Chosen.Select(chosen => chosen.Candidate.Name));
        Assert.Equal(["a", "b", "c"], Pipeline.Choose(Request(), satellites.Reverse(), [], 3).Chosen.Select(chosen => chosen.Candidate.Name));
    }

    [Fact]
    public void Says_of_every_refused_satellite_why_with_the_numbers()
    {
        Candidate[] satellites = [Good("a") with { Board = Temperature.FromCelsius(63.25) }, Good("b") with { Board = Temperature.FromCelsius(61) }, Good("c") with { IsSafeMode = true }];
        PlacementVerdict verdict = Pipeline.Choose(Request(), satellites, [], 1);
        Assert.Empty(verdict.Chosen);
        Assert.Equal("2 too hot (a 63.3 °C, at most 60.0 °C; b 61.0 °C, at most 60.0 °C), 1 in safe mode (c)", PlacementVerdict.Words(verdict.Refused));
    }

    [Fact]
    public void Names_a_few_of_many()
    {
        PlacementVerdict verdict = Pipeline.Choose(Request(), Enumerable.Range(1, 5).Select(i => Good($"s{i}") with { IsSafeMode = true }), [], 1);
        Assert.Equal("5 in safe mode (s1; s2; s3; …)", PlacementVerdict.Words(verdict.Refused));
    }

    [Fact]
    public void Weights_decide_what_counts()
    {
        Candidate hotter = Good("a") with { Board = Temperature.FromCelsius(58), Charge = new Ratio(1) };
        Candidate emptier = Good("b") with { Charge = new Ratio(0.4) };
        Assert.Equal("b", Best(Pipeline.With(0, 100, 0, 0)));
        Assert.Equal("a", Best(Pipeline.With(0, 0, 100, 0)));
        Assert.Equal("a", Best(Pipeline.With(0, 0, 0, 0))); // nothing counts: by name

        string Best(PlacementPipeline pipeline) => pipeline.Choose(Request(), [emptier, hotter], [], 1).Chosen.Single().Candidate.Name;
    }
}
