using System.Globalization;

namespace SatNode.Protocol.Bundles;

/// <summary>URI schemes of endpoint ids. Source: RFC 9171 §9.7.</summary>
public enum EndpointScheme : byte
{
    /// <summary>The null endpoint <c>dtn:none</c>.</summary>
    None = 0,

    /// <summary><c>dtn:</c> with a name.</summary>
    Dtn = 1,

    /// <summary><c>ipn:</c> with numbers.</summary>
    Ipn = 2,
}

/// <summary>A bundle endpoint: <c>ipn:NODE.SERVICE</c>, <c>dtn://name/demux</c> or the null endpoint, which is the default.
/// Source: RFC 9171 §4.2.5.1, RFC 9758 (fully qualified node number: allocator · 2^32 + node).</summary>
public readonly record struct EndpointId
{
    private EndpointId(EndpointScheme scheme, ulong node, ulong service, string? name)
    {
        Scheme = scheme;
        Node = node;
        Service = service;
        Name = name;
    }

    /// <summary>The null endpoint <c>dtn:none</c>.</summary>
    public static EndpointId None => default;

    /// <summary>The scheme.</summary>
    public EndpointScheme Scheme { get; }

    /// <summary>The fully qualified node number of an <c>ipn:</c> endpoint, otherwise 0.</summary>
    public ulong Node { get; }

    /// <summary>The service number of an <c>ipn:</c> endpoint, otherwise 0.</summary>
    public ulong Service { get; }

    /// <summary>The scheme-specific part of a <c>dtn:</c> endpoint, from the two slashes on; otherwise null.</summary>
    public string? Name { get; }

    /// <summary>Whether this stands for nobody: <c>dtn:none</c> or <c>ipn:0.0</c> (RFC 9758 §3.4.1).</summary>
    public bool IsNull => Scheme == EndpointScheme.None || (Scheme == EndpointScheme.Ipn && Node == 0 && Service == 0);

    /// <summary>The endpoint <c>ipn:node.service</c>.</summary>
    public static EndpointId Ipn(ulong node, ulong service) => new(EndpointScheme.Ipn, node, service, null);

    /// <summary>The endpoint <c>dtn:</c><paramref name="name"/>.</summary>
    /// <param name="name"><c>//node/</c> and an optional rest, printable ASCII, at most <see cref="BundleLimits.MaxEndpointBytes"/>.</param>
    /// <exception cref="ArgumentException">The name has another form.</exception>
    public static EndpointId Dtn(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        return IsName(name) ? new(EndpointScheme.Dtn, 0, 0, name)
            : throw new ArgumentException($"expected //node/rest of printable characters, at most {BundleLimits.MaxEndpointBytes}, found {name}", nameof(name));
    }

    /// <summary>Reads <c>ipn:N.S</c>, <c>ipn:A.N.S</c>, <c>dtn:none</c> or <c>dtn://name/rest</c>.</summary>
    public static bool TryParse(ReadOnlySpan<char> text, out EndpointId endpoint)
    {
        endpoint = default;
        if (text.SequenceEqual("dtn:none"))
            return true;
        if (text.StartsWith("dtn:", StringComparison.Ordinal))
        {
            string name = text[4..].ToString();
            if (!IsName(name))
                return false;
            endpoint = new(EndpointScheme.Dtn, 0, 0, name);
            return true;
        }
        if (!text.StartsWith("ipn:", StringComparison.Ordinal))
            return false;
        Span<ulong> numbers = stackalloc ulong[3];
        int count = 0;
        foreach (Range part in text[4..].Split('.'))
        {
            ReadOnlySpan<char> digits = text[4..][part];
            if (count == 3 || (digits.Length > 1 && digits[0] == '0') || !ulong.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out numbers[count]))
                return false;
            count++;
        }
        if (count == 3 && numbers[0] <= uint.MaxValue && numbers[1] <= uint.MaxValue)
            endpoint = Ipn((numbers[0] << 32) | numbers[1], numbers[2]);
        else if (count == 2)
            endpoint = Ipn(numbers[0], numbers[1]);
        else
            return false;
        return true;
    }

    /// <summary>Reads what <see cref="TryParse"/> reads.</summary>
    /// <exception cref="FormatException">The text is no endpoint.</exception>
    public static EndpointId Parse(string text) =>
        TryParse(text, out EndpointId endpoint) ? endpoint : throw new FormatException($"endpoint: expected ipn:N.S or dtn://name/rest, found {text}");

    /// <summary>The URI.</summary>
    public override string ToString() => Scheme switch
    {
        EndpointScheme.Dtn => $"dtn:{Name}",
        EndpointScheme.Ipn when Node >> 32 != 0 => $"ipn:{Node >> 32}.{Node & uint.MaxValue}.{Service}",
        EndpointScheme.Ipn => $"ipn:{Node}.{Service}",
        _ => "dtn:none",
    };

    /// <summary>Whether the bytes are <c>//node/rest</c> of printable ASCII (RFC 9171 §4.2.5.1.1).</summary>
    internal static bool IsName(ReadOnlySpan<byte> name) =>
        name.Length <= BundleLimits.MaxEndpointBytes && name.StartsWith("//"u8) && name[2..].IndexOf((byte)'/') > 0 && !name.ContainsAnyExceptInRange((byte)'!', (byte)'~');

    private static bool IsName(ReadOnlySpan<char> name) =>
        name.Length <= BundleLimits.MaxEndpointBytes && name.StartsWith("//", StringComparison.Ordinal) && name[2..].IndexOf('/') > 0 && !name.ContainsAnyExceptInRange('!', '~');

    internal static EndpointId FromCheckedName(string name) => new(EndpointScheme.Dtn, 0, 0, name);
}
