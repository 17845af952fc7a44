namespace SatNode.Protocol.Dictionary;

/// <summary>What the agent watches a parameter by. Source: ECSS-E-ST-70-41C, service 12 (limit checks and their repetition number).</summary>
/// <param name="Soft">The nominal range; outside it is a warning.</param>
/// <param name="Hard">Outside it is an alarm; not within <paramref name="Soft"/>.</param>
/// <param name="Persistence">Samples in a row beyond a limit, and back, that change the state; 1 to <see cref="PersistenceMax"/>. 3 are 30 s at the usual period.</param>
public readonly record struct ParameterLimits(ParameterRange Soft, ParameterRange Hard, int Persistence = ParameterLimits.UsualPersistence)
{
    /// <summary>What the dictionary's limits have: one sample is a spike.</summary>
    public const int UsualPersistence = 3;

    /// <summary>An hour and more at the slowest sampling.</summary>
    public const int PersistenceMax = 120;

    /// <summary>Nothing is limited.</summary>
    public static ParameterLimits None { get; } = new(default, default);

    /// <summary>True when nothing is limited.</summary>
    public bool IsUnlimited => Soft.IsUnlimited && Hard.IsUnlimited;

    /// <summary>Null when they can be watched by, else what was expected and found.</summary>
    public string? Fault()
    {
        if (!IsFinite(Soft) || !IsFinite(Hard))
            return $"expected finite limits, found soft {Soft}, hard {Hard}";
        if (Soft.Low > Soft.High || Hard.Low > Hard.High)
            return $"expected each range's low limit at or below its high one, found soft {Soft}, hard {Hard}";
        if (Soft.Low < Hard.Low || Soft.High > Hard.High || Soft.Low > Hard.High || Soft.High < Hard.Low)
            return $"expected the soft range within the hard one, found soft {Soft}, hard {Hard}";
        return Persistence is >= 1 and <= PersistenceMax ? null : $"expected a persistence of 1 to {PersistenceMax}, found {Persistence}";
    }

    private static bool IsFinite(ParameterRange range) => double.IsFinite(range.Low ?? 0) && double.IsFinite(range.High ?? 0);
}
