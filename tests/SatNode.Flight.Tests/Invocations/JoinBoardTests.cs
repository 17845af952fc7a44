using SatNode.Flight.Invocations;
using SatNode.Protocol.State;

namespace SatNode.Flight.Tests.Invocations;

[Collection(Alone.Name)]
public sealed class JoinBoardTests
{
    private static readonly string[] Both = ["clouds", "fires"];

    private readonly JoinBoard _board = new();

    [Fact]
    public void Completes_when_all_are_there_in_the_stages_order()
    {
        Assert.Null(_board.Arrive("r1", "merge", Both, "fires", State("f")));
        Assert.Equal([State("c"), State("f")], _board.Arrive("r1", "merge", Both, "clouds", State("c")));
    }

    [Fact]
    public void One_predecessor_waits_for_nobody() => Assert.Equal([State("c")], _board.Arrive("r1", "merge", ["clouds"], "clouds", State("c")));

    [Fact]
    public void Runs_and_stages_do_not_mix()
    {
        Assert.Null(_board.Arrive("r1", "merge", Both, "fires", State("f1")));
        Assert.Null(_board.Arrive("r2", "merge", Both, "clouds", State("c2")));
        Assert.Null(_board.Arrive("r1", "other", Both, "clouds", State("o1")));
        Assert.Equal([State("c1"), State("f1")], _board.Arrive("r1", "merge", Both, "clouds", State("c1")));
    }

    [Fact]
    public void What_arrives_again_completes_nothing()
    {
        Assert.Null(_board.Arrive("r1", "merge", Both, "fires", State("f")));
        Assert.Null(_board.Arrive("r1", "merge", Both, "fires", State("f")));
        Assert.NotNull(_board.Arrive("r1", "merge", Both, "clouds", State("c")));
        Assert.Null(_board.Arrive("r1", "merge", Both, "clouds", State("c")));
        Assert.Null(_board.Arrive("r1", "merge", Both, "fires", State("f")));
    }

    [Fact]
    public void A_stranger_neither_completes_nor_takes_room()
    {
        Assert.Null(_board.Arrive("r1", "merge", Both, "stranger", State("s")));
        Assert.Null(_board.Arrive("r1", "merge", Both, "fires", State("f")));
        Assert.Equal([State("c"), State("f")], _board.Arrive("r1", "merge", Both, "clouds", State("c")));
    }

    [Fact]
    public void Gives_up_the_oldest_of_65_and_no_other()
    {
        for (int run = 0; run <= JoinBoard.MaxJoins; run++)
            Assert.Null(_board.Arrive($"r{run}", "merge", Both, "fires", State("f")));
        for (int run = 1; run <= JoinBoard.MaxJoins; run++)
            Assert.NotNull(_board.Arrive($"r{run}", "merge", Both, "clouds", State("c")));
        Assert.Null(_board.Arrive("r0", "merge", Both, "clouds", State("c")));
    }

    [Fact]
    public void What_was_completed_makes_no_other_give_up()
    {
        Assert.Null(_board.Arrive("slow", "merge", Both, "fires", State("f")));
        for (int run = 0; run < 1000; run++)
        {
            Assert.Null(_board.Arrive($"r{run}", "merge", Both, "fires", State("f")));
            Assert.NotNull(_board.Arrive($"r{run}", "merge", Both, "clouds", State("c")));
        }
        Assert.NotNull(_board.Arrive("slow", "merge", Both, "clouds", State("c")));
    }

    [Fact]
    public void A_day_of_joins_keeps_nothing()
    {
        Run(0, 2000);
        long before = GC.GetTotalMemory(forceFullCollection: true);
        Run(2000, 20_000);
        Assert.InRange(GC.GetTotalMemory(forceFullCollection: true) - before, long.MinValue, 500_000);

        void Run(int first, int count)
        {
            for (int run = first; run < first + count; run++)
            {
                _board.Arrive($"r{run}", "merge", Both, "fires", State("f"));
                _board.Arrive($"r{run}", "merge", Both, "clouds", State("c"));
            }
        }
    }

    private static StateReference State(string key) => new(key, 1, 1003);
}
