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
}
