using System.Formats.Cbor;

namespace SatNode.Protocol.Telemetry;

/// <summary>Several records of one stream in one payload: a CBOR sequence (RFC 8742), the encoded records one after the other. One record alone is a
/// sequence of one. What waited for a contact goes down so: the ground acknowledges a whole payload after one commit.</summary>
public static class TelemetrySequence
{
    /// <summary>The most records of a payload.</summary>
    public const int RecordsMax = 256;

    /// <summary>The most bytes of a payload with more than one record.</summary>
    public const int BytesMax = 16 * 1024;

    /// <summary>Joins records in order into as few payloads as their bounds allow.</summary>
    /// <param name="sizes">The records' lengths in bytes.</param>
    /// <param name="bytesMax">A smaller bound than <see cref="BytesMax"/>, for a slow link; a longer record goes alone.</param>
    /// <returns>How many records each payload takes.</returns>
    public static IReadOnlyList<int> Plan(IReadOnlyList<int> sizes, int bytesMax = BytesMax)
    {
        ArgumentNullException.ThrowIfNull(sizes);
        List<int> counts = [];
        int bytes = 0;
        foreach (int size in sizes)
        {
            if (counts.Count == 0 || counts[^1] == RecordsMax || bytes + size > bytesMax)
            {
                counts.Add(0);
                bytes = 0;
            }
            counts[^1]++;
            bytes += size;
        }
        return counts;
    }

    /// <summary>Splits a payload into its records, undecoded. Bytes that are no CBOR item, and what is beyond <see cref="RecordsMax"/>, are the last of
    /// them, which no decoder takes: nothing is lost in silence.</summary>
    /// <param name="payload">The payload; the records are slices of it.</param>
    public static IReadOnlyList<ReadOnlyMemory<byte>> Split(ReadOnlyMemory<byte> payload)
    {
        List<ReadOnlyMemory<byte>> records = [];
        var reader = new CborReader(payload, CborConformanceMode.Lax, allowMultipleRootLevelValues: true);
        int start = 0;
        try
        {
            while (reader.BytesRemaining > 0 && records.Count < RecordsMax)
            {
                reader.SkipValue();
                int end = payload.Length - reader.BytesRemaining;
                records.Add(payload[start..end]);
                start = end;
            }
        }
        catch (Exception e) when (e is CborContentException or InvalidOperationException)
        {
            // The rest is the last record: its decoder says what is wrong with it.
        }
        if (start < payload.Length || records.Count == 0)
            records.Add(payload[start..]);
        return records;
    }
}
