namespace SatNode.Functions.Images;

/// <summary>The bounds of the images on a node.</summary>
public sealed record ImageLimits
{
    /// <summary>The most images; those that are deployed and some that may be again.</summary>
    public int ImagesMax { get; init; } = 192;

    /// <summary>What images and unfinished deliveries take on the disk, in bytes: 128 MiB, the module of every function a node may have at 1 MiB each.</summary>
    public long BytesMax { get; init; } = 128L * 1024 * 1024;

    /// <summary>Deliveries that may be unfinished at a time; twice what the ground has on its way to one node.</summary>
    public int UnfinishedMax { get; init; } = 16;

    /// <summary>How long an unfinished delivery waits for its next chunk: some days without contact are no reason to send all of it again.</summary>
    public TimeSpan UnfinishedAge { get; init; } = TimeSpan.FromDays(7);
}
