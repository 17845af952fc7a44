namespace SatNode.Flight.Tests;

/// <summary>For tests that measure the whole process: they run while no other does.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class Alone
{
    public const string Name = "alone";
}
