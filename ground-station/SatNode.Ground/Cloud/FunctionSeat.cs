using SatNode.Ground.Commanding;
using SatNode.Ground.Placement;
using SatNode.Protocol.Telemetry;

namespace SatNode.Ground.Cloud;

/// <summary>How a function stands on one satellite: what telemetry and the latest command together say.</summary>
/// <param name="Satellite">The satellite.</param>
/// <param name="Image">The image that it has, or null.</param>
/// <param name="OnItsWay">The command that will change that, or null.</param>
/// <param name="Failed">The command that failed, while it is not tried again.</param>
/// <param name="RetryAt">When what failed is tried again, in world time.</param>
internal sealed record FunctionSeat(Candidate Satellite, string? Image, DeploymentCommand? OnItsWay, DeploymentCommand? Failed, DateTimeOffset RetryAt)
{
    /// <summary>A completed deploy speaks for the satellite for so long, in world time, although its telemetry does not name the function yet.</summary>
    public static readonly TimeSpan Settling = TimeSpan.FromSeconds(300);

    /// <summary>The longest wait before what failed is tried again, in world time.</summary>
    public static readonly TimeSpan RetryAfterMax = TimeSpan.FromDays(1);

    /// <summary>True when it has the function and keeps it, or is about to get it.</summary>
    public bool IsHolder => OnItsWay is { } command ? command.IsDeploy : Image is not null;

    /// <summary>Judges a satellite.</summary>
    /// <param name="satellite">The satellite, with its functions from telemetry.</param>
    /// <param name="function">The function's name.</param>
    /// <param name="latest">The command that says most about the function there, see <see cref="CommandStore.Deployments"/>.</param>
    /// <param name="now">World time.</param>
    /// <param name="retryAfter">World time after the first failure.</param>
    public static FunctionSeat Of(Candidate satellite, string function, DeploymentCommand? latest, DateTimeOffset now, TimeSpan retryAfter)
    {
        PlacedFunction? told = satellite.Functions.TryGetValue(function, out PlacedFunction placed) ? placed : null;
        if (latest is null)
            return new(satellite, told?.Image, null, null, default);
        DateTimeOffset answered = latest.Time.ToDateTimeOffset();
        bool isTelemetryNewer = told is { } known && known.Since > answered;
        if (latest.IsOnItsWay)
        {
            bool isDone = latest.IsDeploy && isTelemetryNewer && told?.Image == latest.Image; // the report of its end is late, or lost with a boot
            return new(satellite, told?.Image, isDone ? null : latest, null, default);
        }
        bool isGone = !latest.IsDeploy && (latest.State == CommandState.Completed || latest is { State: CommandState.Failed, Reason: FailureReason.NotFound });
        if (isGone)
            return new(satellite, isTelemetryNewer ? told?.Image : null, null, null, default);
        if (latest is { IsDeploy: true, State: CommandState.Completed })
        {
            bool speaks = told is not null || now - latest.Received.ToDateTimeOffset() < Settling;
            return new(satellite, isTelemetryNewer || !speaks ? told?.Image : latest.Image, null, null, default);
        }
        if (latest.State != CommandState.Failed)
            return new(satellite, told?.Image, null, null, default);
        double doublings = Math.Clamp(latest.Failures - 1, 0, 30);
        TimeSpan wait = TimeSpan.FromSeconds(Math.Min(retryAfter.TotalSeconds * Math.Pow(2, doublings), RetryAfterMax.TotalSeconds));
        DateTimeOffset retryAt = latest.Received.ToDateTimeOffset() + wait;
        return new(satellite, told?.Image, null, now < retryAt ? latest : null, retryAt);
    }

    /// <summary>True when a deploy of an image must wait because the last one of the very image failed.</summary>
    public bool HoldsOff(string image) => Failed is { IsDeploy: true } failed && failed.Image == image;
}
