using System.Formats.Cbor;
using CsCheck;
using SatNode.Protocol.Cbor;
using SatNode.Protocol.Dictionary;
using SatNode.Protocol.Telemetry;
using SatNode.Protocol.Time;

namespace SatNode.Protocol.Tests.Telemetry;

public sealed class TelemetryRecordTests
{
    private static readonly InvocationReport Invocation = new()
    {
        Function = "object-det",
        Version = "1.0.0",
        InvocationId = "p10-s03/1/7",
        Workflow = "wildfire",
        Run = "r1",
        Result = InvocationResult.Completed,
        Queued = new(1000),
        Started = new(2000),
        Ended = new(3000),
        Deadline = new(4000),
        CpuTime = TimeSpan.FromMilliseconds(812.5),
        Energy = new(1.25),
        Fuel = ulong.MaxValue,
        State = StateOrigin.Remote,
        Output = new byte[] { 1, 2, 3 },
        WallTime = TimeSpan.FromMilliseconds(900),
        MemoryBytesHighest = 131_072,
        InputBytes = 7,
        OutputBytes = 3,
        Start = InvocationStart.Warm,
        Limit = "limits.fanOutMax",
    };

    private static byte[] Hex(string hex) => Convert.FromHexString(hex.Replace(" ", "", StringComparison.Ordinal));

    [Fact] // by hand: [2, 7, 1000, [[1, 300.5], [3, 0.5]]]; numbers in their shortest form (RFC 8949 §4.2.1)
    public void Housekeeping_has_these_bytes()
    {
        byte[] encoded = new TelemetryRecord<Housekeeping>(2, 7, new(1000), new([new(1, 300.5), new(3, 0.5)])).Encode();
        Assert.Equal("840207" + "1903e8" + "82" + "8201f95cb2" + "8203f93800", Convert.ToHexStringLower(encoded));
    }

    [Fact] // by hand: [1, 1, 0, [26, 1, ["p01-s02"]]]
    public void An_event_has_these_bytes()
    {
        byte[] encoded = new TelemetryRecord<EventReport>(1, 1, new(0), new(Events.LinkUp.Id, Severity.Informative, ["p01-s02"])).Encode();
        Assert.Equal("84010100" + "83181a01" + "81677030312d733032", Convert.ToHexStringLower(encoded));
    }

    [Fact]
    public void Verification_has_these_bytes()
    {
        byte[] encoded = new TelemetryRecord<VerificationReport>(1, 2, new(3), new("c1", VerificationStage.Acceptance, FailureReason.Expired, "late")).Encode();
        Assert.Equal("84010203" + "84626331" + "0105" + "646c617465", Convert.ToHexStringLower(encoded));
    }

    [Fact]
    public void Every_kind_of_record_comes_back()
    {
        Back(new TelemetryRecord<LinkReport>(1, 2, new(3), new("p01-s02", true, 1, 2, 3, ulong.MaxValue)));
        Back(new TelemetryRecord<VerificationReport>(uint.MaxValue, long.MaxValue, DtnTime.Max, new("c1", VerificationStage.Completion, FailureReason.None, "")));
        TelemetryRecord<InvocationReport> invocation = CborDecoder.Decode<TelemetryRecord<InvocationReport>>(new TelemetryRecord<InvocationReport>(1, 2, new(3), Invocation).Encode());
        Assert.Equal([1, 2, 3], invocation.Body.Output.ToArray());
        Assert.Equal(Invocation, invocation.Body with { Output = Invocation.Output });
    }

    [Fact] // what agents wrote before starts, sizes and limits were in it; archives are full of them
    public void A_report_of_16_fields_is_still_read()
    {
        var reader = new CborReader(Invocation.Encode());
        reader.ReadStartArray();
        var writer = new CborWriter();
        writer.WriteStartArray(16);
        for (int i = 0; i < 16; i++)
            writer.WriteEncodedValue(reader.ReadEncodedValue().Span);
        writer.WriteEndArray();
        InvocationReport old = CborDecoder.Decode<InvocationReport>(writer.Encode());
        Assert.Equal(Invocation with { Output = old.Output, WallTime = default, MemoryBytesHighest = 0, InputBytes = 0, OutputBytes = 0, Start = InvocationStart.None, Limit = "" }, old);
        writer.Reset();
        writer.WriteStartArray(17);
        for (int i = 0; i < 17; i++)
            writer.WriteInt32(0);
        writer.WriteEndArray();
        Assert.StartsWith("invocation: byte 1 of 18: expected an array of 16 or 22, found 17", Assert.Throws<WireFormatException>(() => CborDecoder.Decode<InvocationReport>(writer.Encode())).Message, StringComparison.Ordinal);
    }

    private static void Back<T>(TelemetryRecord<T> record) where T : ICborMessage<T> => Assert.Equal(record, CborDecoder.Decode<TelemetryRecord<T>>(record.Encode()));

    [Fact]
    public void Event_arguments_of_every_type_come_back() =>
        Gen.OneOf(Gen.Long.Select(value => (ArgumentValue)value), Gen.Double.Select(value => (ArgumentValue)value), Gen.Bool.Select(value => (ArgumentValue)value),
            Gen.String.Select(value => (ArgumentValue)value), Gen.Byte.Array.Select(value => (ArgumentValue)value)).Array[0, EventReport.MaxArguments].Sample(arguments =>
            {
                EventReport back = CborDecoder.Decode<EventReport>(new EventReport(26, Severity.High, arguments).Encode());
                return back.Arguments.SequenceEqual(arguments);
            });

