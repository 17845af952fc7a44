using System.Globalization;
using SatNode.Ground.Api;
using SatNode.Protocol.Telemetry;

namespace SatNode.Ground.Cloud;

/// <summary>Values as the status writes them for people.</summary>
internal static class Words
{
    /// <summary>The longest reason of a placement, as the resource's schema has it.</summary>
    public const int CharsMax = 1024;

    /// <summary>A time of the world, to the second.</summary>
    public static string Time(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);

    /// <summary>A satellite's reason: the word of the closed list, and its own words.</summary>
    public static string Of(FailureReason reason, string detail) => detail.Length > 0 ? $"{Visible.Of(detail)} ({Views.Lower(reason)})" : Views.Lower(reason);

    /// <summary>At most <see cref="CharsMax"/> characters.</summary>
    public static string Cut(string text) => text.Length <= CharsMax ? text : string.Concat(text.AsSpan(0, CharsMax - 1), "…");
}
