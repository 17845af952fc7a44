namespace SatNode.Functions.Modules;

/// <summary>What makes a function hard to compile.</summary>
internal struct InstructionCounts
{
    /// <summary>Instructions.</summary>
    public long Instructions;

    /// <summary>What begins a basic block: blocks, loops, branches of an if, conditional branches and tables.</summary>
    public long Blocks;

    /// <summary>Loops.</summary>
    public long Loops;

    /// <summary>Targets of branch tables.</summary>
    public long Targets;

    /// <summary>Values that calls, blocks and branches carry, those left out that the instructions around a usual one stand for.</summary>
    public long Values;

    /// <summary>Values that loops take and give.</summary>
    public long LoopValues;

    /// <summary>The most values that a branch of the function may carry.</summary>
    public long LabelValues;
}
