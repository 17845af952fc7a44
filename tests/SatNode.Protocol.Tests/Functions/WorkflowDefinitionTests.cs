using SatNode.Protocol.Cbor;
using SatNode.Protocol.Functions;

namespace SatNode.Protocol.Tests.Functions;

public sealed class WorkflowDefinitionTests
{
    private static readonly WorkflowDefinition Wildfire = new()
    {
        Name = "wildfire",
        Stages =
        [
            Stage("dataset", "prepare-ds", ["detect"]),
            Stage("detect", "object-det", ["frames"]),
            Stage("frames", "extract-frames", ["scene"]),
            Stage("scene", "ingest", []),
        ],
    };

    [Fact]
    public void Orders_stages_so_that_each_stands_after_all_it_waits_for()
    {
        Assert.Equal("scene frames detect dataset", string.Join(' ', Wildfire.Ordered().Select(s => s.Name)));
        Assert.Equal("detect", Assert.Single(Wildfire.Following("frames")).Name);
        Assert.Empty(Wildfire.Following("dataset"));
    }

    [Fact]
    public void Round_trips()
    {
        byte[] encoded = Wildfire.Encode();
        WorkflowDefinition read = CborDecoder.Decode<WorkflowDefinition>(encoded);
        Assert.Equal(encoded, read.Encode());
        Assert.Equal(["p00-s01", "p00-s02"], read.Stages[0].Candidates);
        Assert.Equal(["detect"], read.Stages[0].After);
    }

    [Fact]
    public void Takes_a_diamond()
    {
        WorkflowDefinition diamond = With(Stage("a", "f", []), Stage("b", "f", ["a"]), Stage("c", "f", ["a"]), Stage("d", "f", ["b", "c"]));
        Assert.Empty(diamond.Faults());
        Assert.Equal("b c", string.Join(' ', diamond.Following("a").Select(s => s.Name)));
    }

    [Fact]
    public void A_stage_that_may_be_fused_says_so_and_any_other_takes_no_byte_for_it()
    {
        WorkflowDefinition apart = With(Stage("a", "f", []), Stage("b", "g", ["a"]));
        WorkflowDefinition fused = With(Stage("a", "f", []), Stage("b", "g", ["a"]) with { Fuse = true });
        Assert.Equal([false, true], CborDecoder.Decode<WorkflowDefinition>(fused.Encode()).Stages.Select(stage => stage.Fuse));
        byte[] encoded = fused.Encode();
        Assert.Equal(apart.Encode().Length + 1, encoded.Length);
        Assert.Equal(0xf5, encoded[^1]);
        encoded[^1] = 0xf4; // said twice over: there is one way to say no
        Assert.EndsWith("expected a stage that is fused to say so by true, found false; dropped", Assert.Throws<WireFormatException>(() => CborDecoder.Decode<WorkflowDefinition>(encoded)).Message,
            StringComparison.Ordinal);
    }

    public static TheoryData<string, WorkflowDefinition> Nonsense() => new()
    {
        { "stage a: fuse: expected one stage under after, in whose instance it runs, found 0", With(Stage("a", "f", []) with { Fuse = true }) },
        { "stage c: fuse: expected one stage under after, in whose instance it runs, found 2", With(Stage("a", "f", []), Stage("b", "f", []), Stage("c", "f", ["a", "b"]) with { Fuse = true }) },
        { "name: expected 1 to 63 of a-z, 0-9 and inner hyphens, found \"Fire\"", Wildfire with { Name = "Fire" } },
        { "stages: expected 1 to 32, found 0", With() },
        { "stages: expected a graph without cycles, found a cycle", With(Stage("a", "f", ["b"]), Stage("b", "f", ["a"])) },
        { "stages: expected a graph without cycles, found a cycle", With(Stage("a", "f", ["a"])) },
        { "stage a: expected a name once, found it again", With(Stage("a", "f", []), Stage("a", "f", [])) },
        { "stage a: after: expected the name of a stage, found \"z\"", With(Stage("a", "f", ["z"])) },
        { "stage b: after: expected every name once", With(Stage("a", "f", []), Stage("b", "f", ["a", "a"])) },
        { "stage a: function: expected 1 to 63 of a-z, 0-9 and inner hyphens, found \"F\"", With(Stage("a", "F", [])) },
        { "stage a: candidates: expected 1 to 8, found 0", With(new WorkflowStage("a", "f", [], [])) },
        { "stage a: candidates: expected every node once", With(new WorkflowStage("a", "f", [], ["n", "n"])) },
        { "stage a: candidate: expected 1 to 63 of a-z, 0-9 and inner hyphens, found \"_\"", With(new WorkflowStage("a", "f", [], ["_"])) },
    };

    [Theory]
    [MemberData(nameof(Nonsense))]
    public void Refuses_nonsense_before_and_after_the_wire(string fault, WorkflowDefinition workflow)
    {
        Assert.Equal([fault], workflow.Faults());
        WireFormatException e = Assert.Throws<WireFormatException>(() => CborDecoder.Decode<WorkflowDefinition>(workflow.Encode()));
        Assert.EndsWith($": {fault}; dropped", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Takes_32_stages_of_8_candidates_and_not_one_more()
    {
        List<WorkflowStage> stages = [];
        for (int i = 0; i < WorkflowDefinition.StagesMax; i++)
        {
            stages.Add(new($"stage-{i:00}{new string('x', 55)}", new('f', 63), [.. stages.Select(s => s.Name)],
                [.. Enumerable.Range(0, WorkflowDefinition.CandidatesMax).Select(n => $"node-{n}{new string('y', 57)}")]));
        }
        WorkflowDefinition largest = With([.. stages]);
        Assert.Empty(largest.Faults());
        Assert.Equal(32, CborDecoder.Decode<WorkflowDefinition>(largest.Encode()).Stages.Count);
        Assert.Equal(["stages: expected 1 to 32, found 33"], With([.. stages, Stage("one-more", "f", [])]).Faults());
        Assert.Equal(["stage a: candidates: expected 1 to 8, found 9"],
            With(new WorkflowStage("a", "f", [], [.. Enumerable.Range(0, 9).Select(n => $"n{n}")])).Faults());
    }

    [Fact]
    public void Survives_all_damage_of_one_byte_and_every_cut()
    {
        byte[] whole = Wildfire.Encode();
        for (int at = 0; at < whole.Length; at++)
        {
            Assert.Throws<WireFormatException>(() => CborDecoder.Decode<WorkflowDefinition>(whole.AsMemory(0, at)));
            for (int value = 0; value < 256; value++)
            {
                byte[] damaged = [.. whole];
                damaged[at] = (byte)value;
                try
                {
                    Assert.Empty(CborDecoder.Decode<WorkflowDefinition>(damaged).Faults());
                }
                catch (WireFormatException)
                {
                    // refused, as it should be
                }
            }
        }
    }

    private static WorkflowStage Stage(string name, string function, string[] after) => new(name, function, after, ["p00-s01", "p00-s02"]);

    private static WorkflowDefinition With(params WorkflowStage[] stages) => new() { Name = "w", Stages = stages };
}
