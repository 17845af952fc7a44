using System.Text;
using SatNode.Functions.Hosting;

namespace SatNode.Functions.Isolation;

/// <summary>The calls that a worker makes to the agent: every host call of the module <c>satnode</c>, by the agent's own code with all its checks, and three that commands need.</summary>
internal static class WorkerCalls
{
    /// <summary>Parameters that are bytes: a name to hand over (n), a line of text (t), a payload (p), room to be filled (o), each a pointer and a length; i and I are numbers.</summary>
    private static readonly Dictionary<string, string> Shapes = new(StringComparer.Ordinal)
    {
        ["state_size"] = "n",
        ["state_get"] = "no",
        ["state_put"] = "np",
        ["state_delete"] = "n",
        ["state_version"] = "n",
        ["state_compare_and_set"] = "npI",
        ["state_list"] = "no",
        ["invoke"] = "np",
        ["invoke_output"] = "o",
        ["emit"] = "np",
        ["log"] = "it",
        ["deadline_ms"] = "",
        ["time_ms"] = "",
        ["random"] = "o",
        ["node_fact"] = "no",
        ["abort"] = "it",
        ["object_put"] = "nIp",
        ["object_get"] = "nIo",
        ["object_size"] = "n",
        ["object_delete"] = "n",
        ["queue_push"] = "p",
        ["queue_pop"] = "o",
        ["queue_length"] = "",
        ["memory_size"] = "",
        ["memory_get"] = "o",
        ["memory_put"] = "p",
        ["actor_key"] = "o",
        ["actor_policy"] = "ii",
        ["send"] = "npi",
        ["node_name"] = "o",
        ["now_ticks"] = "",
        ["deadline_ticks"] = "",
    };

    /// <summary>What the agent serves; a call's place here is its number.</summary>
    public static IReadOnlyList<HostFunction> Served { get; } =
    [
        .. SatNodeCalls.All,
        SatNodeCalls.Call("node_name", "ii", "i", (context, a, r) => r[0] =
            SatNodeCalls.Copy(Encoding.UTF8.GetBytes(context.Environment.NodeName), GuestMemory.Slice(context.Memory, a[0].AsInt32(), a[1].AsInt32(), "node_name"))),
        SatNodeCalls.Call("now_ticks", "", "I", (context, _, r) => r[0] = context.Environment.Clock.GetUtcNow().UtcTicks),
        SatNodeCalls.Call("deadline_ticks", "", "I", (context, _, r) => r[0] = context.Environment.Deadline?.UtcTicks ?? -1),
    ];

    /// <summary>True for a call that a function can make itself, and that counts as one of its host calls.</summary>
    public static bool IsFunctions(int number) => number < SatNodeCalls.All.Count;

    /// <summary>How a call's arguments go over, by its number.</summary>
    public static IReadOnlyList<string> ShapesServed { get; } = [.. Served.Select(call => Shapes[call.Name])];

    public static int NumberOf(string name)
    {
        for (int i = 0; i < Served.Count; i++)
        {
            if (string.Equals(Served[i].Name, name, StringComparison.Ordinal))
                return i;
        }
        throw new ArgumentException($"expected a call that the agent serves, found {name}", nameof(name));
    }

    /// <summary>The host calls as a function in a worker imports them: each is handed to the agent.</summary>
    public static IReadOnlyList<HostFunction> Through(WorkerChannel channel) => [.. SatNodeCalls.All.Select((call, number) => call with
    {
        Body = (context, arguments, results) => channel.Call(number, context, arguments, results),
    })];
}
