namespace SatNode.Orbit.Elements;

/// <summary>What is done with the last digit of a line.</summary>
public enum TleChecksum
{
    /// <summary>It must be there and right: the setting for everything received.</summary>
    Required = 0,

    /// <summary>It may be wrong or missing: for hand-made and historic sets.</summary>
    Ignored = 1,

    /// <summary>It may be missing, but must be right where it is there: for files of any origin.</summary>
    RightOrAbsent = 2,
}