    [Fact]
    public void An_event_reads_as_text()
    {
        var report = new EventReport(Events.InvocationDeferred.Id, Severity.Low, ["f", "i", "board-temperature", 351.25, 348.15, "K", "later"]);
        Assert.Equal("invocation.deferred function=f invocation=i constraint=board-temperature predicted=351.25 limit=348.15 unit=K until=later", report.ToText());
        Assert.Equal(351.25, report.Find("predicted")!.Value.AsReal());
        Assert.Null(report.Find("nothing"));
        Assert.Equal("event-9999 argument0=1", new EventReport(9999, Severity.Low, [1L]).ToText());
    }

    [Theory]
    [InlineData("840207 1903e8 82 8203fb3fe0000000000000 8201fb4072c80000000000")] // not rising
    [InlineData("840207 1903e8 82 8201fb3fe0000000000000 8201fb4072c80000000000")] // twice
    [InlineData("840207 1903e8 81 8201fb7ff8000000000000")] // NaN
    [InlineData("840207 1903e8 81 8200fb3fe0000000000000")] // no parameter 0
    [InlineData("840207 1903e8 81 821a00010000fb3fe0000000000000")] // 17 bits
    [InlineData("840207 1903e8 80 00")] // a byte more
    [InlineData("830207 1903e8")] // a field less
    [InlineData("84 1b0000000100000000 07 1903e8 80")] // boot of 33 bits
    [InlineData("84 02 1bffffffffffffffff 1903e8 80")] // sequence of 64 bits
    [InlineData("84 02 07 1bffffffffffffffff 80")] // after the year 9999
    [InlineData("84 02 07 1903e8 9fff")] // indefinite
    public void Refuses_housekeeping_that_is_none(string hex) =>
        Assert.Throws<WireFormatException>(() => CborDecoder.Decode<TelemetryRecord<Housekeeping>>(Hex(hex)));

    [Fact]
    public void Takes_as_many_samples_as_there_may_be_and_no_more()
    {
        ParameterSample[] samples = [.. Enumerable.Range(1, Housekeeping.MaxSamples + 1).Select(id => new ParameterSample((ushort)id, id))];
        Assert.Equal(Housekeeping.MaxSamples, CborDecoder.Decode<Housekeeping>(new Housekeeping(samples[..^1]).Encode()).Samples.Count);
        Assert.Throws<WireFormatException>(() => CborDecoder.Decode<Housekeeping>(new Housekeeping(samples).Encode()));
    }

    [Fact] // no parser's exception of any other kind gets out
    public void Every_damaged_byte_and_every_cut_of_every_record_is_taken_or_refused()
    {
        Damage<TelemetryRecord<Housekeeping>>(new TelemetryRecord<Housekeeping>(2, 7, new(1000), new([new(1, 300.5), new(3, 0.5)])).Encode());
        Damage<TelemetryRecord<EventReport>>(new TelemetryRecord<EventReport>(1, 1, new(5), new(13, Severity.Low, ["f", 2L, 2.5, true, new byte[] { 1 }])).Encode());
        Damage<TelemetryRecord<VerificationReport>>(new TelemetryRecord<VerificationReport>(1, 2, new(3), new("c1", VerificationStage.Start, FailureReason.None, "x")).Encode());
        Damage<TelemetryRecord<LinkReport>>(new TelemetryRecord<LinkReport>(1, 2, new(3), new("p01-s02", true, 1, 2, 3, 4)).Encode());
        Damage<TelemetryRecord<InvocationReport>>(new TelemetryRecord<InvocationReport>(1, 2, new(3), Invocation).Encode());
    }

    private static void Damage<T>(byte[] encoded) where T : ICborMessage<T>
    {
        CborDecoder.Decode<T>(encoded);
        for (int i = 0; i < encoded.Length; i++)
        {
            byte good = encoded[i];
            for (int value = 0; value < 256; value++)
            {
                encoded[i] = (byte)value;
                TakeOrRefuse<T>(encoded);
            }
            encoded[i] = good;
            Assert.Throws<WireFormatException>(() => CborDecoder.Decode<T>(encoded.AsMemory(0, i)));
        }
    }

    private static void TakeOrRefuse<T>(byte[] encoded) where T : ICborMessage<T>
    {
        try
        {
            CborDecoder.Decode<T>(encoded);
        }
        catch (WireFormatException)
        {
        }
    }

    [Theory]
    [InlineData(0)]
    [InlineData(5)]
    public void Refuses_severities_and_stages_out_of_the_list(int number)
    {
        Assert.Throws<WireFormatException>(() => CborDecoder.Decode<EventReport>(new EventReport(1, (Severity)number, []).Encode()));
        Assert.Throws<WireFormatException>(() => CborDecoder.Decode<VerificationReport>(new VerificationReport("c", (VerificationStage)number, FailureReason.None, "").Encode()));
    }

    [Fact]
    public void Refuses_what_is_longer_than_its_kind_may_be() =>
        Assert.StartsWith("link: expected at most 256 bytes, found 257", Assert.Throws<WireFormatException>(() => CborDecoder.Decode<LinkReport>(new byte[257])).Message, StringComparison.Ordinal);

    [Fact] // half of a pair of surrogates fits no UTF-8; the cut must not make one
    public void Long_words_are_cut_between_characters()
    {
        string detail = new string('x', 1023) + "\U0001F600";
        Assert.Equal(new string('x', 1023), CborDecoder.Decode<VerificationReport>(new VerificationReport("c", VerificationStage.Start, FailureReason.None, detail).Encode()).Detail);
        Assert.Equal(new string('x', 1023), CborDecoder.Decode<InvocationReport>((Invocation with { Reason = detail }).Encode()).Reason);
    }
}
