using SatNode.Protocol.Cbor;
using SatNode.Protocol.State;

namespace SatNode.Protocol.Tests.State;

public sealed class StateMessageTests
{
    private static readonly StateUpdate Update = new("run/1/frames", 7, 305, new byte[] { 1, 2, 3 },
        new("wildfire", "r1", "object-det", "detect", 800_000_000_000, 1, [new("run/1/frames", 7, 305), new("map", 1, 1)], 3), 2);

    [Fact]
    public void An_update_is_read_back()
    {
        var found = Assert.IsType<StateUpdate>(StateMessage.Decode(Update.Encode()));
        Assert.Equal(Update with { Bytes = found.Bytes, Trigger = found.Trigger }, found);
        Assert.Equal(Update.Bytes.ToArray(), found.Bytes.ToArray());
        Assert.Equal(Update.Trigger! with { Inputs = found.Trigger!.Inputs }, found.Trigger);
        Assert.Equal(Update.Trigger.Inputs, found.Trigger.Inputs);
    }

    [Fact]
    public void Messages_have_the_bytes_of_their_CDDL()
    {
        Assert.Equal("8701616b0205410af60c", Convert.ToHexStringLower(new StateUpdate("k", 2, 5, new byte[] { 10 }, null, 12).Encode()));
        Assert.Equal("850209616b0205", Convert.ToHexStringLower(new StateRequest(9, "k", 2, 5).Encode()));
        Assert.Equal("860309616b0000f6", Convert.ToHexStringLower(new StateReply(9, "k", 0, 0, null).Encode()));
        Assert.Equal("82046166", Convert.ToHexStringLower(new WarmRequest("f").Encode()));
        Assert.Equal("886177617261736166" + "83616b0205" + "1903e8" + "01" + "04",
            Convert.ToHexStringLower(new InvocationRequest("w", "r", "s", "f", new("k", 2, 5), new(1000), 1, 4).Encode()));
    }

    [Fact]
    public void Requests_replies_and_invocations_are_read_back()
    {
        var request = new StateRequest(9, "k", ulong.MaxValue, 5);
        Assert.Equal(request, StateMessage.Decode(request.Encode()));
        var reply = (StateReply)StateMessage.Decode(new StateReply(9, "k", 3, 4, new byte[] { 1 }).Encode());
        Assert.Equal((9UL, 3UL, 4UL, (byte)1), (reply.Id, reply.Version, reply.Origin, reply.Bytes!.Value.Span[0]));
        Assert.Equal(new WarmRequest("f"), StateMessage.Decode(new WarmRequest("f").Encode()));
        var invocation = new InvocationRequest("w", "r", "s", "f", new("k", 2, 5), new(1000), 16, 16);
        Assert.Equal(invocation, CborDecoder.Decode<InvocationRequest>(invocation.Encode()));
    }

    [Fact]
    public void Limits_are_reached_and_not_passed()
    {
        Assert.IsType<StateRequest>(StateMessage.Decode(new StateRequest(1, new('k', 200), 0, 1).Encode()));
        Assert.Throws<WireFormatException>(() => StateMessage.Decode(new StateRequest(1, new('k', 201), 0, 1).Encode()));
        Assert.Throws<WireFormatException>(() => StateMessage.Decode(new StateRequest(1, "", 0, 1).Encode()));
        Assert.IsType<WarmRequest>(StateMessage.Decode(new WarmRequest(new('f', 100)).Encode()));
        Assert.Throws<WireFormatException>(() => StateMessage.Decode(new WarmRequest(new('f', 101)).Encode()));
        Assert.Throws<WireFormatException>(() => StateMessage.Decode(new WarmRequest("").Encode()));
        Assert.IsType<StateUpdate>(StateMessage.Decode(new StateUpdate("k", 1, 1, new byte[StateLimits.MaxBytes], null, 0).Encode()));
        Assert.Throws<WireFormatException>(() => StateMessage.Decode(new StateUpdate("k", 1, 1, new byte[StateLimits.MaxBytes + 1], null, 0).Encode()));
        Assert.Throws<WireFormatException>(() => CborDecoder.Decode<InvocationRequest>(new InvocationRequest("w", "r", "s", "f", new("k", 2, 5), new(1), 17, 0).Encode()));
        Assert.Throws<WireFormatException>(() => CborDecoder.Decode<InvocationRequest>(new InvocationRequest("w", "r", "s", "f", new("k", 2, 5), new(1), 16, 17).Encode()));
        Assert.Throws<WireFormatException>(() => StateMessage.Decode((Update with { Depth = 17 }).Encode()));
        Assert.IsType<StateUpdate>(StateMessage.Decode((Update with { Version = StateLimits.MaxVersion }).Encode()));
        Assert.Throws<WireFormatException>(() => StateMessage.Decode((Update with { Version = StateLimits.MaxVersion + 1 }).Encode()));
        Assert.IsType<StateReply>(StateMessage.Decode(new StateReply(1, "k", StateLimits.MaxVersion, 1, null).Encode()));
        Assert.Throws<WireFormatException>(() => StateMessage.Decode(new StateReply(1, "k", StateLimits.MaxVersion + 1, 1, null).Encode()));
        StateReference[] inputs = Enumerable.Range(0, 65).Select(i => new StateReference("k", (ulong)i, 1)).ToArray();
        Assert.IsType<StateUpdate>(StateMessage.Decode((Update with { Trigger = Update.Trigger! with { Inputs = inputs[..64] } }).Encode()));
        Assert.Throws<WireFormatException>(() => StateMessage.Decode((Update with { Trigger = Update.Trigger! with { Inputs = inputs } }).Encode()));
    }

    [Fact]
    public void Any_changed_byte_or_cut_throws_the_one_exception_or_none()
    {
        byte[][] messages =
        [
            Update.Encode(), new StateRequest(9, "key", 2, 5).Encode(), new StateReply(9, "key", 1, 2, new byte[] { 4, 5 }).Encode(),
            new WarmRequest("detect").Encode(),
        ];
        int refused = 0;
        foreach (byte[] good in messages)
        {
            byte[] bad = [.. good];
            for (int at = 0; at < good.Length; at++)
            {
                for (int value = 0; value < 256; value++)
                {
                    bad[at] = (byte)value;
                    try
                    {
                        StateMessage.Decode(bad);
                    }
                    catch (WireFormatException)
                    {
                        refused++;
                    }
                }
                bad[at] = good[at];
                Assert.Throws<WireFormatException>(() => StateMessage.Decode(good.AsMemory(0, at)));
            }
        }
        Assert.True(refused > 1_000, $"{refused} refused");
    }
}
