namespace SatNode.Protocol.Functions;

/// <summary>Where an actor is reached: <c>FUNCTION/KEY</c>. Every key is an actor of its own, made by its first message.</summary>
/// <param name="Function">A function's name, a label.</param>
/// <param name="Key">1 to 64 letters, digits, dots, hyphens, underscores and colons.</param>
public readonly record struct ActorAddress(string Function, string Key)
{
    /// <summary>The longest key.</summary>
    public const int KeyCharsMax = 64;

    /// <summary>The longest address.</summary>
    public const int CharsMax = FunctionNames.CharsMax + 1 + KeyCharsMax;

    /// <summary>The key of a message that names none: of a trigger, or of a function's name alone.</summary>
    public const string DefaultKey = "default";

    /// <summary>True for a key that an actor may have.</summary>
    public static bool IsKey(string? key)
    {
        if (key is not { Length: >= 1 and <= KeyCharsMax })
            return false;
        foreach (char c in key)
        {
            if (!char.IsAsciiLetterOrDigit(c) && c is not ('.' or '-' or '_' or ':'))
                return false;
        }
        return true;
    }

    /// <summary>Reads an address; a function's name alone has the key <see cref="DefaultKey"/>.</summary>
    /// <returns>False for anything else.</returns>
    public static bool TryParse(string? text, out ActorAddress address)
    {
        int slash = text?.IndexOf('/', StringComparison.Ordinal) ?? -1;
        address = slash < 0 ? new(text ?? "", DefaultKey) : new(text![..slash], text[(slash + 1)..]);
        if (FunctionNames.IsLabel(address.Function) && IsKey(address.Key))
            return true;
        address = default;
        return false;
    }

    /// <summary>The words for a text that is no address.</summary>
    public static string Fault(string where, string text) =>
        $"{where}: expected a function, or FUNCTION/KEY with a key of 1 to {KeyCharsMax} letters, digits and . - _ :, found \"{text}\"";

    /// <inheritdoc/>
    public override string ToString() => $"{Function}/{Key}";
}
