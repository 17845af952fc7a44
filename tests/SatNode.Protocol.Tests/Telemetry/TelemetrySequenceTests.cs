using CsCheck;
using SatNode.Protocol.Cbor;
using SatNode.Protocol.Dictionary;
using SatNode.Protocol.Telemetry;
using SatNode.Protocol.Time;

namespace SatNode.Protocol.Tests.Telemetry;

public sealed class TelemetrySequenceTests
{
    private static byte[] Event(ulong sequence) => new TelemetryRecord<EventReport>(1, sequence, new DtnTime(1000), new(Events.TickSlipped.Id, Events.TickSlipped.Severity, [1.5, 3L])).Encode();

    [Fact]
    public void Records_one_after_the_other_come_apart_again()
    {
        byte[][] records = [.. Enumerable.Range(1, 100).Select(i => Event((ulong)i))];
        byte[] payload = [.. records.SelectMany(record => record)];
        Assert.Equal(records, TelemetrySequence.Split(payload).Select(record => record.ToArray()));
        Assert.Equal(records[0], Assert.Single(TelemetrySequence.Split(records[0])).ToArray());
    }

    [Fact]
    public void What_is_no_record_is_the_last_and_hides_none_before_it()
    {
        byte[] good = Event(1);
        Assert.Equal([good, [0xff, 1, 2]], TelemetrySequence.Split((byte[])[.. good, 0xff, 1, 2]).Select(record => record.ToArray()));
        Assert.Equal([good, good[..^1]], TelemetrySequence.Split((byte[])[.. good, .. good[..^1]]).Select(record => record.ToArray()));
        Assert.True(Assert.Single(TelemetrySequence.Split(default)).IsEmpty);
    }

    [Fact]
    public void More_records_than_the_bound_are_one_last_that_no_decoder_takes()
    {
        byte[] payload = new byte[TelemetrySequence.RecordsMax + 10]; // each byte is the number 0
        IReadOnlyList<ReadOnlyMemory<byte>> records = TelemetrySequence.Split(payload);
        Assert.Equal(TelemetrySequence.RecordsMax + 1, records.Count);
        Assert.Equal(10, records[^1].Length);
        Assert.Throws<WireFormatException>(() => CborDecoder.Decode<TelemetryRecord<EventReport>>(records[^1]));
    }

    [Fact]
    public void Whatever_comes_nothing_of_it_is_lost() => Gen.Byte.Array[0, 400].Sample(payload =>
        Assert.Equal(payload, TelemetrySequence.Split(payload).SelectMany(record => record.ToArray())));

    [Fact]
    public void A_plan_takes_all_in_order_and_keeps_its_bounds() => Gen.Int[1, 40_000].Array[0, 600].Sample(sizes =>
    {
        IReadOnlyList<int> plan = TelemetrySequence.Plan(sizes);
        Assert.Equal(sizes.Length, plan.Sum());
        int start = 0;
        foreach (int count in plan)
        {
            Assert.InRange(count, 1, TelemetrySequence.RecordsMax);
            Assert.True(count == 1 || sizes[start..(start + count)].Sum() <= TelemetrySequence.BytesMax);
            start += count;
        }
    });
}
