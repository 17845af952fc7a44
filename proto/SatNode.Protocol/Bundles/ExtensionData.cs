namespace SatNode.Protocol.Bundles;

/// <summary>The data of the three extension blocks that RFC 9171 §4.4 defines.</summary>
internal static class ExtensionData
{
    public static bool IsKnown(ulong type) => type is BlockType.PreviousNode or BlockType.BundleAge or BlockType.HopCount;

    public static byte[] Encode(in HopCount hops)
    {
        Span<byte> buffer = stackalloc byte[19];
        var writer = new CborSpanWriter(buffer);
        writer.WriteArray(2);
        writer.WriteUnsigned(hops.Limit);
        writer.WriteUnsigned(hops.Count);
        return writer.Since(0).ToArray();
    }

    public static byte[] Encode(ulong ageMs)
    {
        Span<byte> buffer = stackalloc byte[9];
        var writer = new CborSpanWriter(buffer);
        writer.WriteUnsigned(ageMs);
        return writer.Since(0).ToArray();
    }

    public static byte[] Encode(in EndpointId endpoint)
    {
        Span<byte> buffer = stackalloc byte[BundleLimits.MaxEndpointBytes + 24];
        var writer = new CborSpanWriter(buffer);
        EndpointCodec.Write(ref writer, endpoint);
        return writer.Since(0).ToArray();
    }

    public static HopCount ReadHopCount(ReadOnlySpan<byte> data, int origin)
    {
        var cursor = new CborCursor(data, BundleCodec.Name, origin);
        cursor.ReadArray(2, 2, "a hop count");
        int at = cursor.Position;
        ulong limit = cursor.ReadUpTo(BundleLimits.MaxHopLimit, "a hop limit");
        if (limit == 0)
            cursor.FailAt(at, $"a hop limit of 1 to {BundleLimits.MaxHopLimit}", "0");
        var hops = new HopCount((byte)limit, cursor.ReadUnsigned("a hop count"));
        cursor.ExpectEnd("the hop count");
        return hops;
    }

    public static ulong ReadAge(ReadOnlySpan<byte> data, int origin)
    {
        var cursor = new CborCursor(data, BundleCodec.Name, origin);
        ulong age = cursor.ReadUnsigned("an age");
        cursor.ExpectEnd("the age");
        return age;
    }

    public static EndpointId ReadPreviousNode(ReadOnlySpan<byte> data, int origin)
    {
        var cursor = new CborCursor(data, BundleCodec.Name, origin);
        EndpointId previous = EndpointCodec.Read(ref cursor, "the previous node");
        cursor.ExpectEnd("the previous node");
        return previous;
    }
}
