using SatNode.Agent.Configuration;

namespace SatNode.Agent.Composition;

/// <summary>Names and numbers of all nodes of the constellation.</summary>
public sealed class NodeDirectory
{
    private readonly Dictionary<string, ulong> _numbers = new(StringComparer.Ordinal);
    private readonly Dictionary<ulong, string> _names = [];

    /// <summary>Takes the nodes of the configuration, this one included.</summary>
    public NodeDirectory(AgentOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        Add(options.Node, (ulong)options.NodeNumber);
        foreach (NodeOptions node in options.Network.Nodes)
            Add(node.Node, (ulong)node.Number);
    }

    /// <summary>The numbers of all nodes, this one's included.</summary>
    public IReadOnlyList<ulong> Numbers => [.. _names.Keys.Order()];

    /// <summary>The number of a name, or null.</summary>
    public ulong? NumberOf(string name) => _numbers.TryGetValue(name, out ulong number) ? number : null;

    /// <summary>The name of a number; the number itself when it is unknown.</summary>
    public string NameOf(ulong number) => _names.TryGetValue(number, out string? name) ? name : $"node-{number}";

    private void Add(string name, ulong number)
    {
        _numbers[name] = number;
        _names[number] = name;
    }
}
