using System.Globalization;
using SatNode.Protocol.Dictionary;
using SatNode.Protocol.Telemetry;

namespace SatNode.Agent.Composition;

/// <summary>What is known of the node, for functions to read: the latest housekeeping by parameter name, in the parameter's unit.</summary>
public sealed class NodeFacts
{
    private volatile Housekeeping? _latest;

    /// <summary>Takes the latest housekeeping.</summary>
    public void Update(Housekeeping housekeeping) => _latest = housekeeping;

    /// <summary>The value of a parameter as text with a point and no unit.</summary>
    public bool TryGet(string name, out string value)
    {
        value = "";
        Housekeeping? latest = _latest;
        ParameterDefinition? parameter = Parameters.Find(name);
        if (latest is null || parameter is null || latest.Find(parameter) is not { } number)
            return false;
        value = number.ToString("R", CultureInfo.InvariantCulture);
        return true;
    }
}
