namespace SatNode.Ground.Cloud;

/// <summary>Which object of the cluster a function's composed metric is about. Without a cluster it is the function's own name in the default namespace. Thread-safe.</summary>
internal sealed class PolarisTargets
{
    private volatile IReadOnlyDictionary<string, string> _names = new Dictionary<string, string>(StringComparer.Ordinal);
    private volatile string _namespace = "default";

    /// <summary>The namespace and the name of a function's object.</summary>
    public (string Namespace, string Name) Of(string function) => (_namespace, _names.GetValueOrDefault(function, function));

    /// <summary>Sets all.</summary>
    public void Set(string @namespace, IReadOnlyDictionary<string, string> namesByFunction) => (_namespace, _names) = (@namespace, namesByFunction);
}
