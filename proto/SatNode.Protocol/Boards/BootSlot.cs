namespace SatNode.Protocol.Boards;

/// <summary>One of the two slots that a board can boot.</summary>
public enum BootSlot : byte
{
    /// <summary>Slot a: what a board boots when nothing says otherwise.</summary>
    A = 0,

    /// <summary>Slot b.</summary>
    B = 1,
}

/// <summary>Names and neighbours of slots.</summary>
public static class BootSlots
{
    /// <summary>The slot's name wherever people or scripts read it: <c>a</c> or <c>b</c>.</summary>
    public static string Name(this BootSlot slot) => slot == BootSlot.A ? "a" : "b";

    /// <summary>The slot beside it.</summary>
    public static BootSlot Other(this BootSlot slot) => slot == BootSlot.A ? BootSlot.B : BootSlot.A;

    /// <summary>The slot of this name, or null.</summary>
    public static BootSlot? Find(string? name) => name switch { "a" => BootSlot.A, "b" => BootSlot.B, _ => null };
}
