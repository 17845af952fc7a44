using SatNode.Protocol.Functions;

namespace SatNode.Rig.Scenarios;

/// <summary>The named maxima of reading scenarios and flying them.</summary>
internal static class Limits
{
    /// <summary>The largest scenario, workflow or manifest file: a thousand satellites with all their overrides take 300 kB.</summary>
    public const int MaxFileBytes = 1024 * 1024;

    /// <summary>The most faults of a file that are shown: a screen full.</summary>
    public const int MaxFaults = 20;

    /// <summary>The most satellites of a scenario: each is a process of about 40 MB.</summary>
    public const int MaxSatellites = 100;

    /// <summary>The most entries of any other list.</summary>
    public const int MaxEntries = 1000;

    /// <summary>The longest flight: seven days.</summary>
    public const double MaxDurationMinutes = 7 * 24 * 60;

    /// <summary>The most links of a scenario that a check tells one by one: a few screens.</summary>
    public const int MaxLinksTold = 200;

    /// <summary>The largest module that a satellite takes.</summary>
    public const int MaxModuleBytes = FunctionImage.ModuleBytesMax;

    /// <summary>The largest TLE file: 70,000 sets of three lines.</summary>
    public const int MaxTleBytes = 12 * 1024 * 1024;
}
