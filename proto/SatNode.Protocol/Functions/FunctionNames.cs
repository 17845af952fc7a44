namespace SatNode.Protocol.Functions;

/// <summary>Names of functions, workflows, stages and nodes are DNS labels (RFC 1123, section 2.1): 1 to 63 of a–z, 0–9 and inner hyphens.</summary>
public static class FunctionNames
{
    /// <summary>The longest label.</summary>
    public const int CharsMax = 63;

    /// <summary>True when <paramref name="name"/> is a label.</summary>
    public static bool IsLabel(string? name)
    {
        if (name is not { Length: >= 1 and <= CharsMax } || name[0] == '-' || name[^1] == '-')
            return false;
        foreach (char c in name)
        {
            if (c is not ((>= 'a' and <= 'z') or (>= '0' and <= '9') or '-'))
                return false;
        }
        return true;
    }

    internal static string Fault(string where, string? name) =>
        $"{where}: expected 1 to {CharsMax} of a-z, 0-9 and inner hyphens, found \"{name}\"";
}
