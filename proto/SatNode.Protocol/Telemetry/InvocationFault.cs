namespace SatNode.Protocol.Telemetry;

/// <summary>Why an invocation that ran did not complete: the places of a profile's failures.</summary>
public enum InvocationFault
{
    /// <summary>A trap: a bad pointer, an unreachable instruction, a division by zero.</summary>
    Trap = 0,

    /// <summary>The function gave up by itself.</summary>
    GaveUp = 1,

    /// <summary>Its stack was used up.</summary>
    Stack = 2,

    /// <summary>Its fuel was used up.</summary>
    Fuel = 3,

    /// <summary>Its CPU time was used up.</summary>
    CpuTime = 4,

    /// <summary>Its deadline passed.</summary>
    Deadline = 5,

    /// <summary>It got no more memory.</summary>
    Memory = 6,

    /// <summary>Another limit: of its output, its host calls.</summary>
    OtherLimit = 7,

    /// <summary>The node's fault, not the function's: no instance, nothing kept, cancelled.</summary>
    Node = 8,
}
