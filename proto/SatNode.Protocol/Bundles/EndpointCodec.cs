using System.Text;

namespace SatNode.Protocol.Bundles;

/// <summary>Endpoint ids on the wire: <c>[scheme, specific part]</c>. Source: RFC 9171 §4.2.5.1, RFC 9758 §6 (two- and three-element ipn).</summary>
internal static class EndpointCodec
{
    public static EndpointId Read(ref CborCursor cursor, string what)
    {
        cursor.ReadArray(2, 2, what);
        int start = cursor.Position;
        ulong scheme = cursor.ReadUnsigned("a URI scheme");
        if (scheme == (ulong)EndpointScheme.Ipn)
            return ReadIpn(ref cursor);
        if (scheme != (ulong)EndpointScheme.Dtn)
            cursor.FailAt(start, "URI scheme 1 (dtn) or 2 (ipn)", scheme.ToString());
        if (cursor.NextKind == CborCursor.UnsignedInteger)
        {
            cursor.ReadUpTo(0, "0 for dtn:none");
            return EndpointId.None;
        }
        ReadOnlySpan<byte> name = cursor.ReadString(CborCursor.TextString, "a dtn name", out int at);
        if (!EndpointId.IsName(name))
            cursor.FailAt(at, $"//node/rest of printable characters, at most {BundleLimits.MaxEndpointBytes}", $"{name.Length} bytes that are not");
        return EndpointId.FromCheckedName(Encoding.ASCII.GetString(name));
    }

    public static void Write(ref CborSpanWriter writer, in EndpointId endpoint)
    {
        writer.WriteArray(2);
        switch (endpoint.Scheme)
        {
            case EndpointScheme.Ipn:
                writer.WriteUnsigned((ulong)EndpointScheme.Ipn);
                writer.WriteArray(2);
                writer.WriteUnsigned(endpoint.Node);
                writer.WriteUnsigned(endpoint.Service);
                break;
            case EndpointScheme.Dtn:
                writer.WriteUnsigned((ulong)EndpointScheme.Dtn);
                string name = endpoint.Name!;
                Span<byte> ascii = stackalloc byte[BundleLimits.MaxEndpointBytes];
                int length = Encoding.ASCII.GetBytes(name, ascii);
                writer.WriteHead(CborCursor.TextString, (ulong)length);
                writer.WriteRaw(ascii[..length]);
                break;
            default:
                writer.WriteUnsigned((ulong)EndpointScheme.Dtn);
                writer.WriteUnsigned(0);
                break;
        }
    }

    private static EndpointId ReadIpn(ref CborCursor cursor)
    {
        int items = cursor.ReadArray(2, 3, "ipn numbers");
        ulong node = items == 2
            ? cursor.ReadUnsigned("a node number")
            : (cursor.ReadUpTo(uint.MaxValue, "an allocator") << 32) | cursor.ReadUpTo(uint.MaxValue, "a node number");
        return EndpointId.Ipn(node, cursor.ReadUnsigned("a service number"));
    }
}
