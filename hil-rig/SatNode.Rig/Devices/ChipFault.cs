namespace SatNode.Rig.Devices;

/// <summary>What is wrong with a chip. Each is drawn from the wrapper's seed, so that a run can be repeated.</summary>
public abstract record ChipFault
{
    private ChipFault()
    {
    }

    /// <summary>The chip is gone or its address line hangs: nothing is acknowledged.</summary>
    public sealed record Absent : ChipFault;

    /// <summary>A bad solder joint: a message is not acknowledged with the probability.</summary>
    /// <param name="Probability">0 to 1 a message.</param>
    public sealed record Flaky(double Probability) : ChipFault;

    /// <summary>The converter hangs: every register keeps the value of its first read under the fault.</summary>
    public sealed record Stuck : ChipFault;

    /// <summary>Noise on every 16-bit word that is read.</summary>
    /// <param name="DeviationSteps">Standard deviation in steps of the word's last bit.</param>
    public sealed record Noise(double DeviationSteps) : ChipFault;

    /// <summary>Single bits of what is read flip.</summary>
    /// <param name="ProbabilityPerBit">0 to 1 a bit.</param>
    public sealed record BitFlips(double ProbabilityPerBit) : ChipFault;
}
