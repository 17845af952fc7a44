using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using SatNode.Protocol.Time;
using SatNode.Rig.Scenarios.Checks;

namespace SatNode.Rig.Cloud;

/// <summary>Reads the API server's audit log: who wrote what, and when. Source: Kubernetes, audit.k8s.io/v1 Event.</summary>
internal static class AuditLog
{
    /// <summary>Events that are read at most: at 20 writes a second, an hour.</summary>
    public const int EventsMax = 72_000;

    private const string ServiceAccount = "system:serviceaccount:default:";

    /// <summary>What was done to a function, by rising time; what was refused, or is about something else, is left out.</summary>
    /// <param name="lines">The log.</param>
    /// <param name="function">The SatelliteFunction's name.</param>
    /// <param name="clock">The world's clock, to which the server's times are converted.</param>
    public static IReadOnlyList<ClusterWrite> Read(IEnumerable<string> lines, string function, MissionClock clock)
    {
        List<ClusterWrite> writes = [];
        foreach (string line in lines)
        {
            if (Parse(line) is { } item && Interpret(item, function, clock) is { } write)
                writes.Add(write);
        }
        return [.. writes.OrderBy(write => write.Time)];
    }

    private static ClusterWrite? Interpret(JsonNode item, string function, MissionClock clock)
    {
        if ((int?)item["responseStatus"]?["code"] is not (>= 200 and < 300) || (string?)item["stageTimestamp"] is not { } stamp || item["objectRef"] is not { } about)
            return null;
        DateTimeOffset machine = DateTimeOffset.Parse(stamp, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal);
        DateTimeOffset time = clock.Epoch + ((machine - clock.Origin) * clock.Rate);
        string account = (string?)item["user"]?["username"] ?? "";
        string user = account.StartsWith(ServiceAccount, StringComparison.Ordinal) ? account[ServiceAccount.Length..] : account;
        JsonNode? answer = item["responseObject"];
        return ((string?)about["resource"], (string?)about["subresource"]) switch
        {
            ("horizontalelasticitystrategies", null) when (string?)answer?["spec"]?["targetRef"]?["name"] == function
                && (int?)answer["spec"]!["sloOutputParams"]?["currSloCompliancePercentage"] is { } compliance => new StrategyWrite(time, user, compliance),
            ("satellitefunctions", "scale") when (string?)about["name"] == function && (int?)answer?["spec"]?["replicas"] is { } replicas => new ScaleWrite(time, user, replicas),
            ("satellitefunctions", "status") when (string?)about["name"] == function && answer?["status"] is { } status =>
                new StatusWrite(time, user, (long?)status["observedGeneration"] ?? 0, (int?)status["replicas"] ?? 0, (int?)status["readyReplicas"] ?? 0)
                {
                    Waits = (string?)status["conditions"]?.AsArray().FirstOrDefault(condition => (string?)condition!["status"] == "False")?["message"] ?? "",
                },
            _ => null,
        };
    }

    private static JsonNode? Parse(string line)
    {
        try
        {
            return JsonNode.Parse(line);
        }
        catch (JsonException)
        {
            return null; // the last line of a server that was killed
        }
    }
}
